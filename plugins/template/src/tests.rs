//! Each rule of how an input becomes a request, and each way in which a definition can be broken.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod bodies;
mod paths;
mod places;
mod queries;
mod reading;

use portcullis_plugin::{Body, Refusal, RefusalReason, Request, Value, json};

use crate::Definition;

/// An action by what the filling goes by.
struct Case {
    path: &'static str,
    query: Vec<&'static str>,
    body: &'static str,
    /// `properties` of the input schema.
    properties: Value,
}

impl Case {
    fn of(properties: Value) -> Self {
        Self { path: "/v1/things", query: Vec::new(), body: "none", properties }
    }

    fn text(&self) -> String {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": self.properties});
        let mut definition = whole();
        let action = &mut definition["manifest"]["actions"][0];
        action["path"] = json!(self.path);
        action["query"] = json!(self.query);
        action["body"] = json!(self.body);
        action["input_schema"] = json!(schema.to_string());
        definition.to_string()
    }

    fn request(&self, input: Value) -> Result<Request, Refusal> {
        Definition::read(&self.text()).unwrap().describe("do-thing", &input)
    }

    /// The pointer of a refusal that is the input's fault.
    fn refused_at(&self, input: Value) -> String {
        let refusal = self.request(input).unwrap_err();
        assert_eq!(refusal.reason, RefusalReason::InvalidInput, "{refusal:?}");
        refusal.pointer.unwrap()
    }

    /// Whether a refusal is the definition's fault.
    fn is_broken(&self, input: Value) -> bool {
        self.request(input) == Err(crate::refused::broken())
    }
}

/// A definition that says something of everything.
fn whole() -> Value {
    json!({
        "template": "sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "manifest": {
            "version": "1.2.3",
            "port": {
                "slug": "things", "label": "Things", "description": "Keeps things.",
                "origin": "https://things.example",
                "auth": {"header": {"name": "x-things-key", "prefix": "Key "}},
                "category": "Storage", "tags": ["things", "more"],
                "publisher": {"slug": "example", "name": "Example Ltd", "website_url": "https://example.com"},
            },
            "actions": [{
                "slug": "do-thing", "label": "Do a thing", "description": "Does it.",
                "method": "POST", "path": "/v1/things", "query": ["a"], "headers": ["x-trace"], "body": "json",
                "input_schema": "{}", "output_schema": "{\"type\":\"object\"}",
                "approval": "require_approval", "effect": "write", "result": "json_summary",
                "traits": {"prompt_bearing": true, "billable": false},
                "examples": [{
                    "title": "One", "input": "{}",
                    "expected": {
                        "method": "POST", "path": ["v1", "things"], "query": [["a", "1"]],
                        "headers": [["x-trace", "t"]], "body": {"json": "{\"b\":2}"},
                    },
                }],
            }],
        },
    })
}

fn json_body(text: &str) -> Option<Body> {
    Some(Body::Json(text.to_owned()))
}
