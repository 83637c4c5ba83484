//! What a plugin returned for one call. Nothing in it has been believed yet.

use serde::{Deserialize, Serialize};

use crate::{Body, Method, parse_strict};

/// One request without an origin, exactly as a plugin described it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Request method.
    pub method: Method,
    /// Path segments, not encoded.
    pub path: Vec<String>,
    /// Query pairs, not encoded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Header pairs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Body, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

impl Description {
    /// Whether both are the same request, JSON bodies taken as values.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        let body = match (&self.body, &other.body) {
            (Some(Body::Json(a)), Some(Body::Json(b))) => {
                matches!((parse_strict(a), parse_strict(b)), (Ok(a), Ok(b)) if a == b)
            }
            (a, b) => a == b,
        };
        let bare = |d: &Self| Self { body: None, ..d.clone() };
        body && bare(self) == bare(other)
    }
}
