//! `[metrics]` of `portcullis.toml`.

use serde::Deserialize;

/// `[metrics]`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MetricsSettings {
    /// Whether `/metrics` is there for everyone who can reach the door. Otherwise it wants an operator's token.
    pub(crate) open: bool,
}
