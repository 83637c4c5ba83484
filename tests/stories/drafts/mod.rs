//! What an agent proposes: tried and mended by it, published by the operator, and by nobody else.

mod hostile;
mod over_http;
mod over_mcp;
mod terminal;
mod trials;

use serde_json::{Value, json};

use crate::doors::asked::Reply;
use crate::doors::served::{Served, token};
use crate::home::Home;

/// A template that keeps every rule: a read that the port's own plugin does not have under this name.
pub(crate) const PEEK: &str = r#"{
    "slug": "peek-model", "label": "Peek at a model", "description": "Looks at one model.", "method": "GET",
    "path": "/v1/models/{id}",
    "inputs": {"parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}, "required": true}]},
    "approvalMode": "automatic", "requestBodyMode": "none", "resultMode": "json"
}"#;

/// A test of it.
pub(crate) const PEEKED: &str = r#"{"input":{"path":{"id":"mistral-small-latest"}}}"#;

/// The same, live.
const PEEKED_LIVE: &str = r#"{"live":true,"input":{"path":{"id":"mistral-small-latest"}}}"#;

/// An agent that may call and propose for mistral; gives its token.
pub(crate) fn proposer(home: &Home, name: &str) -> String {
    token(home, ["agent", "create", name, "--actions", "mistral/*", "--propose", "mistral", "--json"])
}

/// What proposes this template.
pub(crate) fn new_draft(template: &str) -> String {
    format!("{{\"port\":\"mistral\",\"template\":{template}}}")
}

/// PEEK with some members others.
pub(crate) fn peek(changes: Value) -> String {
    let mut template: Value = serde_json::from_str(PEEK).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        template[name] = value.clone();
    }
    template.to_string()
}

/// Makes a draft; gives its address.
#[track_caller]
pub(crate) fn made(served: &Served, token: &str, template: &str) -> String {
    let draft = served.post("/v1/drafts", token, &new_draft(template)).is(201);
    let id = draft.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(draft.header("location"), Some(format!("/v1/drafts/{id}").as_str()));
    format!("/v1/drafts/{id}")
}

/// Makes a draft and requests it; gives its address and the digest of its content.
#[track_caller]
pub(crate) fn requested(served: &Served, token: &str, template: &str) -> (String, String) {
    let at = made(served, token, template);
    let draft = served.post(&format!("{at}/request"), token, "{}").is(200).json();
    assert_eq!(draft["state"], "requested");
    (at, draft["digest"].as_str().unwrap().to_owned())
}

fn yes_to(digest: &str) -> String {
    json!({"digest": digest}).to_string()
}

/// Places that a refusal or a draft names.
fn places(reply: &Reply) -> Vec<String> {
    let body = reply.json();
    let (list, name) = if body["errors"].is_array() { (&body["errors"], "pointer") } else { (&body["problems"], "at") };
    list.as_array().map_or_else(Vec::new, |all| all.iter().map(|p| p[name].as_str().unwrap().to_owned()).collect())
}

/// What the audit log says of drafts, oldest first: kind, who decided, state of the chain.
pub(crate) fn told(home: &Home) -> Vec<(String, Value)> {
    let rows = home.rows().into_iter().filter(|row| row["kind"].as_str().unwrap().starts_with("draft-"));
    rows.map(|row| (row["kind"].as_str().unwrap().to_owned(), row["body"].clone())).collect()
}
