//! One path segment that stays one path segment.
//!
//! Whatever an intermediary may decode, normalise or split on is refused, not escaped: `%2e%2e` is encoded
//! faithfully by us and decoded twice by somebody else.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

use crate::shown::{Shown, deceives};

/// Longest segment in bytes, before encoding.
const MAX_BYTES: usize = 256;

/// Everything but the unreserved characters of RFC 3986, section 2.3.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A checked value for a `{parameter}` of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment(String);

/// Why a string cannot be a segment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SegmentProblem {
    /// Nothing but white space.
    #[error("a path segment is empty")]
    Empty,
    /// Longer than 256 bytes.
    #[error("a path segment has {0} bytes, expected at most 256")]
    TooLong(usize),
    /// `.` or `..`, with or without white space around it.
    #[error("`{0}` is a relative path segment")]
    Relative(String),
    /// A character that could split, end or hide something.
    #[error("path segment `{0}` holds {1}, which no segment may")]
    Forbidden(String, String),
}

impl Segment {
    /// Checks one value.
    ///
    /// # Errors
    /// The first problem found.
    pub fn parse(text: &str) -> Result<Self, SegmentProblem> {
        if text.len() > MAX_BYTES {
            return Err(SegmentProblem::TooLong(text.len()));
        }
        // Servers that trim a segment would find it empty or relative: `DELETE /things/%20` must not be `DELETE /things/`.
        match text.trim() {
            "" => return Err(SegmentProblem::Empty),
            "." | ".." => return Err(SegmentProblem::Relative(text.to_owned())),
            _ => {}
        }
        match text.chars().find(|c| matches!(c, '/' | '\\' | '%' | ';') || deceives(*c)) {
            Some(c) => Err(SegmentProblem::Forbidden(
                Shown::new(text).to_string(),
                if deceives(c) { format!("U+{:04X}", c as u32) } else { format!("`{c}`") },
            )),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The value, not encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as it stands in a URL.
    #[must_use]
    pub fn encoded(&self) -> String {
        utf8_percent_encode(&self.0, ENCODED).to_string()
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
