//! The path: the template's segments, with inputs in place of its names.

use portcullis_plugin::template::{Part, parts};
use portcullis_plugin::{Refusal, Value};

use crate::fill::Filled;
use crate::refused;

/// Segments, not yet percent-encoded: whether each is fit for a path is the host's to check.
pub(crate) fn segments(template: &str, inputs: &Filled<'_>) -> Result<Vec<String>, Refusal> {
    let given = |name: &str| {
        let found = inputs.iter().find(|(input, _)| *input == name);
        found.map(|(_, value)| *value).ok_or_else(|| refused::input(&["path", name], "is part of the path and missing"))
    };
    let mut segments = Vec::new();
    for part in parts(template) {
        match part {
            Part::Literal(text) => segments.push(text.to_owned()),
            Part::One(name) => segments.push(segment(&["path", name], given(name)?)?),
            Part::Many(name) => {
                let Value::Array(values) = given(name)? else {
                    return Err(refused::input(&["path", name], "must be a list of segments"));
                };
                if values.is_empty() {
                    return Err(refused::input(&["path", name], "must have at least one segment"));
                }
                for (at, value) in values.iter().enumerate() {
                    segments.push(segment(&["path", name, &at.to_string()], value)?);
                }
            }
        }
    }
    let placed = |name: &str| parts(template).any(|part| matches!(part, Part::One(n) | Part::Many(n) if n == name));
    // An input that the schema names and the template does not: dropped in silence it would be a lie.
    if inputs.iter().all(|(name, _)| placed(name)) { Ok(segments) } else { Err(refused::broken()) }
}

fn segment(place: &[&str], value: &Value) -> Result<String, Refusal> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        _ => Err(refused::input(place, "is part of the path and must be text or a whole number")),
    }
}
