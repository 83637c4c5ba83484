//! What waits for a person, as its agent and the operator see it.

use portcullis_policy::Approval;
use portcullis_store::ApprovalLine;
use serde::Serialize;
use utoipa::ToSchema;

use super::outcome::{Executed, RequestView};

/// An approval in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of `ApprovalView`")]
pub struct ApprovalLineView {
    pub id: String,
    pub action: String,
    pub agent: String,
    pub state: String,
    pub rule: String,
    pub created_ms: u64,
    pub expires_ms: u64,
    pub decided_ms: Option<u64>,
    pub reason: Option<String>,
    /// The draft that it tries, which is not installed.
    pub draft: Option<String>,
}

/// An approval.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalView {
    /// Its name.
    pub id: String,
    /// The action.
    pub action: String,
    /// Who asked.
    pub agent: String,
    /// `pending`, `approved`, `executing`, `executed`, `failed`, `rejected`, `expired` or `unknown`.
    pub state: String,
    /// The rule that wants a person to see it.
    pub rule: String,
    /// SHA-256 of the plugin's component at that time.
    pub digest: String,
    /// The seal on the request.
    pub fingerprint: String,
    /// When it was asked, in milliseconds since the Unix epoch.
    pub created_ms: u64,
    /// When it is too late.
    pub expires_ms: u64,
    /// When a person decided.
    pub decided_ms: Option<u64>,
    /// The reason for a no, or what stopped the send.
    pub reason: Option<String>,
    /// The draft that it tries, which is not installed.
    pub draft: Option<String>,
    /// The exact request, where it can still be shown.
    pub request: Option<RequestView>,
    /// The answer, for the agent that asked.
    pub outcome: Option<Executed>,
}

impl From<ApprovalLine> for ApprovalLineView {
    fn from(line: ApprovalLine) -> Self {
        Self {
            id: line.id.to_string(),
            action: line.action.to_string(),
            agent: line.agent.to_string(),
            state: line.state.to_string(),
            rule: line.rule,
            created_ms: line.created_ms,
            expires_ms: line.expires_ms,
            decided_ms: line.decided_ms,
            reason: line.reason,
            draft: line.draft.map(|id| id.to_string()),
        }
    }
}

impl ApprovalView {
    pub(crate) fn new(held: &Approval, request: Option<RequestView>, outcome: Option<Executed>) -> Self {
        Self {
            id: held.id.to_string(),
            action: held.action.to_string(),
            agent: held.agent.to_string(),
            state: held.state.to_string(),
            rule: held.rule.clone(),
            digest: held.digest.to_string(),
            fingerprint: held.fingerprint.to_string(),
            created_ms: held.created_ms,
            expires_ms: held.expires_ms,
            decided_ms: held.decided_ms,
            reason: held.reason.clone(),
            draft: held.draft.as_ref().map(ToString::to_string),
            request,
            outcome,
        }
    }
}
