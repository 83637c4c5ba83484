//! What an import left out and what it changed, each with the reason.
//!
//! Nothing is left out in silence: an operation that becomes no action is a [`LeftOut`], and whatever an action lacks of
//! its operation is a [`Note`].

use std::fmt;

use portcullis_model::Shown;
use serde::Serialize;

use super::reason::Reason;
use super::remark::Remark;

/// An operation that is no action of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Such as `POST /v1/files`.
    pub operation: String,
    /// Why.
    pub reason: Reason,
}

/// Something that a person should know of what was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The operation; none where it is about the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What.
    pub remark: Remark,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.operation {
            Some(operation) => write!(f, "{operation}: {}", self.remark),
            None => write!(f, "{}", self.remark),
        }
    }
}

/// A stranger's words in one line.
pub(super) fn shown(text: &str) -> String {
    Shown::new(text).to_string()
}
