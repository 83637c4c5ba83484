//! Decides whether a checked request may be sent, and mints the permits that `egress` spends.
//!
//! An [`ApprovedRequest`] comes only out of [`decide`], [`approve`] or [`stand_in`], an [`AuditTicket`] only out of
//! [`AuditTicket::open`]; neither can be copied, made elsewhere or used twice. Nothing here sends, stores or asks:
//! stores are traits, implemented by `store`.

mod approval;
mod approved;
mod approver;
mod audit;
mod clock;
mod decide;
mod ids;
mod rules;
mod standing;

pub use approval::{Approval, ApprovalState, ApprovalStore, NewApproval, StoreError, hold};
pub use approved::{ApprovedRequest, approve, approve_for, still_waits};
pub use approver::Approver;
pub use audit::{
    AuditLog, AuditTicket, Durability, Event, Intent, NotOpened, OpenCall, OpenError, Outcome, Receipt, Seq,
};
pub use clock::{Clock, SystemClock, TimestampMs};
pub use decide::{Decision, PendingRequest, decide, unattended_by_default};
pub use ids::{ApprovalId, CallId, IdProblem, StandingId};
pub use rules::{OperatorApproval, Rules};
pub use standing::{
    LONGEST_LIFE_MS, MOST_USES, NewStanding, Revoked, StandingApproval, StandingState, Terms, latitude, may_stand,
    stand_in,
};
