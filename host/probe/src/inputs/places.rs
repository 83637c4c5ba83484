//! The places of a value where another string or number may stand.

use serde_json::Value;

use crate::schema::escaped;

/// Most places looked at in one value.
const MAX_PLACES: usize = 200;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
}

/// Every place of this kind, as JSON Pointers.
pub(crate) fn places(value: &Value, kind: Kind) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, kind, String::new(), &mut found);
    found
}

fn walk(value: &Value, kind: Kind, at: String, found: &mut Vec<String>) {
    if found.len() >= MAX_PLACES {
        return;
    }
    match value {
        Value::String(_) if kind == Kind::Text => found.push(at),
        Value::Number(_) if kind == Kind::Number => found.push(at),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| walk(item, kind, format!("{at}/{index}"), found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| walk(member, kind, format!("{at}/{}", escaped(name)), found));
        }
        _ => {}
    }
}

/// Every object, as JSON Pointers.
pub(crate) fn objects(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: String, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, member)| walk(member, format!("{at}/{}", escaped(name)), found));
                found.push(at);
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, item)| walk(item, format!("{at}/{index}"), found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, String::new(), &mut found);
    found.truncate(MAX_PLACES);
    found
}

/// Puts another value at a place; gives what was there, so that it can be put back.
pub(crate) fn put(value: &mut Value, at: &str, new: Value) -> Option<Value> {
    value.pointer_mut(at).map(|place| std::mem::replace(place, new))
}

/// The same value with another one at a place.
pub(crate) fn with(value: &Value, at: &str, new: Value) -> Value {
    let mut changed = value.clone();
    put(&mut changed, at, new);
    changed
}
