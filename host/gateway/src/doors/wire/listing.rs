//! What an agent can find.

use portcullis_model::Action;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::doors::directory::{Entry, Listed};

/// A port.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PortView {
    /// Its name.
    pub id: String,
    /// Name for people, by the plugin's word.
    pub label: String,
    /// What it is, by the plugin's word.
    pub description: String,
    /// The one origin its requests go to.
    pub origin: String,
    /// Whether the operator, not the plugin, says where they go.
    pub origin_overridden: bool,
    /// `sealed` or `inert`.
    pub tier: String,
    /// SHA-256 of the component.
    pub digest: String,
    /// How many of its actions the caller may use.
    pub actions: usize,
}

/// An action in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionView {
    /// Its full name, `port/action`.
    pub id: String,
    /// Name for people, by the plugin's word.
    pub summary: String,
    /// HTTP method.
    pub method: String,
    /// Path template.
    pub path: String,
    /// `read`, `write` or `destructive`, by the plugin's word.
    pub effect: String,
    /// `automatic`, `require_approval` or `deny`: what will be done, the operator's word included.
    pub approval: String,
}

/// An action in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionDetail {
    /// The same as in a list.
    #[serde(flatten)]
    pub action: ActionView,
    /// What it does, by the plugin's word.
    pub description: String,
    /// JSON Schema (2020-12) of the input.
    #[schema(value_type = Object)]
    pub input_schema: Value,
    /// JSON Schema of the answer, where the plugin declares one. Nobody checks the service against it.
    #[schema(value_type = Option<Object>)]
    pub output_schema: Option<Value>,
    /// `json`, `json_summary` or `text`.
    pub result: String,
    /// Worked examples.
    pub examples: Vec<ExampleView>,
}

/// A worked example.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExampleView {
    /// What it shows.
    pub title: String,
    /// An input that passes the schema.
    pub input: Value,
}

impl PortView {
    pub(crate) fn new(listed: &Listed, actions: usize) -> Self {
        Self {
            id: listed.line.port.to_string(),
            label: listed.label.clone(),
            description: listed.description.clone(),
            origin: listed.origin.to_string(),
            origin_overridden: listed.origin_overridden,
            tier: listed.line.tier.clone(),
            digest: listed.line.digest.to_string(),
            actions,
        }
    }
}

impl ActionView {
    pub(crate) fn new(entry: &Entry, approval: &str) -> Self {
        Self {
            id: entry.id().to_string(),
            summary: entry.label.clone(),
            method: entry.method.to_owned(),
            path: entry.path.clone(),
            effect: entry.effect.to_owned(),
            approval: approval.to_owned(),
        }
    }
}

impl ActionDetail {
    pub(crate) fn new(entry: &Entry, action: &Action, approval: &str) -> Self {
        // An example was checked against the schema at install, so it is JSON.
        let example = |e: &portcullis_model::Example| {
            Some(ExampleView { title: e.title.clone(), input: serde_json::from_str(&e.input).ok()? })
        };
        Self {
            action: ActionView::new(entry, approval),
            description: action.description.clone(),
            input_schema: action.input_schema.clone(),
            output_schema: action.output_schema.clone(),
            result: action.result.to_string(),
            examples: action.examples.iter().filter_map(example).collect(),
        }
    }
}
