//! The one thing an import asks of another room: whether a schema can be used, and what it takes.

use serde_json::Value;

/// Tries schemas as they will be tried once the port is installed.
///
/// The registry compiles schemas, and this crate does not know the registry. An import that only guessed what will
/// compile would give documents of which one action out of hundreds keeps the whole port from being installed.
pub trait SchemaCheck {
    /// Compiles a schema, and says of each value what is wrong with it; nothing where it passes. All words must be safe
    /// to show.
    ///
    /// # Errors
    /// Why the schema cannot be used.
    fn check(&self, schema: &Value, values: &[&Value]) -> Result<Vec<Option<String>>, String>;
}
