//! How a caller wants to see an answer.

use portcullis_model::Refusal;
use serde::{Deserialize, Serialize};

use super::Selection;

/// How much of an answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseMode {
    /// In the form that the action declares.
    #[default]
    Full,
    /// A small summary, to save tokens.
    Compact,
    /// Only whether it went well.
    Ok,
}

/// How much, and which part.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// How much is given.
    pub mode: ResponseMode,
    /// Which part; all of it where there is none.
    pub select: Option<Selection>,
}

impl View {
    /// Reads what a caller asks for. Done before the call, so that a wrong path costs nothing.
    ///
    /// # Errors
    /// `bad-request`, as [`Selection::parse`].
    pub fn new(mode: ResponseMode, select: Option<&str>) -> Result<Self, Refusal> {
        Ok(Self { mode, select: select.map(Selection::parse).transpose()? })
    }
}
