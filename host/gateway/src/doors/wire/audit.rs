//! A row of the audit log, for the operator.

use portcullis_store::AuditRow;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A row.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRowView {
    /// Number, from 1, without gaps.
    pub seq: u64,
    /// When it was written, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What it records, such as `intent`, `outcome`, `refused`.
    pub kind: String,
    /// The call it belongs to.
    pub call: Option<String>,
    /// Facts.
    #[schema(value_type = Object)]
    pub body: Value,
}

impl From<AuditRow> for AuditRowView {
    fn from(row: AuditRow) -> Self {
        Self { seq: row.seq, at_ms: row.at_ms, kind: row.kind, call: row.call, body: row.body }
    }
}
