//! The scrubbed answer in the form its action declares.
//!
//! A summary is deterministic and bounded, and says of each place how much it left out.

use portcullis_egress::ScrubbedResponse;
use portcullis_model::{ResultMode, Shown};
use serde::Serialize;
use serde_json::{Value, json};

/// Items of an array in a summary.
const MAX_ITEMS: usize = 50;
/// Bytes of a string in a summary.
const MAX_STRING_BYTES: usize = 4_000;
/// Nesting in a summary.
const MAX_DEPTH: usize = 16;
/// Places in a summary, over all arrays and objects.
const MAX_PLACES: usize = 2_000;

/// An answer, shaped.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shaped {
    /// The answer: JSON where it is JSON, a string where it is text, a note where it is neither.
    pub result: Value,
    /// What a summary left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// One place where something was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// JSON Pointer (RFC 6901) into the answer.
    pub at: String,
    /// How much: array items, object members, or bytes of a string.
    pub count: usize,
    /// Which of them.
    pub of: &'static str,
}

impl Shaped {
    /// Shapes an answer. An answer of another kind than declared is given by its type, never garbled.
    #[must_use]
    pub fn new(response: &ScrubbedResponse, mode: ResultMode) -> Self {
        let whole = |result| Self { result, left_out: Vec::new() };
        let body = response.body();
        if body.is_empty() {
            return whole(Value::Null);
        }
        let Ok(text) = std::str::from_utf8(body) else {
            let kind = response.content_type().unwrap_or("unknown");
            return whole(json!({"binary": {"content_type": Shown::new(kind).to_string(), "bytes": body.len()}}));
        };
        match (mode, serde_json::from_str::<Value>(text)) {
            (ResultMode::Text, _) | (_, Err(_)) => whole(Value::String(text.to_owned())),
            (ResultMode::Json, Ok(value)) => whole(value),
            (ResultMode::JsonSummary, Ok(value)) => {
                let mut summary = Summary { left_out: Vec::new(), places: 0 };
                let result = summary.cut(value, &mut String::new(), 0);
                Self { result, left_out: summary.left_out }
            }
        }
    }
}

struct Summary {
    left_out: Vec<LeftOut>,
    places: usize,
}

impl Summary {
    fn cut(&mut self, value: Value, at: &mut String, depth: usize) -> Value {
        self.places += 1;
        match value {
            Value::Array(items) => {
                let keep = self.room(items.len().min(MAX_ITEMS), depth);
                self.note(at, items.len() - keep, "items");
                let kept = items.into_iter().take(keep).enumerate();
                Value::Array(kept.map(|(index, item)| self.inside(item, at, &index.to_string(), depth)).collect())
            }
            Value::Object(members) => {
                let keep = self.room(members.len(), depth);
                self.note(at, members.len() - keep, "members");
                let kept = members.into_iter().take(keep);
                Value::Object(
                    kept.map(|(name, member)| {
                        let cut = self.inside(member, at, &name.replace('~', "~0").replace('/', "~1"), depth);
                        (name, cut)
                    })
                    .collect(),
                )
            }
            Value::String(text) if text.len() > MAX_STRING_BYTES => {
                let end = text.floor_char_boundary(MAX_STRING_BYTES);
                self.note(at, text.len() - end, "bytes");
                Value::String(text[..end].to_owned())
            }
            other => other,
        }
    }

    fn inside(&mut self, value: Value, at: &mut String, step: &str, depth: usize) -> Value {
        let length = at.len();
        at.push('/');
        at.push_str(step);
        let cut = self.cut(value, at, depth + 1);
        at.truncate(length);
        cut
    }

    fn room(&self, wanted: usize, depth: usize) -> usize {
        if depth >= MAX_DEPTH { 0 } else { wanted.min(MAX_PLACES.saturating_sub(self.places)) }
    }

    fn note(&mut self, at: &str, count: usize, of: &'static str) {
        if count > 0 {
            self.left_out.push(LeftOut { at: at.to_owned(), count, of });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(value: Value) -> (Value, Vec<LeftOut>) {
        let mut summary = Summary { left_out: Vec::new(), places: 0 };
        let result = summary.cut(value, &mut String::new(), 0);
        (result, summary.left_out)
    }

    #[test]
    fn a_summary_is_bounded_and_counts_what_it_left_out() {
        let long = "é".repeat(3_000);
        let (result, left_out) = summary(json!({"a": vec![0; 120], "s/~": long}));
        assert_eq!(result["a"].as_array().map(Vec::len), Some(MAX_ITEMS));
        assert_eq!(result["s/~"].as_str().map(str::len), Some(MAX_STRING_BYTES));
        assert_eq!(
            left_out,
            [
                LeftOut { at: "/a".into(), count: 70, of: "items" },
                LeftOut { at: "/s~1~0".into(), count: 2_000, of: "bytes" }
            ]
        );
    }

    #[test]
    fn a_small_answer_is_left_whole() {
        let value = json!({"data": [{"id": "m"}], "n": 1.5, "none": null});
        assert_eq!(summary(value.clone()), (value, Vec::new()));
    }

    #[test]
    fn a_wide_or_deep_answer_cannot_flood() {
        let wide =
            json!((0..50).map(|_| json!((0..50).map(|n| json!({"n": n})).collect::<Vec<_>>())).collect::<Vec<_>>());
        let (result, left_out) = summary(wide);
        assert!(result.to_string().len() < 40_000);
        assert!(!left_out.is_empty());
        let mut deep = json!(1);
        for _ in 0..60 {
            deep = json!([deep]);
        }
        assert!(!summary(deep).1.is_empty());
    }
}
