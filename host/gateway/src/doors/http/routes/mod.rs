//! The routes, one file each. A route reads its request, asks the service, and says it in HTTP; it decides nothing.

pub(super) mod action;
pub(super) mod actions;
pub(super) mod approval;
pub(super) mod approvals;
pub(super) mod approve;
pub(super) mod audit;
pub(super) mod drafts;
pub(super) mod execute;
pub(super) mod health;
pub(super) mod metrics;
pub(super) mod ports;
pub(super) mod reject;
pub(super) mod revoke;
pub(super) mod standing;
pub(super) mod status;
