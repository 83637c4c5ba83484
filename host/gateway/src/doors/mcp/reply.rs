//! What became of a call, as a tool's result: structured, and the same as text for clients that read only that.
//!
//! A refusal is a result too, so that the model reads why and what to do next.

use portcullis_model::Refusal;
use rmcp::ErrorData;
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::{Value, json};

use super::name::RESULT;
use crate::doors::wire::Outcome;

/// Largest result, in bytes of JSON. More than any model reads, and it stands in the answer twice.
const MAX_BYTES: usize = 1 << 20;

/// How a call stands.
pub(super) fn outcome(outcome: &Outcome) -> Result<CallToolResult, ErrorData> {
    let mut value = serde_json::to_value(outcome)
        .map_err(|_| ErrorData::internal_error("the result cannot be written as JSON", None))?;
    let failed = matches!(outcome, Outcome::Executed(executed) if !executed.ok);
    if let Outcome::Pending(pending) = outcome {
        value["next"] = json!(format!(
            "nothing was sent yet: a person decides. Call `{RESULT}` with {{\"approval\": \"{}\"}} later; do not repeat \
             this call",
            pending.approval
        ));
    }
    Ok(bounded(value, failed))
}

/// What else a tool has to tell.
pub(super) fn data(data: &impl Serialize) -> Result<CallToolResult, ErrorData> {
    let value = serde_json::to_value(data)
        .map_err(|_| ErrorData::internal_error("the result cannot be written as JSON", None))?;
    Ok(bounded(value, false))
}

/// Why a call was not made, or what stopped it.
pub(super) fn refusal(refusal: &Refusal) -> CallToolResult {
    let mut value = json!({
        "state": "refused",
        "code": refusal.code().as_str(),
        "room": refusal.code().room().as_str(),
        "message": refusal.message(),
    });
    if let Some(fix) = refusal.way_out() {
        value["fix"] = json!(fix);
    }
    if !refusal.places().is_empty() {
        value["details"] = json!(refusal.places());
    }
    if let Some(seconds) = refusal.retry_after_s() {
        value["retryAfterS"] = json!(seconds);
    }
    bounded(value, true)
}

fn bounded(mut value: Value, failed: bool) -> CallToolResult {
    let mut text = value.to_string();
    if text.len() > MAX_BYTES {
        for long in ["result", "request", "headers", "details"] {
            if let Some(members) = value.as_object_mut() {
                members.remove(long);
            }
        }
        value["leftOut"] = json!([{"at": "", "count": text.len(), "of": "bytes"}]);
        value["next"] = json!("the result is too large for a tool: ask for less with `_portcullis`: {\"select\": …}");
        text = value.to_string();
    }
    // Always the JSON around it too: a service's bare text could pass for the host's own words.
    let content = vec![ContentBlock::text(text)];
    let mut result = if failed { CallToolResult::error(content) } else { CallToolResult::success(content) };
    result.structured_content = Some(value);
    result
}

#[cfg(test)]
mod tests;
