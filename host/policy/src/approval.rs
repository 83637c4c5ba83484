//! A question put to a person: what was held, for whom, until when, and what became of it.

use std::fmt;
use std::future::Future;
use std::str::FromStr;

use portcullis_model::{ActionId, AgentName, Code, Description, Digest, Fingerprint, Refusal};
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::approver::Approver;
use crate::clock::TimestampMs;
use crate::decide::{Basis, PendingRequest};
use crate::ids::{ApprovalId, DraftId};
use crate::room_times::RoomTimes;
use crate::rule_set::RuleSet;
use crate::standing::NewStanding;

/// The life of an approval. Each step is a compare-and-swap in the store; the last five are final.
///
/// `pending → approved → executing → executed | failed | unknown`, or from `pending` to `rejected | expired`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApprovalState {
    /// Waits for a person.
    Pending,
    /// A person said yes; not sent yet.
    Approved,
    /// The intent is in the audit log; being sent.
    Executing,
    /// Sent and answered.
    Executed,
    /// Not sent, or no answer came.
    Failed,
    /// A person said no.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// The host died between intent and outcome: it may or may not have been sent, and never is again.
    Unknown,
}

impl ApprovalState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Approved,
        Self::Executing,
        Self::Executed,
        Self::Failed,
        Self::Rejected,
        Self::Expired,
        Self::Unknown,
    ];

    /// The state as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Executing => "executing",
            Self::Executed => "executed",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for ApprovalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ApprovalState {
    type Err = StoreError;
    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StoreError::new("an approval is in a state this version does not know"))
    }
}

impl Serialize for ApprovalState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What is stored when a request is held.
#[derive(Debug, Clone)]
pub struct NewApproval {
    /// Its name.
    pub id: ApprovalId,
    /// Which action.
    pub action: ActionId,
    /// For whom.
    pub agent: AgentName,
    /// Component at that time.
    pub digest: Digest,
    /// What the plugin described; the request is made from it again, byte for byte, when a person says yes.
    pub description: Description,
    /// The checked input, for rules to be asked again when a person says yes. `None` where nobody knows it.
    pub input: Option<String>,
    /// The seal on the request made from it.
    pub fingerprint: Fingerprint,
    /// Which rule asked.
    pub rule: String,
    /// By which rules it was decided to ask.
    pub basis: Basis,
    /// When it was asked.
    pub created_ms: TimestampMs,
    /// When it is too late.
    pub expires_ms: TimestampMs,
    /// How long the call was in each room until it was held.
    pub rooms_us: RoomTimes,
    /// The draft that it tries, which is not installed.
    pub draft: Option<DraftId>,
}

/// An approval as stored.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields of `NewApproval`, and three more")]
pub struct Approval {
    pub id: ApprovalId,
    pub action: ActionId,
    pub agent: AgentName,
    pub digest: Digest,
    /// `None` once the approval is long over and its description was dropped.
    pub description: Option<Description>,
    /// As the description, and dropped with it.
    pub input: Option<String>,
    pub fingerprint: Fingerprint,
    pub rule: String,
    pub created_ms: TimestampMs,
    pub expires_ms: TimestampMs,
    /// Where it is in its life.
    pub state: ApprovalState,
    /// When a person decided.
    pub decided_ms: Option<TimestampMs>,
    /// The person's reason for a no, or the refusal that stopped the send.
    pub reason: Option<String>,
    /// The whole scrubbed answer, as its caller wrote it.
    pub result: Option<String>,
    /// The draft that it tries, which is not installed.
    pub draft: Option<DraftId>,
}

/// The store cannot do its work. The text names no secret and no path.
#[derive(Debug, Clone, Error)]
#[error("{0}")]
pub struct StoreError(String);

impl StoreError {
    /// An error with its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Keeps approvals. Every change of state is a compare-and-swap; `false` means another got there first.
pub trait ApprovalStore: Send + Sync {
    /// Keeps a new pending approval, and records in the audit log that it was asked.
    fn insert(&self, new: NewApproval) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads one. A pending one whose time is over reads as expired.
    fn get(&self, id: &ApprovalId) -> impl Future<Output = Result<Option<Approval>, StoreError>> + Send;

    /// `pending → approved`, if its time is not over; with it, and only with it, the standing approval that came
    /// along. The audit log keeps who did it. An error where [`Approver::may_approve`] says no, or
    /// [`Approver::may_stand`] to the standing one.
    fn approve(
        &self,
        id: &ApprovalId,
        by: &Approver,
        now_ms: TimestampMs,
        stands: Option<NewStanding>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// `pending → rejected`, with a reason. The audit log keeps who did it. An error where [`Approver::may_reject`]
    /// says no.
    fn reject(
        &self,
        id: &ApprovalId,
        reason: &str,
        by: &Approver,
        now_ms: TimestampMs,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Holds a request for a person.
///
/// # Errors
/// `audit-unavailable` when it cannot be stored.
pub async fn hold<S: ApprovalStore>(
    store: &S,
    id: ApprovalId,
    pending: &PendingRequest,
    rules: &RuleSet,
    now_ms: TimestampMs,
) -> Result<NewApproval, Refusal> {
    let request = &pending.request;
    let new = NewApproval {
        id,
        action: request.binding().id(),
        agent: pending.agent.clone(),
        digest: request.binding().digest(),
        description: request.description().clone(),
        input: pending.input.clone(),
        fingerprint: pending.fingerprint,
        rule: pending.rule.clone(),
        basis: pending.basis.clone(),
        rooms_us: pending.rooms_us.clone(),
        created_ms: now_ms,
        expires_ms: now_ms.saturating_add(rules.approval_life_ms()),
        draft: pending.draft.clone(),
    };
    store.insert(new.clone()).await.map_err(|e| Refusal::new(Code::AuditUnavailable, e.to_string()))?;
    Ok(new)
}
