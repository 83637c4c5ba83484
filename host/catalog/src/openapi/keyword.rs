//! Keywords of JSON Schema that hold data: which are known, and whether they have the shape that they must have.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::words;

/// Most bytes of a value that says something by way of example.
pub(super) const MAX_EXAMPLE_BYTES: usize = 4 << 10;

/// Most bytes of values that something must be one of.
const MAX_ENUM_BYTES: usize = 64 << 10;

/// Longest text of one schema, in characters.
const MAX_TITLE_CHARS: usize = 200;
const MAX_DESCRIPTION_CHARS: usize = 1_000;

/// What becomes of a keyword.
pub(super) enum Shape {
    /// As it is, or as it must be written.
    Keep(Value),
    /// Not as it must be: what was expected.
    Wrong(&'static str),
    /// No keyword that means anything here.
    Unknown,
}

/// A keyword that holds no schemas.
pub(super) fn plain(map: &Map<String, Value>, key: &str, value: &Value) -> Shape {
    let when = |fine: bool, expected| if fine { Shape::Keep(value.clone()) } else { Shape::Wrong(expected) };
    match key {
        "type" => types(value),
        "enum" => {
            let fine = value.as_array().is_some_and(|values| !values.is_empty() && is_data(value, MAX_ENUM_BYTES));
            when(fine, "expected a list of plain values")
        }
        "const" => when(is_data(value, MAX_ENUM_BYTES), "expected a plain value"),
        "default" => when(is_data(value, MAX_EXAMPLE_BYTES), "expected a short plain value"),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" | "minContains"
        | "maxContains" => count(value).map_or(Shape::Wrong("expected a count"), |count| Shape::Keep(json!(count))),
        "multipleOf" => when(value.as_f64().is_some_and(|number| number > 0.0), "expected a number over zero"),
        "uniqueItems" | "deprecated" | "readOnly" | "writeOnly" => when(value.is_boolean(), "expected true or false"),
        "format" => when(value.as_str().is_some_and(|name| name.len() <= 64), "expected a name"),
        "title" => text(words::line, value, MAX_TITLE_CHARS),
        "description" => text(words::block, value, MAX_DESCRIPTION_CHARS),
        "pattern" => Shape::Wrong("expected a text"),
        "required" => Shape::Wrong("expected a list of names"),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => bound(map, key, value),
        "dependentRequired" => {
            let names = |list: &Value| {
                let names: Option<BTreeSet<&str>> =
                    list.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
                names.is_some_and(|names| Some(names.len()) == list.as_array().map(Vec::len))
            };
            when(value.as_object().is_some_and(|map| map.values().all(names)), "expected lists of names, each once")
        }
        _ => Shape::Unknown,
    }
}

/// Limits that are exclusive by a truth value (OpenAPI 3.0): they have the name of what they exclude.
pub(super) fn bounds(map: &Map<String, Value>) -> impl Iterator<Item = (&'static str, Value)> {
    let pairs = [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")];
    pairs.into_iter().filter_map(|(exclusive, limit)| {
        let value = map.get(limit).filter(|value| value.is_number())?;
        (map.get(exclusive) == Some(&Value::Bool(true))).then(|| (exclusive, value.clone()))
    })
}

fn bound(map: &Map<String, Value>, key: &str, value: &Value) -> Shape {
    let excluded = match key {
        "minimum" => map.get("exclusiveMinimum"),
        "maximum" => map.get("exclusiveMaximum"),
        _ if value.is_boolean() => return Shape::Unknown,
        _ => None,
    };
    match value {
        Value::Number(_) if excluded == Some(&Value::Bool(true)) => Shape::Unknown,
        Value::Number(_) => Shape::Keep(value.clone()),
        _ => Shape::Wrong("expected a number"),
    }
}

/// The examples of a schema: `examples`, and the one `example` that OpenAPI adds.
pub(super) fn examples(map: &Map<String, Value>) -> Option<Value> {
    let listed = map.get("examples").and_then(Value::as_array).into_iter().flatten();
    let examples: Vec<Value> =
        listed.chain(map.get("example")).filter(|value| is_data(value, MAX_EXAMPLE_BYTES)).cloned().collect();
    (!examples.is_empty()).then_some(Value::Array(examples))
}

/// Names of members without the ones that only answers have.
pub(super) fn required(names: &[Value], read_only: &BTreeSet<String>) -> Option<Value> {
    let mut seen = BTreeSet::new();
    let names = names.iter().filter_map(Value::as_str).filter(|name| !read_only.contains(*name));
    let kept: Vec<&str> = names.filter(|name| seen.insert(*name)).collect();
    (!kept.is_empty()).then(|| json!(kept))
}

fn types(value: &Value) -> Shape {
    let known = |name: &Value| {
        name.as_str()
            .is_some_and(|name| ["null", "boolean", "string", "integer", "number", "array", "object"].contains(&name))
    };
    let mut kept: Vec<&Value> = Vec::new();
    match value {
        Value::Array(names) => {
            for name in names.iter().filter(|name| known(name)) {
                if !kept.contains(&name) {
                    kept.push(name);
                }
            }
            let all = names.iter().all(known) && !kept.is_empty();
            if all { Shape::Keep(json!(kept)) } else { Shape::Wrong("expected types of JSON") }
        }
        name if known(name) => Shape::Keep(name.clone()),
        _ => Shape::Wrong("expected a type of JSON"),
    }
}

fn text(clean: impl Fn(&str, usize) -> Option<String>, value: &Value, max_chars: usize) -> Shape {
    match value {
        Value::String(text) => clean(text, max_chars).map_or(Shape::Unknown, |text| Shape::Keep(text.into())),
        _ => Shape::Unknown,
    }
}

/// `10`, or `10.0` as some write it.
fn count(value: &Value) -> Option<u64> {
    let whole = |number: f64| (0.0..=9e15).contains(&number) && number.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and in range")]
    value.as_u64().or_else(|| value.as_f64().filter(|number| whole(*number)).map(|number| number as u64))
}

/// Whether a value is data that no reader of schemas takes for a schema with a reference of its own.
pub(super) fn is_data(value: &Value, max_bytes: usize) -> bool {
    fn plain(value: &Value) -> bool {
        match value {
            Value::Object(map) => {
                let words = ["$ref", "$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef"];
                !words.iter().any(|word| map.get(*word).is_some_and(Value::is_string)) && map.values().all(plain)
            }
            Value::Array(items) => items.iter().all(plain),
            _ => true,
        }
    }
    plain(value) && size(value) <= max_bytes
}

/// About how many bytes it takes as text.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 3,
        Value::Array(items) => items.iter().map(size).sum::<usize>() + 2,
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + 4 + size(value)).sum::<usize>() + 2,
        _ => 8,
    }
}
