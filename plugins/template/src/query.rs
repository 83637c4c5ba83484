//! The query, and how a value reads in it: form fields read the same, but for lists.

use portcullis_plugin::{Refusal, Value};

use crate::fill::Filled;
use crate::refused;

/// Pairs in the order of the keys that the action declares, not yet percent-encoded.
pub(crate) fn pairs(keys: &[String], inputs: &Filled<'_>) -> Result<Vec<(String, String)>, Refusal> {
    // An input that the schema names and the action does not declare: dropped in silence it would be a lie.
    if !inputs.iter().all(|(name, _)| keys.iter().any(|key| key == name)) {
        return Err(refused::broken());
    }
    let mut pairs = Vec::new();
    for key in keys {
        let Some((_, value)) = inputs.iter().find(|(name, _)| name == key) else { continue };
        let text = match value {
            Value::Array(items) => list(key, items)?,
            value => scalar(&["query", key], value)?,
        };
        pairs.extend(text.map(|text| (key.clone(), text)));
    }
    Ok(pairs)
}

/// Items with commas between them; an empty list is left out.
fn list(key: &str, items: &[Value]) -> Result<Option<String>, Refusal> {
    let mut texts = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let at = at.to_string();
        let place = ["query", key, &at];
        texts.push(scalar(&place, item)?.ok_or_else(|| refused::input(&place, "must not be null in a list"))?);
    }
    Ok((!texts.is_empty()).then(|| texts.join(",")))
}

/// Text as it is, a number or a boolean as JSON writes it; `null` is left out.
pub(crate) fn scalar(place: &[&str], value: &Value) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) => Ok(Some(value.to_string())),
        Value::Array(_) => Err(refused::input(place, "must not be a list here")),
        Value::Object(_) => Err(refused::input(place, "must not be an object here")),
    }
}
