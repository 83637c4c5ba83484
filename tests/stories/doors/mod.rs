//! The HTTP door, through the real program, with clients that do as they should and clients that mean no good.

mod approvals;
pub(crate) mod asked;
mod bodies;
mod calls;
mod closing;
mod document;
mod exposure;
pub(crate) mod gate;
mod late;
mod limits;
mod mcp;
mod once;
pub(crate) mod served;
mod sites;
mod slow;
mod who;
