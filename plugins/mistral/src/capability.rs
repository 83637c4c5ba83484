//! One action as this plugin writes it down.

use portcullis_plugin::{Action, Route};

/// A named route, its input schema, and the rest of its declaration.
pub(crate) struct Capability {
    /// The action's name.
    pub(crate) slug: &'static str,
    /// Where each input property goes. A call needs only this, so that describing stays cheap.
    pub(crate) route: Route,
    /// JSON Schema of the input.
    pub(crate) schema: &'static str,
    /// Adds what a person or a policy should know.
    pub(crate) declare: fn(Action) -> Action,
}

impl Capability {
    /// The declaration for the manifest.
    pub(crate) fn action(&self) -> Action {
        (self.declare)(self.route.action(self.slug).input(self.schema))
    }
}
