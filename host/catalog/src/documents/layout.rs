//! The input schema of a declarative action: built from where each input goes, and read back into that.
//!
//! The layout is `{"path": {…}, "query": {…}, "body": …}`. What is built is read back exactly and has one text; reading
//! takes nothing that would not be built so.

use portcullis_model::BodyMode;
use serde_json::{Map, Value, json};

use crate::documents::action::{Inputs, Parameter, Place, WholeBody};
use crate::documents::definitions::Definitions;
use crate::documents::found::Found;

const PLACES: [(Place, &str); 3] = [(Place::Path, "path"), (Place::Query, "query"), (Place::Body, "body")];

/// Builds the schema. Problems of the inputs themselves are found elsewhere; here only what hangs on them can be too
/// much.
pub(crate) fn build(inputs: &Inputs, mode: BodyMode, definitions: &Definitions<'_>, found: &mut Found) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (place, name) in PLACES {
        let parameters: Vec<&Parameter> = inputs.parameters.iter().filter(|p| p.place == place).collect();
        if !parameters.is_empty() {
            let schema = of_place(&parameters);
            if schema.contains_key("required") {
                required.push(name);
            }
            properties.insert(name.to_owned(), Value::Object(schema));
        }
    }
    if mode == BodyMode::Json && !properties.contains_key("body") {
        let (schema, is_required) = match &inputs.body {
            Some(body) => (whole(&body.schema), body.required),
            // As public documents have it: any object, and one must be given.
            None => (any_object(), true),
        };
        if is_required {
            required.push("body");
        }
        properties.insert("body".to_owned(), schema);
    }
    let defs = definitions.closure(properties.values()).unwrap_or_else(|| {
        found.add("/inputs", "too much is shared with it: expected at most 512 KiB of schemas an action");
        Map::new()
    });
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("additionalProperties".to_owned(), false.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema.insert("properties".to_owned(), properties.into());
    if !defs.is_empty() {
        schema.insert("$defs".to_owned(), defs.into());
    }
    schema.into()
}

fn of_place(parameters: &[&Parameter]) -> Map<String, Value> {
    let required: Vec<&str> = parameters.iter().filter(|p| is_required(p)).map(|p| p.name.as_str()).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("additionalProperties".to_owned(), false.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    let properties: Map<String, Value> = parameters.iter().map(|p| (p.name.clone(), property(p))).collect();
    schema.insert("properties".to_owned(), properties.into());
    schema
}

/// The caller must give what has no default; a path has no gaps.
fn is_required(parameter: &Parameter) -> bool {
    (parameter.required || parameter.place == Place::Path) && default_of(parameter).is_none()
}

/// What is sent where the caller gives nothing, from the parameter or its schema.
pub(crate) fn default_of(parameter: &Parameter) -> Option<&Value> {
    parameter.default.as_ref().or_else(|| parameter.schema.as_ref()?.get("default"))
}

/// The parameter's schema, with description and default at its end, wherever they came from.
fn property(parameter: &Parameter) -> Value {
    let mut schema = match &parameter.schema {
        Some(Value::Object(schema)) => schema.clone(),
        Some(_) => Map::new(),
        // In a path and in a query everything is text.
        None if parameter.place == Place::Body => Map::new(),
        None => Map::from_iter([("type".to_owned(), "string".into())]),
    };
    let own_description = schema.shift_remove("description");
    let own_default = schema.shift_remove("default");
    if let Some(description) = parameter.description.clone().map(Value::String).or(own_description) {
        schema.insert("description".to_owned(), description);
    }
    if let Some(default) = parameter.default.clone().or(own_default) {
        schema.insert("default".to_owned(), default);
    }
    schema.into()
}

/// A body that is one value must not look like one of parameters, which takes defaults and an order from `properties`.
fn whole(schema: &Value) -> Value {
    match schema {
        Value::Object(map) if map.len() == 1 && map.contains_key("$ref") => schema.clone(),
        _ => json!({"allOf": [schema]}),
    }
}

fn any_object() -> Value {
    json!({"type": "object"})
}

/// Reads a schema of this layout back, with the schemas it shares. `None` for any other; whether all of it was
/// understood shows in building it again.
pub(crate) fn read(schema: &Value) -> Option<(Inputs, Map<String, Value>)> {
    let mut inputs = Inputs::default();
    let properties = schema.get("properties")?.as_object()?;
    let root_required = schema.get("required");
    for (place, name) in PLACES {
        let Some(part) = properties.get(name).and_then(Value::as_object) else { continue };
        match part.get("properties").and_then(Value::as_object) {
            Some(members) => {
                let required = part.get("required");
                for (name, property) in members {
                    inputs.parameters.push(parameter(name, place, property, lists(required, name))?);
                }
            }
            None if place == Place::Body => inputs.body = whole_body(part, lists(root_required, name)),
            None => return None,
        }
    }
    let defs = schema.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    Some((inputs, defs))
}

fn parameter(name: &str, place: Place, property: &Value, required: bool) -> Option<Parameter> {
    let mut schema = property.as_object()?.clone();
    let description = match schema.get("description") {
        Some(Value::String(_)) => schema.shift_remove("description"),
        _ => None,
    };
    // A default of `null` can only be said inside the schema: beside it, it would be one left out.
    let default = match schema.get("default") {
        Some(Value::Null) | None => None,
        Some(_) => schema.shift_remove("default"),
    };
    let description = description.and_then(|text| text.as_str().map(str::to_owned));
    Some(Parameter { name: name.to_owned(), place, schema: Some(schema.into()), default, required, description })
}

fn whole_body(part: &Map<String, Value>, required: bool) -> Option<WholeBody> {
    if required && any_object().as_object() == Some(part) {
        return None;
    }
    let schema = match part.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.clone(),
        _ => Value::Object(part.clone()),
    };
    Some(WholeBody { schema, required })
}

fn lists(required: Option<&Value>, name: &str) -> bool {
    required.and_then(Value::as_array).is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)))
}
