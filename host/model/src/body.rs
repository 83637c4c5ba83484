//! Request bodies: as described, and as they go on the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use url::form_urlencoded;

use crate::Shown;
use crate::action::BodyMode;
use crate::json::{StrictJsonError, parse_strict};
use crate::method::overrides_method;

/// A body as a plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// A JSON text.
    Json(String),
    /// Fields in order.
    Form(Vec<(String, String)>),
    /// Plain text.
    Text(String),
}

/// A checked body: the bytes to send and what they are.
#[derive(Debug, PartialEq, Eq)]
pub struct WireBody {
    content_type: &'static str,
    bytes: Vec<u8>,
}

/// Why a body cannot be sent.
#[derive(Debug, Error)]
pub(crate) enum BodyProblem {
    #[error("the description has a body of kind `{described}`, but the action declares `{declared}`")]
    OtherMode { described: &'static str, declared: BodyMode },
    #[error("the JSON body is {0}")]
    Json(#[from] StrictJsonError),
    #[error("a form field has no name")]
    NamelessField,
    #[error("`{0}` in a body makes services take another method than the declared one")]
    OtherMethod(String),
}

impl Body {
    fn mode(&self) -> BodyMode {
        match self {
            Self::Json(_) => BodyMode::Json,
            Self::Form(_) => BodyMode::Form,
            Self::Text(_) => BodyMode::Text,
        }
    }
}

impl WireBody {
    /// Checks a described body against the declared mode. JSON is parsed strictly and then sent byte for byte as
    /// it was parsed, never written again.
    pub(crate) fn check(body: Option<Body>, declared: BodyMode) -> Result<Option<Self>, BodyProblem> {
        let described = body.as_ref().map_or(BodyMode::None, Body::mode);
        if described != declared {
            return Err(BodyProblem::OtherMode { described: described.as_str(), declared });
        }
        let Some(body) = body else { return Ok(None) };
        Ok(Some(match body {
            Body::Json(text) => {
                if let Value::Object(members) = parse_strict(&text)? {
                    keeps_method(members.keys())?;
                }
                Self { content_type: "application/json", bytes: text.into_bytes() }
            }
            Body::Form(fields) => {
                if fields.iter().any(|(name, _)| name.is_empty()) {
                    return Err(BodyProblem::NamelessField);
                }
                keeps_method(fields.iter().map(|(name, _)| name))?;
                let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                Self { content_type: "application/x-www-form-urlencoded", bytes: text.into_bytes() }
            }
            Body::Text(text) => Self { content_type: "text/plain; charset=utf-8", bytes: text.into_bytes() },
        }))
    }

    /// Media type, as sent.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The bytes, as sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A POST that the body turns into a DELETE is not the declared one.
fn keeps_method<'a>(names: impl IntoIterator<Item = &'a String>) -> Result<(), BodyProblem> {
    match names.into_iter().find(|name| overrides_method(name)) {
        Some(name) => Err(BodyProblem::OtherMethod(Shown::new(name).to_string())),
        None => Ok(()),
    }
}
