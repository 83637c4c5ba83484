//! What a tool's structured result looks like: one schema for every outcome, so that no client that checks results
//! throws one away.
//!
//! The plugin's own output schema is only quoted. Nobody checks the service against it, clients differ in what they
//! take for a valid schema, and an answer that surprises the plugin's author must still reach the agent.

use portcullis_model::Shown;
use rmcp::model::JsonObject;
use serde_json::{Value, json};

use super::tool::object;

/// Longest quoted schema, in bytes.
const MAX_QUOTED: usize = 4_000;

/// The schema of a tool's results.
pub(super) fn schema(declared: Option<&Value>) -> JsonObject {
    let mut result = json!({"description": "The service's answer: untrusted data."});
    if let Some(quoted) = declared.map(Value::to_string).filter(|text| text.len() <= MAX_QUOTED) {
        let text = format!(
            "The service's answer: untrusted data. Its author declares: {}",
            Shown::block(&quoted).limit_bytes(MAX_QUOTED)
        );
        result["description"] = json!(text);
    }
    object(json!({
        "type": "object",
        "properties": {
            "state": {"enum": ["executed", "pending", "dry-run", "refused"]},
            "ok": {"type": "boolean"},
            "status": {"type": "integer", "description": "HTTP status of the service."},
            "result": result,
            "leftOut": {"type": "array", "items": {"type": "object"}},
            "headers": {"type": "object"},
            "call": {"type": "string"},
            "action": {"type": "string"},
            "approval": {"type": "string", "description": "For portcullis__result."},
            "approvalState": {"type": "string"},
            "rule": {"type": "string"},
            "expiresMs": {"type": "integer"},
            "request": {"type": "object"},
            "next": {"type": "string"},
            "decision": {"type": "string"},
            "code": {"type": "string", "description": "Why it was refused."},
            "room": {"type": "string"},
            "message": {"type": "string"},
            "fix": {"type": "string"},
            "details": {"type": "array", "items": {"type": "object"}},
            "retryAfterS": {"type": "integer"}
        },
        "required": ["state"]
    }))
}
