//! Building a manifest.

use crate::{Action, Manifest, Port};

impl Manifest {
    /// A manifest without actions yet. `version` follows Semantic Versioning; `env!("CARGO_PKG_VERSION")` is the usual one.
    #[must_use]
    pub fn new(version: &str, port: Port) -> Self {
        Self { version: version.to_owned(), port, actions: Vec::new() }
    }

    /// Adds an action.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// Adds actions, in order.
    #[must_use]
    pub fn actions(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        self.actions.extend(actions);
        self
    }
}
