//! Saying no.

use crate::{Refusal, RefusalReason};

impl Refusal {
    /// The manifest has no action of that name.
    #[must_use]
    pub fn unknown_action(action: &str) -> Self {
        Self { reason: RefusalReason::UnknownAction, message: format!("no action is called `{action}`"), pointer: None }
    }

    /// The input passed the schema but makes no request. `message` is one sentence for the caller.
    #[must_use]
    pub fn invalid_input(message: &str) -> Self {
        Self { reason: RefusalReason::InvalidInput, message: message.to_owned(), pointer: None }
    }

    /// Points at a property of the input by its name; the name is escaped as RFC 6901 asks.
    #[must_use]
    pub fn at(mut self, property: &str) -> Self {
        let name = property.replace('~', "~0").replace('/', "~1");
        self.pointer = Some(format!("/{name}"));
        self
    }
}
