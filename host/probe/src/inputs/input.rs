//! One input that passes its schema.

use serde::{Deserialize, Serialize};

/// What an input was made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A worked example of the manifest.
    Example,
    /// What an honest caller could send.
    Valid,
    /// At an edge of what the schema allows.
    Edge,
}

/// An input that the registry's check took.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    /// Which worked example it is.
    pub(crate) example: Option<usize>,
}
