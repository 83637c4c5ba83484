//! What an agent asks for.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::doors::MAX_WAIT_MS;
use crate::shape::ResponseMode;

/// One call. Everything may be left out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(default)]
pub struct Execute {
    /// Input of the action, by its schema.
    #[schema(value_type = Object, default = json!({}))]
    pub input: Value,
    /// How much of the answer to give.
    pub response_mode: ResponseMode,
    /// A JSONPath (RFC 9535) that picks parts of the answer, such as `$.data[*].id`.
    #[schema(max_length = 512)]
    pub select: Option<String>,
    /// The same key again returns the first outcome and sends nothing. 1 to 128 visible ASCII characters.
    #[schema(min_length = 1, max_length = 128, pattern = "^[\\x21-\\x7e]{1,128}$")]
    pub idempotency_key: Option<String>,
    /// Describe and decide, and send nothing.
    pub dry_run: bool,
    /// How long to wait for an approval where one is needed, in milliseconds.
    #[schema(maximum = 60000)]
    pub wait_ms: u32,
}

impl Default for Execute {
    fn default() -> Self {
        Self {
            input: json!({}),
            response_mode: ResponseMode::default(),
            select: None,
            idempotency_key: None,
            dry_run: false,
            wait_ms: 0,
        }
    }
}

impl Execute {
    /// The wait, within its bound.
    #[must_use]
    pub fn wait_ms(&self) -> u32 {
        self.wait_ms.min(MAX_WAIT_MS)
    }
}
