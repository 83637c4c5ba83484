//! Decides whether a checked request may be sent, and mints the permits that `egress` spends.
//!
//! An [`ApprovedRequest`] comes only out of [`decide`], [`approve`] or [`stand_in`], an [`AuditTicket`] only out of
//! [`AuditTicket::open`]; neither can be copied, made elsewhere or used twice. Nothing here sends, stores or asks:
//! stores are traits, implemented by `store`.

mod approval;
mod approved;
mod approver;
mod audit;
mod bounds;
mod check;
mod clock;
mod context;
mod decide;
mod explain;
mod ids;
mod judge;
mod prepared;
mod problem;
mod reads;
mod room_times;
mod rule;
mod rule_set;
mod rules;
mod schema;
mod shape;
mod side;
mod situation;
mod standing;
mod values;

pub use approval::{Approval, ApprovalState, ApprovalStore, NewApproval, StoreError, hold};
pub use approved::{ApprovedRequest, approve, approve_for, approved_again, still_waits};
pub use approver::Approver;
pub use audit::{
    AuditLog, AuditTicket, Durability, Event, Intent, OpenCall, OpenError, Opening, Outcome, Receipt, Seq,
};
pub use clock::{Clock, SystemClock, TimestampMs};
pub use decide::{Basis, Decision, Denial, PendingRequest, decide, unattended_by_default};
pub use explain::{Explanation, Voices, explain};
pub use ids::{ApprovalId, CallId, DraftId, IdProblem, StandingId};
pub use problem::RuleProblem;
pub use room_times::RoomTimes;
pub use rule::Mode;
pub use rule_set::{FileLine, RuleFile, RuleLine, RuleSet};
pub use rules::{OperatorApproval, Rules};
pub use schema::{SCHEMA, schema_of};
pub use situation::{Sent, Situation, Windows};
pub use standing::{
    LONGEST_LIFE_MS, MOST_USES, NewStanding, Revoked, StandingApproval, StandingState, Terms, latitude, may_stand,
    stand_in,
};
