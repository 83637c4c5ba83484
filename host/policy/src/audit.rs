//! The audit log as this crate needs it: an intent before every send, an outcome after it.
//!
//! An [`AuditTicket`] exists only while its intent is durable. The chain itself is `store`'s work.

use std::fmt;
use std::future::Future;

use portcullis_model::{ActionId, AgentName, Code, Digest, Fingerprint, Method, Refusal, RoutedRequest};
use serde::Serialize;
use thiserror::Error;

use crate::approval::StoreError;
use crate::approved::ApprovedRequest;
use crate::clock::TimestampMs;
use crate::ids::{ApprovalId, CallId, DraftId, StandingId};
use crate::room_times::RoomTimes;
use crate::situation::Sent;

/// Number of a row in the audit log, from 1, without gaps.
pub type Seq = u64;

/// What a row must survive before it counts as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The end of this process. Enough where sending twice would change nothing.
    Process,
    /// The loss of power.
    Power,
}

/// What is about to be sent. Holds no input, no body and no credential.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct Intent {
    pub call: CallId,
    pub agent: AgentName,
    pub action: ActionId,
    pub digest: Digest,
    pub origin: String,
    /// Whether the operator's settings, not the manifest, say where it goes.
    pub origin_overridden: bool,
    pub credential: Option<String>,
    pub method: Method,
    /// Path and query as sent.
    pub target: String,
    pub body_bytes: usize,
    pub body_digest: Option<Digest>,
    #[serde(serialize_with = "as_text")]
    pub fingerprint: Fingerprint,
    pub rule: String,
    /// Digest of the set of rules that decided.
    pub policy: Digest,
    /// What rules on trial would have done otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shadow: Vec<String>,
    pub approval: Option<ApprovalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<StandingId>,
    /// The draft that it tries, which is not installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftId>,
    /// How many calls were sent when it was let through, if that mattered: where more are by now, it is not written.
    #[serde(skip)]
    pub sent: Option<Sent>,
    #[serde(skip)]
    pub durability: Durability,
}

fn as_text<T: fmt::Display, S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// What became of a send.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// Bytes of the answer's body after scrubbing.
    pub response_bytes: usize,
    /// How many times the credential was found in the answer and taken out.
    pub scrubbed: usize,
    /// From the durable intent to the end of the answer, in microseconds.
    pub duration_us: u64,
    /// Code of the refusal, where egress refused.
    pub refusal: Option<String>,
    /// How long the call was in each room before this row was written.
    #[serde(skip_serializing_if = "RoomTimes::is_empty")]
    pub rooms_us: RoomTimes,
    /// The whole scrubbed answer, as text, for whoever waits for this approval. Kept with the approval, not in the log.
    #[serde(skip)]
    pub result: Option<String>,
}

/// Anything else worth a row.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// What happened, such as `refused`, `installed`, `secret-set`.
    pub kind: &'static str,
    /// The call it belongs to.
    pub call: Option<CallId>,
    /// Facts, without secrets, inputs or bodies.
    pub facts: serde_json::Value,
}

/// A row was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Number of the row.
    pub seq: Seq,
}

/// Why an intent was not written. In each case nothing may be sent.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The approval was spent by another in the meantime, or the standing one ended.
    #[error("the approval is spent already")]
    Spent,
    /// The agent's token was revoked, or ended, since it was looked at.
    #[error("the agent's token is not good any more")]
    Gone,
    /// More calls were sent since than the decision rests on.
    #[error("more calls were sent meanwhile than the decision rests on")]
    Moved,
    /// The log cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The audit log.
pub trait AuditLog: Send + Sync {
    /// Appends the intent and, in the same transaction, takes its approval from `approved` to `executing`,
    /// or one use from its standing approval.
    fn open(&self, intent: Intent) -> impl Future<Output = Result<Receipt, OpenError>> + Send;

    /// Appends the outcome and, in the same transaction, ends the approval as `executed` or `failed`.
    fn close(&self, call: &OpenCall, outcome: Outcome) -> impl Future<Output = Result<Receipt, StoreError>> + Send;

    /// Appends an event.
    fn note(&self, event: Event) -> impl Future<Output = Result<Receipt, StoreError>> + Send;
}

/// The permit to send: an approved request whose intent is durable. Egress spends it.
#[derive(Debug)]
pub struct AuditTicket {
    request: ApprovedRequest,
    call: OpenCall,
}

/// What came of opening.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once a call and taken apart at once")]
pub enum Opening {
    /// The permit.
    Open(AuditTicket),
    /// What the decision rests on has changed meanwhile, as more calls were sent or a standing approval ended: it has
    /// to be made again, about this request.
    Moved(RoutedRequest),
}

/// A call whose intent is written and whose outcome is not yet. It must be closed.
#[derive(Debug)]
#[must_use = "an intent without an outcome reads as `unknown`"]
pub struct OpenCall {
    call: CallId,
    approval: Option<ApprovalId>,
    intent: Seq,
}

impl AuditTicket {
    /// As [`Self::try_open`], for a permit that rests on no count of calls.
    ///
    /// # Errors
    /// As [`Self::try_open`], and `audit-unavailable` where what it rests on has changed.
    pub async fn open<L: AuditLog>(
        log: &L,
        call: CallId,
        request: ApprovedRequest,
        now_ms: TimestampMs,
    ) -> Result<Self, Refusal> {
        match Self::try_open(log, call, request, now_ms).await? {
            Opening::Open(ticket) => Ok(ticket),
            Opening::Moved(_) => {
                Err(Refusal::new(Code::AuditUnavailable, OpenError::Moved.to_string()).fix("make the call again"))
            }
        }
    }

    /// Makes the intent durable and, with it, the permit.
    ///
    /// # Errors
    /// `approval-expired`, `approval-used`, or `audit-unavailable`; nothing may be sent then.
    pub async fn try_open<L: AuditLog>(
        log: &L,
        call: CallId,
        request: ApprovedRequest,
        now_ms: TimestampMs,
    ) -> Result<Opening, Refusal> {
        let stands = request.standing().is_some();
        let opened = match request.still_good(now_ms) {
            Ok(()) => log.open(intent(&call, &request)).await,
            Err(_) if stands => Err(OpenError::Moved),
            Err(refusal) => return Err(refusal),
        };
        let receipt = match opened {
            Ok(receipt) => receipt,
            // A standing approval that ended meanwhile answers nothing any more, and the question can be asked again.
            Err(OpenError::Spent) if stands => return Ok(Opening::Moved(request.into_request())),
            Err(OpenError::Moved) => return Ok(Opening::Moved(request.into_request())),
            Err(error) => return Err(not_opened(&error)),
        };
        let call = OpenCall { call, approval: request.approval().cloned(), intent: receipt.seq };
        Ok(Opening::Open(Self { request, call }))
    }

    /// What it lets go.
    #[must_use]
    pub fn request(&self) -> &RoutedRequest {
        self.request.request()
    }

    /// Spends the permit. The call must be closed whether or not the request is still good.
    pub fn spend(self, now_ms: TimestampMs) -> (OpenCall, Result<ApprovedRequest, Refusal>) {
        let request = match self.request.still_good(now_ms) {
            Ok(()) => Ok(self.request),
            Err(refusal) => Err(refusal),
        };
        (self.call, request)
    }
}

fn not_opened(error: &OpenError) -> Refusal {
    match error {
        OpenError::Moved => Refusal::new(Code::AuditUnavailable, error.to_string()).fix("make the call again"),
        OpenError::Spent => Refusal::new(Code::ApprovalUsed, error.to_string()).fix("make the call again"),
        OpenError::Gone => Refusal::new(Code::Unauthenticated, error.to_string()).fix("portcullis agent list"),
        OpenError::Store(error) => {
            Refusal::new(Code::AuditUnavailable, format!("nothing was sent, since it could not be recorded: {error}"))
                .fix("portcullis doctor")
        }
    }
}

fn intent(call: &CallId, approved: &ApprovedRequest) -> Intent {
    let request = approved.request();
    let binding = request.binding();
    Intent {
        call: call.clone(),
        agent: approved.agent().clone(),
        action: binding.id(),
        digest: binding.digest(),
        origin: binding.origin().to_string(),
        origin_overridden: binding.origin_overridden(),
        credential: match binding.auth() {
            portcullis_model::Auth::Header(_) => Some(binding.slot().to_string()),
            portcullis_model::Auth::None => None,
        },
        method: request.method(),
        target: request.target(),
        body_bytes: request.body().map_or(0, |b| b.bytes().len()),
        body_digest: request.body().map(|b| Digest::of(b.bytes())),
        fingerprint: approved.fingerprint(),
        rule: approved.rule().to_owned(),
        policy: approved.basis().policy,
        shadow: approved.basis().shadow.clone(),
        sent: approved.sent(),
        approval: approved.approval().cloned(),
        standing: approved.standing().cloned(),
        draft: approved.draft().cloned(),
        durability: if approved.changes_something() { Durability::Power } else { Durability::Process },
    }
}

impl OpenCall {
    /// The call.
    #[must_use]
    pub fn call(&self) -> &CallId {
        &self.call
    }

    /// The approval it spends.
    #[must_use]
    pub fn approval(&self) -> Option<&ApprovalId> {
        self.approval.as_ref()
    }

    /// Number of the intent's row.
    #[must_use]
    pub fn intent(&self) -> Seq {
        self.intent
    }

    /// Records what became of the send.
    ///
    /// # Errors
    /// `audit-incomplete` when it cannot be recorded: the request went out, the log does not say how it ended.
    pub async fn close<L: AuditLog>(self, log: &L, outcome: Outcome) -> Result<Receipt, Refusal> {
        log.close(&self, outcome).await.map_err(|error| {
            let what = format!("call `{}` was made, but its outcome could not be recorded: {error}", self.call);
            Refusal::new(Code::AuditIncomplete, what).fix("portcullis audit verify")
        })
    }
}
