//! A manifest in which the lint finds nothing, to be spoilt in one place; and plugins that describe what they are told.

#![allow(dead_code, reason = "each test program uses its part")]

use portcullis_authoring::Describe;
use portcullis_model::{
    ActionDraft, ApprovalMode, AuthDraft, Body, BodyMode, Code, Description, Detail, Effect, Example, ManifestDraft,
    Method, PortDraft, Publisher, Refusal, ResultMode, Traits,
};
use serde_json::{Value, json};

/// A port of notes with a read and a write.
pub(crate) fn manifest() -> ManifestDraft {
    ManifestDraft {
        version: "1.0.0".to_owned(),
        port: PortDraft {
            slug: "notes".to_owned(),
            label: "Notes".to_owned(),
            description: "Notebooks of one account: finding notes in them, and adding notes.".to_owned(),
            origin: "https://api.notes.dev".to_owned(),
            auth: AuthDraft::Bearer,
            category: "Notes".to_owned(),
            tags: vec!["notes".to_owned()],
            publisher: Publisher { slug: "acme".to_owned(), name: "Acme".to_owned(), website_url: None },
        },
        actions: vec![find(), add()],
    }
}

/// The schema of `find-notes`, as data that can be changed.
pub(crate) fn find_schema() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["notebook"],
        "properties": {
            "notebook": {"type": "string", "minLength": 1, "maxLength": 100, "description": "Name of the notebook."},
            "words": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Words to look for."},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "How many at most."},
        },
    })
}

fn find() -> ActionDraft {
    let request = |query: &[(&str, &str)]| Description {
        method: Method::Get,
        path: ["v1", "notebooks", "work", "notes"].map(str::to_owned).to_vec(),
        query: query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        headers: Vec::new(),
        body: None,
    };
    ActionDraft {
        slug: "find-notes".to_owned(),
        label: "Find notes".to_owned(),
        description: "Lists the notes of one notebook, the newest first. Call it before adding a note.".to_owned(),
        method: Method::Get,
        path: "/v1/notebooks/{notebook}/notes".to_owned(),
        query: vec!["words".to_owned(), "limit".to_owned()],
        headers: Vec::new(),
        body: BodyMode::None,
        input_schema: find_schema().to_string(),
        output_schema: None,
        approval: ApprovalMode::Automatic,
        effect: Effect::Read,
        result: ResultMode::Json,
        traits: Traits::default(),
        examples: vec![
            example("All", json!({"notebook": "work"}), request(&[])),
            example(
                "Some",
                json!({"notebook": "work", "words": "plan", "limit": 5}),
                request(&[("words", "plan"), ("limit", "5")]),
            ),
        ],
    }
}

fn add() -> ActionDraft {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["title"],
        "properties": {"title": {"type": "string", "minLength": 1, "maxLength": 200, "description": "The title."}},
    });
    let request = Description {
        method: Method::Post,
        path: ["v1", "notes"].map(str::to_owned).to_vec(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Some(Body::Json(r#"{"title":"Plan"}"#.to_owned())),
    };
    ActionDraft {
        slug: "add-note".to_owned(),
        label: "Add a note".to_owned(),
        description: "Adds one note and answers with its id. Use `find-notes` first.".to_owned(),
        method: Method::Post,
        path: "/v1/notes".to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: BodyMode::Json,
        input_schema: schema.to_string(),
        output_schema: None,
        approval: ApprovalMode::RequireApproval,
        effect: Effect::Write,
        result: ResultMode::Json,
        traits: Traits::default(),
        examples: vec![example("A note", json!({"title": "Plan"}), request)],
    }
}

fn example(title: &str, input: Value, expected: Description) -> Example {
    Example { title: title.to_owned(), input: input.to_string(), expected }
}

/// Describes by a function.
pub(crate) struct By<F> {
    pub(crate) declared: ManifestDraft,
    pub(crate) describe: F,
}

impl<F: Fn(&str, Value) -> Result<Description, Refusal>> Describe for By<F> {
    fn declared(&self) -> &ManifestDraft {
        &self.declared
    }

    fn describe(&self, action: &str, input: &str) -> Result<Description, Refusal> {
        (self.describe)(action, input.parse().unwrap())
    }
}

/// Adds a note as the manifest says; refuses a blank title at its place; finds nothing.
pub(crate) fn adds_notes(action: &str, input: Value) -> Result<Description, Refusal> {
    if action != "add-note" {
        return Err(Refusal::new(Code::UnknownAction, format!("no `{action}`")));
    }
    let title = input["title"].as_str().unwrap_or_default();
    if title.trim().is_empty() {
        let places = ["/title", "/"].map(|at| Detail { at: at.to_owned(), what: "blank".to_owned() });
        return Err(Refusal::new(Code::PluginRefused, "a title must not be blank").details(places));
    }
    Ok(Description {
        method: Method::Post,
        path: ["v1", "notes"].map(str::to_owned).to_vec(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Some(Body::Json(json!({"title": title}).to_string())),
    })
}
