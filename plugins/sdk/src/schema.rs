//! The input schema of a type: what `schemars` derives, made strict.
//!
//! Strict means that the host refuses what the type would not take, or would drop in silence: members that it does not
//! have, and `null` where a member can be left out. Not here: bounds of strings and lists, which only an author knows.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

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
        let mut schema = settings.into_generator().into_root_schema_for::<T>();
        // The type's own name and comment are for those who read the code; the action has a description of its own.
        schema.remove("title");
        schema.remove("description");
        strict(&mut schema);
        self.input(schema.to_value())
    }
}

/// Closes each object, and keeps `null` and the widths of Rust's numbers out.
fn strict(schema: &mut Schema) {
    if schema.get("format").and_then(Value::as_str).is_some_and(is_width) {
        schema.remove("format");
    }
    if schema.get("properties").is_some() || schema.get("type").is_some_and(|kind| kind == "object") {
        if schema.get("additionalProperties").is_none() {
            schema.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            let optional = properties.iter_mut().filter(|(name, _)| !required.iter().any(|known| known == *name));
            optional.for_each(|(_, property)| without_null(property));
        }
    }
    transform_subschemas(&mut strict, schema);
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
    let Some(Value::Array(cases)) = members.get_mut("anyOf") else { return };
    cases.retain(|case| case.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = cases.as_slice() {
        let only = only.clone();
        members.remove("anyOf");
        for (name, value) in only {
            members.entry(name).or_insert(value);
        }
    }
}

/// Widths that `schemars` notes as formats; JSON Schema knows none of them.
fn is_width(format: &str) -> bool {
    matches!(format, "float" | "double") || format.starts_with("int") || format.starts_with("uint")
}

#[cfg(test)]
mod tests;
