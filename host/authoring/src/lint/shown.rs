//! Whether a value could be of one form of a schema: just enough to tell which of several forms an example takes.
//!
//! No validator: it goes by types, constants, names of members and what must be there. The host's own validator decides
//! at `portcullis test` whether an example passes.

use serde_json::{Map, Value};

use super::schema::resolved;

/// Deepest value that is compared.
const MAX_DEPTH: usize = 32;

pub(super) fn could_be(root: &Value, schema: &Value, value: &Value, depth: usize) -> bool {
    let schema = resolved(root, schema);
    let Value::Object(members) = schema else { return *schema == Value::Bool(true) };
    if depth > MAX_DEPTH {
        return true;
    }
    let constant = members.get("const").is_none_or(|constant| constant == value);
    let listed = members.get("enum").and_then(Value::as_array).is_none_or(|list| list.contains(value));
    constant && listed && is_of_type(members, value) && fits(root, members, value, depth + 1)
}

fn is_of_type(members: &Map<String, Value>, value: &Value) -> bool {
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match members.get("type") {
        Some(Value::String(kind)) => is(kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// Members of an object, or items of a list.
fn fits(root: &Value, members: &Map<String, Value>, value: &Value, depth: usize) -> bool {
    let properties = members.get("properties").and_then(Value::as_object);
    match value {
        Value::Object(given) => {
            let required = members.get("required").and_then(Value::as_array).into_iter().flatten();
            let closed = members.get("additionalProperties") == Some(&Value::Bool(false));
            required.filter_map(Value::as_str).all(|name| given.contains_key(name))
                && given.iter().all(|(name, value)| match properties.and_then(|all| all.get(name)) {
                    Some(schema) => could_be(root, schema, value, depth),
                    None => !closed,
                })
        }
        Value::Array(items) => {
            members.get("items").is_none_or(|schema| items.iter().all(|item| could_be(root, schema, item, depth)))
        }
        _ => true,
    }
}
