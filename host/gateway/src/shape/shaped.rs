//! An answer as it is handed out, with a count of everything that it leaves out.

use std::fmt;

use portcullis_model::ResultMode;
use serde::Serialize;
use serde_json::{Value, json};

use super::select::{Found, NotSelected};
use super::size::{is_large, is_long};
use super::summary::{Bounds, COMPACT, JSON_SUMMARY, SELECTED, Summary};
use super::{Content, ResponseMode, View};
use crate::apart::apart;

/// An answer, shaped.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Shaped {
    /// The answer: JSON where it is JSON, a string where it is text, a note where it is neither.
    pub result: Value,
    /// What it leaves out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// One place where something was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LeftOut {
    /// JSON Pointer (RFC 6901) into the result.
    pub at: String,
    /// How much.
    pub count: usize,
    /// Of what.
    pub of: What,
}

/// What can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Last items of an array.
    Items,
    /// Last members of an object.
    Members,
    /// Last bytes of a string.
    Bytes,
    /// Further places that leave something out and are not listed one by one.
    Places,
    /// The selection, since the answer is not JSON: this is all of it.
    SelectionOfNoJson,
    /// The selection, since it is too much work for so large an answer: this is all of it.
    SelectionTooCostly,
}

impl What {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Members => "members",
            Self::Bytes => "bytes",
            Self::Places => "places",
            Self::SelectionOfNoJson => "selection-of-no-json",
            Self::SelectionTooCostly => "selection-too-costly",
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Shaped {
    /// Shapes an answer. A selection is made in the whole of it, and what was found is bounded after that.
    ///
    /// A selection that cannot be made is left out and the answer given without it: it may have been paid for.
    #[must_use]
    pub fn new(content: &Content, declared: ResultMode, view: &View) -> Self {
        let bounds = match (view.mode, declared) {
            (ResponseMode::Ok, _) => return Self::whole(Value::Null),
            (ResponseMode::Compact, _) => Some(&COMPACT),
            (ResponseMode::Full, ResultMode::JsonSummary) => Some(&JSON_SUMMARY),
            (ResponseMode::Full, ResultMode::Json | ResultMode::Text) => None,
        };
        let (mut shaped, missed) = match (content, &view.select) {
            (Content::Json(value), Some(selection)) => apart(is_large(value), || match selection.find(value) {
                Ok(found) => (Self::found(&found, bounds.unwrap_or(&SELECTED)), None),
                Err(NotSelected::TooCostly) => (Self::json(value, bounds), Some(What::SelectionTooCostly)),
            }),
            (Content::Json(value), None) => (apart(is_large(value), || Self::json(value, bounds)), None),
            (Content::Text(text), select) => (
                apart(is_long(text.len()), || Self::text(text, bounds)),
                select.as_ref().map(|_| What::SelectionOfNoJson),
            ),
            (Content::Binary { content_type, bytes }, select) => {
                let note = json!({"binary": {"content_type": content_type, "bytes": bytes}});
                (Self::whole(note), select.as_ref().map(|_| What::SelectionOfNoJson))
            }
            (Content::Empty, _) => (Self::whole(Value::Null), None),
        };
        if let Some(of) = missed {
            shaped.left_out.insert(0, LeftOut { at: String::new(), count: 1, of });
        }
        shaped
    }

    fn whole(result: Value) -> Self {
        Self { result, left_out: Vec::new() }
    }

    fn json(value: &Value, bounds: Option<&'static Bounds>) -> Self {
        match bounds {
            Some(bounds) => Summary::new(bounds).of(value),
            None => Self::whole(value.clone()),
        }
    }

    fn found(found: &Found<'_>, bounds: &'static Bounds) -> Self {
        match found {
            Found::One(value) => Summary::new(bounds).of(value.unwrap_or(&Value::Null)),
            Found::List(nodes) => Summary::new(bounds).list(nodes),
        }
    }

    fn text(text: &str, bounds: Option<&'static Bounds>) -> Self {
        match bounds {
            Some(bounds) => Summary::new(bounds).text(text),
            None => Self::whole(Value::String(text.to_owned())),
        }
    }
}
