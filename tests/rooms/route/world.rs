//! The one plugin that these tests speak of: a port `things` at `https://api.example.com`, with the actions of
//! `actions.toml`. Its credential is a bearer token of the slot `things`.

use std::sync::Arc;

use portcullis_model::{
    ActionDraft, AgentName, ApprovalMode, AuthDraft, Binding, Body, BodyMode, Description, Digest, Effect, Example,
    FixedOrigin, Manifest, ManifestDraft, Method, PortDraft, Publisher, ResultMode, RoutedRequest, Traits,
};
use serde::Deserialize;

pub(crate) const ORIGIN: &str = "https://api.example.com";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Actions {
    actions: Vec<Declared>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    slug: String,
    method: Method,
    path: String,
    #[serde(default)]
    query: Vec<String>,
    #[serde(default)]
    headers: Vec<String>,
    body: Option<BodyMode>,
}

pub(crate) fn text(text: &str) -> String {
    text.to_owned()
}

/// A manifest that passes, to be broken in one place.
pub(crate) fn manifest_draft() -> ManifestDraft {
    let Actions { actions } = toml::from_str(include_str!("actions.toml")).unwrap();
    ManifestDraft {
        version: text("1.0.0"),
        port: port_draft(),
        actions: actions.into_iter().map(action_draft).collect(),
    }
}

fn port_draft() -> PortDraft {
    PortDraft {
        slug: text("things"),
        label: text("Things"),
        description: text("Keeps things."),
        origin: text(ORIGIN),
        auth: AuthDraft::Bearer,
        category: text("Tests"),
        tags: vec![text("things")],
        publisher: Publisher { slug: text("example"), name: text("Example"), website_url: Some(text(ORIGIN)) },
    }
}

fn action_draft(declared: Declared) -> ActionDraft {
    let reads = matches!(declared.method, Method::Get | Method::Head);
    ActionDraft {
        label: declared.slug.clone(),
        slug: declared.slug,
        description: text("Does what its name says."),
        method: declared.method,
        path: declared.path,
        query: declared.query,
        headers: declared.headers,
        body: declared.body.unwrap_or(BodyMode::None),
        input_schema: text(r#"{"type":"object"}"#),
        output_schema: None,
        approval: ApprovalMode::Automatic,
        effect: if reads { Effect::Read } else { Effect::Write },
        result: ResultMode::Json,
        traits: Traits::default(),
        examples: vec![Example {
            title: text("the only one"),
            input: text("{}"),
            expected: Description { method: declared.method, path: vec![], query: vec![], headers: vec![], body: None },
        }],
    }
}

/// What a binding is made of, to be changed in one place.
pub(crate) struct World {
    pub(crate) draft: ManifestDraft,
    pub(crate) digest: Digest,
    pub(crate) origin: Option<FixedOrigin>,
}

impl Default for World {
    fn default() -> Self {
        Self { draft: manifest_draft(), digest: Digest::of(b"the component"), origin: None }
    }
}

impl World {
    pub(crate) fn bind(&self, action: &str) -> Arc<Binding> {
        let manifest = Manifest::check(self.draft.clone()).unwrap();
        Arc::new(Binding::new(&manifest, &action.parse().unwrap(), self.digest, self.origin.clone()).unwrap())
    }

    /// Every declared action, bound.
    pub(crate) fn bind_all(&self) -> Vec<Arc<Binding>> {
        self.draft.actions.iter().map(|action| self.bind(&action.slug)).collect()
    }

    /// The request that `action` makes of `description`, which must pass.
    pub(crate) fn route(&self, action: &str, description: Description) -> RoutedRequest {
        RoutedRequest::check(description, self.bind(action)).unwrap()
    }
}

pub(crate) fn agent() -> AgentName {
    "robot".parse().unwrap()
}

/// A description of `create-thing`.
pub(crate) fn create(json: &str) -> Description {
    Description {
        method: Method::Post,
        path: vec![text("v1"), text("things")],
        query: vec![],
        headers: vec![],
        body: Some(Body::Json(text(json))),
    }
}

/// A description of `send-text`.
pub(crate) fn note(note: &str) -> Description {
    Description { path: vec![text("v1"), text("notes")], body: Some(Body::Text(text(note))), ..create("") }
}

/// A description of `get-thing`.
pub(crate) fn get(id: &str) -> Description {
    Description { method: Method::Get, path: vec![text("v1"), text("things"), text(id)], body: None, ..create("") }
}
