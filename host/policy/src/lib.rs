//! Decides whether a checked request may be sent, and mints the permits that `egress` spends.
//!
//! An [`ApprovedRequest`] comes only out of [`decide`] or [`approve`], an [`AuditTicket`] only out of
//! [`AuditTicket::open`]; neither can be copied, made elsewhere or used twice. Nothing here sends, stores or asks:
//! stores are traits, implemented by `store`.

mod approval;
mod approved;
mod approver;
mod audit;
mod clock;
mod decide;
mod ids;
mod room_times;
mod rules;

pub use approval::{Approval, ApprovalState, ApprovalStore, NewApproval, StoreError, hold};
pub use approved::{ApprovedRequest, approve, still_waits};
pub use approver::Approver;
pub use audit::{AuditLog, AuditTicket, Durability, Event, Intent, OpenCall, OpenError, Outcome, Receipt, Seq};
pub use clock::{Clock, SystemClock, TimestampMs};
pub use decide::{Decision, PendingRequest, decide, unattended_by_default};
pub use ids::{ApprovalId, CallId, IdProblem};
pub use room_times::RoomTimes;
pub use rules::{OperatorApproval, Rules};
