//! What a call comes to.

use portcullis_model::{ActionId, Digest, PreviewData};
use portcullis_policy::{ApprovalId, NewApproval, Seq, TimestampMs};
use serde::Serialize;

use crate::shape::Kept;

/// How a call ended, where nobody refused it.
#[derive(Debug)]
pub enum Answered {
    /// It was sent and answered.
    Done(Answer),
    /// A person must see it first.
    Held(Held),
}

/// The answer of a service, and where it is recorded.
#[derive(Debug)]
pub struct Answer {
    /// The action.
    pub action: ActionId,
    /// The answer, whole.
    pub kept: Kept,
    /// Number of the outcome's row in the audit log.
    pub audit: Seq,
}

/// A call that waits for a person.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// Name of the approval.
    pub approval: ApprovalId,
    /// The action.
    pub action: ActionId,
    /// The rule that wants a person to see it.
    pub rule: String,
    /// When it is too late, in milliseconds since the Unix epoch.
    pub expires_ms: TimestampMs,
    /// The exact request.
    pub request: PreviewData,
    /// The same, for a person.
    #[serde(skip)]
    pub shown: String,
    /// The seal on it.
    pub fingerprint: Digest,
}

impl Held {
    pub(crate) fn new(new: NewApproval, request: PreviewData, shown: String) -> Self {
        Self {
            approval: new.id,
            action: new.action,
            rule: new.rule,
            expires_ms: new.expires_ms,
            request,
            shown,
            fingerprint: new.fingerprint.digest(),
        }
    }
}

/// What a call would do.
#[derive(Debug, Clone, Serialize)]
pub struct DryRun {
    /// The action.
    pub action: ActionId,
    /// `allowed`, `needs-approval` or `denied`.
    pub decision: &'static str,
    /// The rule behind it.
    pub rule: String,
    /// The exact request.
    pub request: PreviewData,
    /// The same, for a person.
    #[serde(skip)]
    pub shown: String,
}
