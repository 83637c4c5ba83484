//! The part of an answer that a caller asks for: a JSONPath (RFC 9535).
//!
//! A path that names one place at most, without wildcard, slice, filter or `..`, gives the value there, or null where
//! there is nothing. Any other gives an array of what it found, in the order of the document, or empty. A path has to
//! keep the rules of [`super::path`], and is not run where the document makes it too much work: that is known before,
//! from what the path does and how large and deep the document is.

use portcullis_model::{Code, Refusal, Shown};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::path::{self, Shape};

/// Most work for one selection, in visits of a place: at 35 ns for the dearest that was found, about a second.
const MAX_WORK: usize = 32_000_000;
/// Bytes of a string that count as a visit, for where strings are compared.
const BYTES_A_VISIT: usize = 64;
/// Bytes of a path that a refusal shows.
const SHOWN_BYTES: usize = 200;
/// What a path can look like.
const EXAMPLE: &str = "select `$.data[*].id` or `$.data[?@.type == 'base'].name`";

/// A path that may be run over any answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    path: JsonPath,
    shape: Shape,
}

/// What a selection found.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'v> {
    /// Of a path that names one place.
    One(Option<&'v Value>),
    /// Of any other path.
    List(Vec<&'v Value>),
}

/// Why a selection was not made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotSelected {
    /// It could take seconds.
    TooCostly,
}

impl Selection {
    /// Reads a path.
    ///
    /// # Errors
    /// `bad-request` where it is not a JSONPath, or could be too much work.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refused = |what: String| {
            let shown = Shown::new(text).limit_bytes(SHOWN_BYTES);
            Refusal::new(Code::BadRequest, format!("`{shown}` cannot select: {what}")).fix(EXAMPLE)
        };
        let shape = path::read(text).map_err(refused)?;
        let path = JsonPath::parse(text).map_err(|error| {
            refused(format!("it is not a JSONPath (RFC 9535) from byte {} on: {}", error.position(), error.message()))
        })?;
        Ok(Self { path, shape })
    }

    /// Looks through a document.
    pub(super) fn find<'v>(&self, document: &'v Value) -> Result<Found<'v>, NotSelected> {
        if self.shape.singular {
            return Ok(Found::One(self.path.query(document).first()));
        }
        if self.work(document) > MAX_WORK {
            return Err(NotSelected::TooCostly);
        }
        Ok(Found::List(self.path.query(document).all()))
    }

    /// At most so many visits. Without `..` a step or a test looks at each place once; with it, a test can begin at
    /// every place and compare all that stands below, and what is found is handed up level by level.
    fn work(&self, document: &Value) -> usize {
        let mut size = Size::default();
        size.measure(document, 1);
        let Shape { steps, tests, comparisons, descends, .. } = self.shape;
        let visits = if descends { steps + tests + size.depth * (1 + comparisons) } else { 1 + tests + comparisons };
        size.visits.saturating_mul(visits)
    }
}

#[derive(Default)]
struct Size {
    visits: usize,
    depth: usize,
}

impl Size {
    fn measure(&mut self, value: &Value, depth: usize) {
        self.visits += 1;
        self.depth = self.depth.max(depth);
        match value {
            Value::String(text) => self.visits += text.len() / BYTES_A_VISIT,
            Value::Array(items) => items.iter().for_each(|item| self.measure(item, depth + 1)),
            Value::Object(members) => members.values().for_each(|member| self.measure(member, depth + 1)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
