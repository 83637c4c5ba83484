//! The template: one component behind every port whose actions are data.
//!
//! It imports one function, `definition`, and serves what that says: the manifest in it is what it declares, and each
//! action's path, query keys and input schema say where an input goes. What is *not* here: any check of what a
//! definition declares. The host makes those, as for every plugin, and a description is only a claim to it.

mod action;
mod body;
mod definition;
mod fill;
mod import;
mod inputs;
mod members;
mod path;
mod port;
mod query;
mod refused;
mod schema;

/// The types that [`Template`] and [`Definition`] speak in.
pub use portcullis_plugin;
use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value};

pub use crate::definition::{Definition, NotADefinition};

/// The plugin. It reads its definition from the host; natively, where there is none, use [`Definition`].
#[derive(Debug)]
pub struct Template;

impl Plugin for Template {
    /// Traps where the definition cannot be read: declaring has no other way to say no, and to declare something else
    /// would be worse.
    fn manifest() -> Manifest {
        match Definition::read(&import::definition()) {
            Ok(definition) => definition.into_manifest(),
            Err(NotADefinition) => std::process::abort(),
        }
    }

    fn describe(action: &str, input: &Value) -> Result<Request, Refusal> {
        Definition::read(&import::definition()).map_err(|NotADefinition| refused::broken())?.describe(action, input)
    }
}

portcullis_plugin::export!(Template);

#[cfg(test)]
mod tests;
