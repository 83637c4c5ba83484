//! Nothing like a credential may stand in a document: not by the name of its place, not by the look of its value.
//!
//! Looks at the whole JSON, members that mean nothing here included. Names the place and never the value. What it finds
//! are accidents and the lazy; a document is public either way, and no credential in one would ever be used.

mod looks;
mod names;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::documents::found::{Found, item, member};

pub(crate) use names::is_credential;

/// What the refusal says.
pub(crate) const MESSAGE: &str = "the document carries something like a credential; the operator gives it to the host alone, by `portcullis secret set`";

/// Members whose own members are names that an author chose, with a schema or a list of names each.
const NAMED: [&str; 6] =
    ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependentRequired"];

/// Members that give a schema's place a value.
const VALUES: [&str; 4] = ["default", "const", "example", "examples"];

/// Looks at everything.
pub(crate) fn scan(value: &Value) -> Found {
    let mut found = Found::default();
    walk(value, "", "", &mut found);
    found
}

/// Looks at everything of what would be written. What cannot be written cannot be looked at, and is a problem itself.
pub(crate) fn scan_written(document: &impl Serialize) -> Found {
    match serde_json::to_value(document) {
        Ok(value) => scan(&value),
        Err(error) => {
            let mut found = Found::default();
            found.add("", format!("cannot be written as JSON, and so not be looked at: {error}"));
            found
        }
    }
}

fn walk(value: &Value, at: &str, name: &str, found: &mut Found) {
    match value {
        Value::String(text) => {
            if let Some(what) = looks::like(text, name) {
                found.add(at, format!("looks like {what}"));
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                walk(inner, &item(at, index), name, found);
            }
        }
        Value::Object(map) => {
            pair(map, at, found);
            for (key, inner) in map {
                // The name itself is the value here: its place cannot be said without saying it.
                if let Some(what) = looks::like(key, "") {
                    found.add(at, format!("has a member whose name looks like {what}"));
                    continue;
                }
                let place = member(at, key);
                if is_credential(key) {
                    named_like_one(inner, &place, NAMED.contains(&name), found);
                }
                walk(inner, &place, key, found);
            }
        }
        _ => {}
    }
}

/// A member named like a credential: a value is refused, and so is a schema's where the member is a property.
fn named_like_one(value: &Value, at: &str, is_property: bool, found: &mut Found) {
    match value {
        Value::Object(schema) if is_property => values_of(schema, at, found),
        // `dependentRequired: {"password": ["user"]}` lists names.
        Value::Array(_) if is_property => {}
        _ if holds_text(value) => found.add(at, "is named like a credential and has a value"),
        _ => {}
    }
}

/// `{"name": "token", "default": …}`, as parameters, headers and variables are listed.
fn pair(map: &Map<String, Value>, at: &str, found: &mut Found) {
    let named = ["name", "key", "header"].iter().filter_map(|key| map.get(*key)?.as_str()).any(is_credential);
    if !named {
        return;
    }
    values_of(map, at, found);
    for key in ["value", "values"] {
        if map.get(key).is_some_and(holds_text) {
            found.add(member(at, key), "is the value of something named like a credential");
        }
    }
    if let Some(Value::Object(schema)) = map.get("schema") {
        values_of(schema, &member(at, "schema"), found);
    }
}

/// Values that a schema gives its place, in its branches too.
fn values_of(schema: &Map<String, Value>, at: &str, found: &mut Found) {
    for key in VALUES {
        if schema.get(key).is_some_and(holds_text) {
            found.add(member(at, key), "is the value of something named like a credential");
        }
    }
    for key in ["anyOf", "oneOf", "allOf", "items", "prefixItems", "if", "then", "else", "not"] {
        let place = member(at, key);
        match schema.get(key) {
            Some(Value::Object(inner)) => values_of(inner, &place, found),
            Some(Value::Array(branches)) => {
                for (index, branch) in branches.iter().enumerate() {
                    if let Value::Object(inner) = branch {
                        values_of(inner, &item(&place, index), found);
                    }
                }
            }
            _ => {}
        }
    }
}

fn holds_text(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => items.iter().any(holds_text),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
