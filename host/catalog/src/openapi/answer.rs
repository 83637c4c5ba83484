//! What an operation answers: whether that can be handed on, and how.

use portcullis_model::ResultMode;
use serde_json::Value;

use super::description::Description;
use super::media::{Kind, essence, kind};
use super::reason::Reason;
use super::report::shown;

/// Answers of one operation that are looked at; there are five hundred statuses at most, and some ten in use.
const MAX_RESPONSES: usize = 100;

/// Media types of one answer that are looked at.
const MAX_TYPES: usize = 32;

/// How the answer is handed on, and whether the operation can also answer with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) result: ResultMode,
    pub(super) may_stream: bool,
}

impl Answer {
    /// By the media types of all answers that mean success. An answer without content counts as none of them, and as
    /// JSON where there is no other.
    pub(super) fn of(description: &Description, operation: &Value) -> Result<Self, Reason> {
        let types = types(description, operation)?;
        let first = |wanted: Kind| types.iter().find(|name| kind(name) == wanted);
        let stream = first(Kind::Stream);
        let may_stream = stream.is_some();
        if types.is_empty() || first(Kind::Json).is_some() {
            return Ok(Self { result: ResultMode::JsonSummary, may_stream });
        }
        if first(Kind::Text).is_some() {
            return Ok(Self { result: ResultMode::Text, may_stream });
        }
        match stream {
            Some(stream) if first(Kind::Binary).is_none() => Err(Reason::Streaming(shown(stream))),
            _ => {
                let listed: Vec<String> = types.iter().take(4).map(|name| format!("`{}`", shown(name))).collect();
                Err(Reason::BinaryAnswer(listed.join(", ")))
            }
        }
    }
}

/// Whether an operation answers with a stream at all.
pub(super) fn streams(description: &Description, operation: &Value) -> bool {
    types(description, operation).is_ok_and(|types| types.iter().any(|name| kind(name) == Kind::Stream))
}

fn types<'d>(description: &'d Description, operation: &'d Value) -> Result<Vec<&'d str>, Reason> {
    let Some(responses) = operation.get("responses").and_then(Value::as_object) else { return Ok(Vec::new()) };
    let mut types = Vec::new();
    let succeeds = |status: &str| status.starts_with('2');
    let looked_at = responses.iter().take(MAX_RESPONSES);
    let mut found: Vec<&Value> = looked_at.filter(|(status, _)| succeeds(status)).map(|(_, r)| r).collect();
    if found.is_empty() {
        found.extend(responses.get("default"));
    }
    for response in found {
        let content = description.resolve(response)?.get("content").and_then(Value::as_object);
        let names = content.into_iter().flat_map(|content| content.keys().take(MAX_TYPES));
        types.extend(names.map(|name| essence(name)));
    }
    Ok(types)
}
