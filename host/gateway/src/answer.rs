//! What a call comes to.

use portcullis_model::{ActionId, Digest, PreviewData, ResultMode};
use portcullis_policy::{ApprovalId, CallId, NewApproval, Seq, TimestampMs};
use serde::Serialize;

use crate::shape::{Content, Shaped, View};

/// How a call ended, where nobody refused it.
#[derive(Debug)]
pub enum Answered {
    /// It was sent and answered.
    Done(Answer),
    /// A person must see it first.
    Held(Held),
}

/// The answer of a service.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The call.
    pub call: CallId,
    /// The action.
    pub action: ActionId,
    /// HTTP status.
    pub status: u16,
    /// Allowed response headers.
    pub headers: Vec<(String, String)>,
    /// The answer, whole.
    pub content: Content,
    /// The form that the action declares.
    pub declared: ResultMode,
    /// How many times the credential was found in the answer and taken out.
    pub scrubbed: usize,
    /// Time from the durable intent to the end of the answer, in microseconds.
    pub duration_us: u64,
    /// Number of the outcome's row in the audit log.
    pub audit: Seq,
}

impl Answer {
    /// The answer in the form that the caller asks for.
    #[must_use]
    pub fn shaped(&self, view: &View) -> Shaped {
        Shaped::new(&self.content, self.declared, view)
    }
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
