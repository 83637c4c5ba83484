//! An import from one end to the other, on small descriptions, with the registry's own compiler of schemas.

mod any;
mod fixtures;
mod hostile;
mod inputs;
mod schemas;
mod service;

use portcullis_model::{ActionDraft, Refusal};
use portcullis_registry::Schema;
use serde_json::{Map, Value, json};

use super::{Imported, Note, SchemaCheck, Wishes, import};

/// Compiles schemas as they are compiled at install.
pub(super) struct Registry;

impl SchemaCheck for Registry {
    fn check(&self, schema: &Value, values: &[&Value]) -> Result<Vec<Option<String>>, String> {
        let schema = Schema::compile(schema, "port/action").map_err(|refusal| refusal.message().to_owned())?;
        let problem = |value: &&Value| {
            let refusal = schema.check(value).err()?;
            Some(refusal.places().iter().map(|d| format!("{} {}", d.at, d.what)).collect::<Vec<_>>().join("; "))
        };
        Ok(values.iter().map(problem).collect())
    }
}

fn wishes() -> Wishes {
    Wishes { port: "shop".parse().unwrap(), only: None, server: None }
}

fn text(text: &str) -> Result<Imported, Refusal> {
    import(text, &wishes(), &Registry)
}

fn value(description: &Value) -> Result<Imported, Refusal> {
    text(&description.to_string())
}

/// A description of these paths, in this version of OpenAPI.
fn description(version: &str, paths: Value) -> Value {
    json!({"openapi": version, "info": {"title": "Shop", "version": "1.0.0"},
        "servers": [{"url": "https://api.shop.example"}], "paths": paths})
}

fn with(mut description: Value, members: Value) -> Value {
    for (name, member) in members.as_object().unwrap() {
        description[name] = member.clone();
    }
    description
}

/// An operation that answers with JSON, and whatever else.
fn operation(members: Value) -> Value {
    with(json!({"responses": {"200": {"description": "fine", "content": {"application/json": {}}}}}), members)
}

/// The only operation, `GET /a`, with these parameters.
fn get(parameters: Value) -> Imported {
    value(&description("3.1.0", json!({"/a": {"get": operation(json!({"parameters": parameters}))}}))).unwrap()
}

/// The only operation, `POST /a`, with this schema of its JSON body.
fn post(version: &str, schema: Value, components: Value) -> Result<Imported, Refusal> {
    let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    let paths = json!({"/a": {"post": operation(json!({"requestBody": body}))}});
    value(&with(description(version, paths), json!({"components": {"schemas": components}})))
}

impl Imported {
    /// The declaration of the only action.
    fn only(&self) -> ActionDraft {
        let manifest = self.document.manifest().unwrap();
        assert_eq!(manifest.actions.len(), 1, "{:?}", self.left_out);
        manifest.actions[0].clone()
    }

    /// Its input schema.
    fn schema(&self) -> Value {
        serde_json::from_str(&self.only().input_schema).unwrap()
    }

    /// The schema of its body.
    fn body(&self) -> Value {
        let schema = self.schema()["properties"]["body"].clone();
        match schema["allOf"].as_array().map(Vec::as_slice) {
            Some([only]) => only.clone(),
            _ => schema,
        }
    }

    /// Shared schemas of the only action.
    fn defs(&self) -> Map<String, Value> {
        self.schema()["$defs"].as_object().cloned().unwrap_or_default()
    }

    /// Notes about operations.
    fn noted(&self) -> Vec<String> {
        let of_operations = self.notes.iter().filter(|note| note.operation.is_some());
        of_operations.map(|note| note.remark.to_string()).collect()
    }

    fn all_notes(&self) -> String {
        self.notes.iter().map(Note::to_string).collect::<Vec<_>>().join("\n")
    }

    /// What was left out, as `GET /a: reason`.
    fn out(&self) -> Vec<String> {
        self.left_out.iter().map(|left| format!("{}: {}", left.operation, left.reason)).collect()
    }
}
