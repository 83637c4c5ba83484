//! An action of a document, and where each of its inputs goes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionTemplate {
    /// Name within the port.
    pub slug: String,
    /// Name for people.
    pub label: String,
    /// What it does and when to call it.
    pub description: String,
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Such as `/v1/agents/{agent_id}`.
    pub path: String,
    /// What it takes.
    #[serde(default)]
    pub inputs: Inputs,
    /// `automatic` or `require_approval`.
    pub approval_mode: String,
    /// `none` or `json`; ours also `form`.
    pub request_body_mode: String,
    /// `json`, `json_summary` or `text`.
    pub result_mode: String,
    /// Ours: `read`, `write` or `destructive`; by the method where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// Ours: the request carries text that a model will read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prompt_bearing: bool,
    /// Ours: the service charges for the call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub billable: bool,
    /// Ours: an input that is shown and tried at install, as `{"path": …, "query": …, "body": …}`; one is made from the
    /// schemas where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
}

/// What an action takes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inputs {
    /// Each input with its place.
    pub parameters: Vec<Parameter>,
    /// Ours: the body as one value, where its members are no parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<WholeBody>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Name in the path, the query or the body.
    pub name: String,
    /// Where it goes.
    #[serde(rename = "in")]
    pub place: Place,
    /// JSON Schema (2020-12) of its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// Sent where the caller gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Whether the caller must give it; always so in a path, unless there is a default.
    #[serde(default)]
    pub required: bool,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Where an input goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A segment of the path.
    Path,
    /// A pair of the query.
    Query,
    /// A member of the JSON object, or a field of the form, that is the body.
    Body,
}

/// A body that is one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WholeBody {
    /// JSON Schema (2020-12).
    pub schema: Value,
    /// Whether the caller must give it. Always so: an action that declares a JSON body sends one.
    #[serde(default)]
    pub required: bool,
}
