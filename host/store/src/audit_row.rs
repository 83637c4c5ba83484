//! A row of the audit log, for people and for export.

use std::io::Write;

use portcullis_policy::{Seq, StoreError, TimestampMs};
use rusqlite::Row;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::problem::Problem;
use crate::transaction::read_back;

/// A row as it was written. Reading it checks nothing; see `AuditReader::verify`.
#[derive(Debug, Clone, Serialize)]
pub struct AuditRow {
    /// Its number.
    pub seq: Seq,
    /// When it was written.
    pub at_ms: TimestampMs,
    /// `intent`, `outcome`, `unknown`, or the kind of an event.
    pub kind: String,
    /// The call it belongs to.
    pub call: Option<String>,
    /// What it says; a string where it is not JSON any more.
    pub body: Value,
    /// Its seal, in hexadecimal digits.
    pub mac: String,
}

/// Columns in the order that `from_row` takes them.
pub(crate) const COLUMNS: &str = "seq, at_ms, kind, call, body, mac";

impl AuditRow {
    pub(crate) fn from_row(row: &Row<'_>) -> Result<Self, Problem> {
        let raw = Raw::from_row(row)?;
        let body = serde_json::from_str(&raw.body).unwrap_or(Value::String(raw.body));
        Ok(Self { seq: raw.seq, at_ms: raw.at_ms, kind: raw.kind, call: raw.call, body, mac: raw.mac })
    }
}

struct Raw {
    seq: Seq,
    at_ms: TimestampMs,
    kind: String,
    call: Option<String>,
    body: String,
    mac: String,
}

impl Raw {
    fn from_row(row: &Row<'_>) -> Result<Self, Problem> {
        Ok(Self {
            seq: read_back(row.get(0)?),
            at_ms: read_back(row.get(1)?),
            kind: text(row, 2)?.unwrap_or_default(),
            call: text(row, 3)?,
            body: text(row, 4)?.unwrap_or_default(),
            mac: row.get_ref(5)?.as_blob_or_null().ok().flatten().map(hex::encode).unwrap_or_default(),
        })
    }
}

/// Text that may have been made something else by an edit: it is shown as well as it can be.
fn text(row: &Row<'_>, index: usize) -> Result<Option<String>, Problem> {
    let value = row.get_ref(index)?;
    Ok(value.as_bytes_or_null().ok().flatten().map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}

/// Writes a row as one line of JSON. The body goes out byte for byte, so that its seal can be checked from the export.
pub(crate) fn export(row: &Row<'_>, out: &mut impl Write) -> Result<(), Problem> {
    let raw = Raw::from_row(row)?;
    let sound = !raw.body.contains('\n') && serde_json::from_str::<IgnoredAny>(&raw.body).is_ok();
    let body = if sound { raw.body } else { json(&raw.body)? };
    let (kind, call, mac) = (json(&raw.kind)?, json(&raw.call)?, json(&raw.mac)?);
    writeln!(
        out,
        r#"{{"seq":{},"at_ms":{},"kind":{kind},"call":{call},"body":{body},"mac":{mac}}}"#,
        raw.seq, raw.at_ms
    )
    .map_err(|error| StoreError::new(format!("the export cannot be written: {}", error.kind())))?;
    Ok(())
}

fn json(value: &impl Serialize) -> Result<String, Problem> {
    Ok(serde_json::to_string(value)?)
}
