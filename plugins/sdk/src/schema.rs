//! The input schema of a type: what `schemars` derives, made strict.
//!
//! Strict means that the host refuses what the type would not take, or would drop in silence: members that it does not
//! have, and `null` where a member can be left out.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::Action;

impl Action {
    /// The input schema of a type, made strict: no members beyond those of its structs, and an `Option` is left out or
    /// given, never `null`. A struct with `#[schemars(extend("additionalProperties" = true))]` keeps its own word.
    #[must_use]
    pub fn input_of<T: JsonSchema>(self) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.meta_schema = None;
            settings.inline_subschemas = true;
        });
        let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
        if let Value::Object(root) = &mut schema {
            // The type's own name and comment are the author's; the action has a description of its own.
            root.remove("title");
            root.remove("description");
        }
        strict(&mut schema);
        self.input(schema)
    }
}

fn strict(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") || members.get("type").is_some_and(|kind| kind == "object") {
                close(members);
            }
            // Widths of Rust's numbers; JSON Schema knows no such formats.
            if matches!(members.get("format"), Some(Value::String(format)) if is_width(format)) {
                members.remove("format");
            }
            members.values_mut().for_each(strict);
        }
        Value::Array(items) => items.iter_mut().for_each(strict),
        _ => {}
    }
}

fn close(object: &mut Map<String, Value>) {
    if !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    let required = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        let optional = properties.iter_mut().filter(|(name, _)| !required.iter().any(|known| known == *name));
        optional.for_each(|(_, property)| without_null(property));
    }
}

/// Takes `null` out of what a member that may be left out can be.
fn without_null(property: &mut Value) {
    let Value::Object(members) = property else { return };
    if let Some(Value::Array(kinds)) = members.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            members.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = members.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let is_null = |case: &Value| case.get("type").is_some_and(|kind| kind == "null");
    let Some(Value::Array(cases)) = members.get_mut("anyOf") else { return };
    cases.retain(|case| !is_null(case));
    if let [Value::Object(only)] = cases.as_slice() {
        let only = only.clone();
        members.remove("anyOf");
        for (name, value) in only {
            members.entry(name).or_insert(value);
        }
    }
}

fn is_width(format: &str) -> bool {
    matches!(format, "float" | "double") || format.starts_with("int") || format.starts_with("uint")
}
