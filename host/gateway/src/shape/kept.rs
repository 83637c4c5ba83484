//! An answer as it is kept with the approval that it was given for.
//!
//! Holds no credential and no request. The number of the outcome's row in the audit log is not here: the answer is
//! written in the same step that makes the row.

use portcullis_model::ResultMode;
use portcullis_policy::CallId;
use serde::{Deserialize, Serialize};

use super::size::is_long;
use super::{Content, Shaped, View};
use crate::apart::apart;

/// The answer of a service, whole, for whoever asks for it later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The call.
    pub call: CallId,
    /// HTTP status.
    pub status: u16,
    /// Allowed response headers.
    pub headers: Vec<(String, String)>,
    /// What was answered.
    pub content: Content,
    /// The form that the action declared when it was called.
    pub declared: ResultMode,
    /// How many times the credential was found in the answer and taken out.
    pub scrubbed: usize,
    /// Time from the durable intent to the end of the answer, in microseconds.
    pub duration_us: u64,
}

impl Kept {
    /// As text, for the store.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn text(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Reads what [`Kept::text`] wrote; `None` where it is anything else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        apart(is_long(text.len()), || serde_json::from_str(text).ok())
    }

    /// The answer in the form that somebody asks for.
    #[must_use]
    pub fn shaped(&self, view: &View) -> Shaped {
        Shaped::new(&self.content, self.declared, view)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_read_back_as_it_was_kept() {
        let kept = Kept {
            call: CallId::from_random([7; 16]),
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            content: Content::Json(json!({"z": [1, 2.5], "a": null})),
            declared: ResultMode::JsonSummary,
            scrubbed: 1,
            duration_us: 1_234,
        };
        assert_eq!(Kept::read(&kept.text().unwrap()), Some(kept));
        assert_eq!(Kept::read("{}"), None);
        assert_eq!(Kept::read("not JSON"), None);
    }
}
