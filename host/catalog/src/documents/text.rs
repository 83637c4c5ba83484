//! Prose and lines of a document that `model` does not see: bounded, and without characters that hide or reorder text.

use portcullis_model::deceives;

use crate::documents::found::Found;

/// One line.
pub(crate) fn line(found: &mut Found, at: &str, text: &str, max_chars: usize) {
    if text.contains('\n') {
        found.add(at, "expected one line");
    } else {
        prose(found, at, text, max_chars);
    }
}

/// As [`line`], with line feeds.
pub(crate) fn prose(found: &mut Found, at: &str, text: &str, max_chars: usize) {
    if text.trim().is_empty() || text.chars().nth(max_chars).is_some() {
        found.add(at, format!("expected 1 to {max_chars} characters"));
    } else if let Some(c) = text.chars().find(|c| *c != '\n' && deceives(*c)) {
        found.add(at, format!("U+{:04X} hides or reorders text", c as u32));
    }
}
