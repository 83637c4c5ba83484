//! Definitions of declarative ports, for the tests of the template.

use std::sync::Arc;

use portcullis_model::{ActionDraft, Definition, Digest, ManifestDraft};
use serde_json::{Value, json};

/// An action that takes nothing, with some of its members others.
pub(crate) fn action(slug: &str, others: Value) -> ActionDraft {
    let mut action = json!({
        "slug": slug, "label": "Things", "description": "Reads things.", "method": "GET", "path": "/v1/things",
        "query": [], "headers": [], "body": "none", "input_schema": "{}", "output_schema": null,
        "approval": "automatic", "effect": "read", "result": "json",
        "traits": {"prompt_bearing": false, "billable": false},
        "examples": [{"title": "All", "input": "{}", "expected": {"method": "GET", "path": ["v1", "things"]}}],
    });
    let Value::Object(others) = others else { panic!("members are an object") };
    for (name, value) in others {
        action[name] = value;
    }
    serde_json::from_value(action).unwrap()
}

/// One that takes something everywhere: `PATCH /v1/things/{id}?page=`, with two members in its body.
pub(crate) fn change(slug: &str) -> ActionDraft {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["path"],
        "properties": {
            "path": {"type": "object", "additionalProperties": false, "required": ["id"],
                "properties": {"id": {"type": "string"}}},
            "query": {"type": "object", "additionalProperties": false,
                "properties": {"page": {"type": "integer", "default": 1}}},
            "body": {"type": "object", "additionalProperties": false,
                "properties": {"name": {"type": "string"}, "tags": {"type": "array"}}},
        },
    });
    action(
        slug,
        json!({
            "method": "PATCH", "path": "/v1/things/{id}", "query": ["page"], "body": "json", "effect": "write",
            "approval": "require_approval", "input_schema": schema.to_string(),
        }),
    )
}

/// A port with some actions.
pub(crate) fn manifest(actions: Vec<ActionDraft>) -> ManifestDraft {
    let port = json!({
        "slug": "things", "label": "Things", "description": "Keeps things.", "origin": "https://things.example.com",
        "auth": {"header": {"name": "x-things-key", "prefix": ""}}, "category": "storage", "tags": ["things"],
        "publisher": {"slug": "example", "name": "Example Ltd", "website_url": null},
    });
    ManifestDraft { version: "1.0.0".to_owned(), port: serde_json::from_value(port).unwrap(), actions }
}

/// A definition that the shipped template serves.
pub(crate) fn definition(actions: Vec<ActionDraft>) -> Arc<Definition> {
    served_by(portcullis_gateway::template(), actions)
}

/// A definition that these bytes serve.
pub(crate) fn served_by(template: &[u8], actions: Vec<ActionDraft>) -> Arc<Definition> {
    Arc::new(Definition::new(Digest::of(template), manifest(actions)).unwrap())
}
