//! Whether a request that the route check refuses is the plugin's doing, or only holds what its caller gave it.
//!
//! A plugin that passes `..` on from its input to the place where it declares a parameter has not left its declaration:
//! the host refuses the caller's value. One that writes `..` by itself has. The test is to put something harmless in the
//! place of whatever stands in the input word by word: what is refused then as well is the plugin's own.

use std::collections::HashSet;
use std::sync::Arc;

use portcullis_model::{Binding, Code, Description, RoutedRequest, Segment};
use serde_json::Value;

/// Most segments of a path that a template may stand for.
const MAX_SEGMENTS: usize = 32;

/// Bytes of a query value that no URL is too long for.
const SHORT: usize = 16;

/// Whether the caller's own values alone are to blame.
pub(crate) fn is_to_blame(description: &Description, input: &str, binding: &Arc<Binding>) -> bool {
    let Ok(input) = serde_json::from_str::<Value>(input) else { return false };
    let mut given = HashSet::new();
    strings(&input, &mut given);
    let harmless = |text: &String| if given.contains(text) { "x".to_owned() } else { text.clone() };
    let mut cleaned = description.clone();
    let mut path = Vec::new();
    for segment in &description.path {
        // A literal of the template is fit by itself, and may be a word of the input as well.
        let fit = Segment::parse(segment).is_ok();
        if path.len() < MAX_SEGMENTS || !given.contains(segment) {
            path.push(if fit { segment.clone() } else { harmless(segment) });
        }
    }
    cleaned.path = path;
    cleaned.headers = description.headers.iter().map(|(name, value)| (name.clone(), harmless(value))).collect();
    // A query holds any value; only the URL as a whole may get too long.
    let cut = |value: &str| value.chars().take(SHORT).collect::<String>();
    cleaned.query = description.query.iter().map(|(key, value)| (key.clone(), cut(value))).collect();
    RoutedRequest::check(cleaned, binding.clone()).is_ok()
}

/// Whether a refusal of the route check can be a caller's doing at all.
pub(crate) fn may_be(code: Code) -> bool {
    matches!(code, Code::BadSegment | Code::ForbiddenHeader | Code::UndeclaredRoute)
}

fn strings(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        _ => {}
    }
}
