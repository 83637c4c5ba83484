//! Saying no: where in the input, or that it is the definition's fault.

use portcullis_plugin::{Refusal, RefusalReason};

/// The input makes no request. `place` leads to what is at fault, name by name.
pub(crate) fn input(place: &[&str], why: &str) -> Refusal {
    let name = place.last().copied().unwrap_or_default();
    let escaped = place.iter().map(|token| format!("/{}", token.replace('~', "~0").replace('/', "~1")));
    Refusal {
        reason: RefusalReason::InvalidInput,
        message: format!("`{name}` {why}"),
        pointer: Some(escaped.collect::<String>()),
    }
}

/// The definition makes no request, whatever the input.
pub(crate) fn broken() -> Refusal {
    Refusal {
        reason: RefusalReason::UnknownAction,
        message: "the definition of this action cannot be followed".to_owned(),
        pointer: None,
    }
}
