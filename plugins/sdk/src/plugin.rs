//! What an author implements.

use serde_json::Value;

use crate::{Manifest, Refusal, Request};

/// One plugin: two pure functions. [`export!`](crate::export) makes a component of it.
///
/// The same two functions can be called natively, which is how a plugin is unit-tested.
pub trait Plugin {
    /// What the plugin is: its port and its actions. Must return the same every time.
    fn manifest() -> Manifest;

    /// The one HTTP request that `action` with `input` stands for. The host has already checked `input`
    /// against the action's schema, and calls this once, in a fresh instance: nothing is remembered.
    ///
    /// # Errors
    /// A [`Refusal`] for an action that the manifest does not have, or an input that passed the schema
    /// and still makes no request.
    fn describe(action: &str, input: &Value) -> Result<Request, Refusal>;
}
