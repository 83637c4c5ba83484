//! What must come of an input, as it is written in a case.

use portcullis_model::{Body, Description, Method, Refusal, parse_strict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A request, or a refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// This request.
    Request(ExpectedRequest),
    /// No request, and why.
    Refusal(ExpectedRefusal),
}

/// A request. It reads as the contract's record does, but for a JSON body, which is written as JSON and not as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is documented in wit/portcullis.wit")]
pub struct ExpectedRequest {
    pub method: Method,
    pub path: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<ExpectedBody>,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExpectedBody {
    /// JSON, compared as a value.
    Json(Value),
    /// Form fields, in order.
    Form(Vec<(String, String)>),
    /// Plain text.
    Text(String),
}

/// A refusal: its code, and the places that it points at. Its words may change, so they are not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRefusal {
    /// Such as `invalid-input` for the schema's no, `plugin-refused` for the plugin's own.
    pub code: String,
    /// JSON Pointers (RFC 6901) into the input, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<String>,
}

impl Expected {
    /// What came, as it would be written.
    #[must_use]
    pub fn of(came: &Result<Description, Refusal>) -> Self {
        match came {
            Ok(description) => Self::Request(ExpectedRequest::of(description)),
            Err(refusal) => Self::Refusal(ExpectedRefusal::of(refusal)),
        }
    }

    /// Whether this is what came. Places are compared as a set.
    #[must_use]
    pub fn is(&self, came: &Self) -> bool {
        match (self, came) {
            (Self::Refusal(expected), Self::Refusal(came)) => expected.sorted() == came.sorted(),
            (expected, came) => expected == came,
        }
    }
}

impl ExpectedRequest {
    pub(super) fn of(description: &Description) -> Self {
        let Description { method, path, query, headers, body } = description.clone();
        let body = body.map(|body| match body {
            // A text that is no strict JSON never gets past the host; it stays a text here so that it can be seen.
            Body::Json(text) => ExpectedBody::Json(parse_strict(&text).unwrap_or(Value::String(text))),
            Body::Form(fields) => ExpectedBody::Form(fields),
            Body::Text(text) => ExpectedBody::Text(text),
        });
        Self { method, path, query, headers, body }
    }
}

impl ExpectedRefusal {
    fn of(refusal: &Refusal) -> Self {
        let places = refusal.places().iter().map(|detail| detail.at.clone()).collect();
        Self { code: refusal.code().to_string(), at: places }.sorted()
    }

    fn sorted(&self) -> Self {
        let mut at = self.at.clone();
        at.sort();
        at.dedup();
        Self { code: self.code.clone(), at }
    }
}
