//! What a verification says: the log is whole, or where it first is not, and how.

use std::fmt;

use portcullis_policy::Seq;
use serde::{Deserialize, Serialize};

/// Where the chain ends. Worth noting somewhere else: `verify_against` finds by it that the whole folder was set back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// How many rows there are.
    pub rows: u64,
    /// Seal of the last one, in hexadecimal digits.
    pub head: String,
}

/// The end of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every row is the one written, in its place, and none is missing.
    Intact(ChainHead),
    /// Something is wrong.
    Broken(Breach),
}

/// The first thing that is wrong with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "breach", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Breach {
    /// A row says something else than what was written.
    Edited {
        /// The row.
        seq: Seq,
    },
    /// Rows were taken out of the middle.
    Missing {
        /// The first of them.
        seq: Seq,
        /// The next row that is there.
        next: Seq,
    },
    /// A row stands where another one was written.
    Reordered {
        /// The place.
        seq: Seq,
        /// Where the row that stands there was written.
        written_as: Seq,
    },
    /// Rows were taken off the end.
    Truncated {
        /// The first of them.
        seq: Seq,
        /// How many rows were written.
        rows: u64,
    },
    /// A row that was not written here.
    Extra {
        /// The row.
        seq: Seq,
    },
    /// The rows are sound, but the head is not the one written.
    HeadEdited,
    /// The rows are sound, but the head is gone.
    HeadMissing,
    /// Everything is sound, but it is not what was noted: the folder was set back, or is another one.
    RolledBack {
        /// The first row that is missing, or the noted one where it is another.
        seq: Seq,
        /// How many rows were noted.
        noted: u64,
    },
}

impl Breach {
    /// The first bad row; none where only the head is bad.
    #[must_use]
    pub fn first_bad(&self) -> Option<Seq> {
        match *self {
            Self::Edited { seq }
            | Self::Missing { seq, .. }
            | Self::Reordered { seq, .. }
            | Self::Truncated { seq, .. }
            | Self::Extra { seq }
            | Self::RolledBack { seq, .. } => Some(seq),
            Self::HeadEdited | Self::HeadMissing => None,
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { seq } => write!(f, "row {seq} is not what was written"),
            Self::Missing { seq, next } if next - seq == 1 => write!(f, "row {seq} is missing"),
            Self::Missing { seq, next } => write!(f, "rows {seq} to {} are missing", next - 1),
            Self::Reordered { seq, written_as } => write!(f, "row {seq} was written as row {written_as}"),
            Self::Truncated { seq, rows } => write!(f, "the log ends before row {seq}, but {rows} rows were written"),
            Self::Extra { seq } => write!(f, "row {seq} was not written by portcullis"),
            Self::HeadEdited => f.write_str("the rows are sound, but the head is not the one that was written"),
            Self::HeadMissing => f.write_str("the rows are sound, but the head is gone"),
            Self::RolledBack { seq, noted } => {
                write!(
                    f,
                    "the log is sound, but not the one that was noted with {noted} rows: it differs from row {seq} on"
                )
            }
        }
    }
}
