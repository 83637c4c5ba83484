//! Several schemas of one place as one: references followed, `allOf` taken together, bounds drawn in.
//!
//! Good enough to make a value by; what gets lost is found out when the value is tried against the whole.

use serde_json::{Map, Value, json};

/// Most references and branches within one another at one place.
const MAX_NESTING: usize = 32;

/// What the merging may cost.
pub(super) struct Budget {
    pub(super) steps: usize,
    nesting: usize,
}

impl Budget {
    pub(super) fn of(steps: usize) -> Self {
        Self { steps, nesting: 0 }
    }
}

/// A schema without `$ref` and `allOf` of its own. `None` where the budget ends first, as it does in a loop.
pub(super) fn flat(root: &Value, schema: &Map<String, Value>, left: &mut Budget) -> Option<Map<String, Value>> {
    left.steps = left.steps.checked_sub(1)?;
    if left.nesting == MAX_NESTING {
        return None;
    }
    left.nesting += 1;
    let merged = unfolded(root, schema, left);
    left.nesting -= 1;
    merged
}

fn unfolded(root: &Value, schema: &Map<String, Value>, left: &mut Budget) -> Option<Map<String, Value>> {
    let mut own = schema.clone();
    let reference = own.shift_remove("$ref");
    let all = own.shift_remove("allOf");
    let mut merged = own;
    if let Some(reference) = reference.as_ref().and_then(Value::as_str) {
        let target = target(root, reference)?;
        if let Value::Object(target) = target {
            merged = both(root, &merged, target, left)?;
        }
    }
    for branch in all.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
        merged = both(root, &merged, branch, left)?;
    }
    Some(merged)
}

/// What a reference of a built schema leads to.
pub(super) fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = percent_encoding::percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
    root.pointer(&pointer)
}

/// A flat schema and another one, flattened.
pub(super) fn both(
    root: &Value,
    one: &Map<String, Value>,
    other: &Map<String, Value>,
    left: &mut Budget,
) -> Option<Map<String, Value>> {
    let other = flat(root, other, left)?;
    let mut merged = one.clone();
    for (keyword, new) in other {
        let value = match merged.get(&keyword) {
            None => new,
            Some(old) => match keyword.as_str() {
                "properties" => properties(old, new),
                "required" => union(old, new),
                "enum" => common(old, &new),
                "type" => types(old, &new),
                "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                    if old.as_f64() < new.as_f64() { new } else { old.clone() }
                }
                "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                    if old.as_f64() > new.as_f64() { new } else { old.clone() }
                }
                _ => old.clone(),
            },
        };
        merged.insert(keyword, value);
    }
    Some(merged)
}

fn properties(old: &Value, new: Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return old.clone() };
    let mut members = old.clone();
    for (name, schema) in new {
        let schema = match old.get(&name) {
            Some(first) => json!({"allOf": [first, schema]}),
            None => schema,
        };
        members.insert(name, schema);
    }
    members.into()
}

fn union(old: &Value, new: Value) -> Value {
    let (Value::Array(old), Value::Array(new)) = (old, new) else { return old.clone() };
    let mut names = old.clone();
    names.extend(new.into_iter().filter(|name| !old.contains(name)));
    names.into()
}

fn common(old: &Value, new: &Value) -> Value {
    let (Value::Array(old), Value::Array(new)) = (old, new) else { return old.clone() };
    old.iter().filter(|value| new.contains(value)).cloned().collect::<Vec<_>>().into()
}

/// The types that both allow; `integer` is a `number`.
fn types(old: &Value, new: &Value) -> Value {
    let list = |value: &Value| match value {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let (old, new) = (list(old), list(new));
    let within =
        |kinds: &[Value], kind: &Value| kinds.contains(kind) || kind == "integer" && kinds.contains(&json!("number"));
    let mut kinds: Vec<Value> = old.iter().filter(|kind| within(&new, kind)).cloned().collect();
    kinds.extend(new.iter().filter(|kind| within(&old, kind) && !old.contains(kind)).cloned());
    kinds.into()
}
