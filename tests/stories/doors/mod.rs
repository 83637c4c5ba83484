//! The HTTP door, through the real program, with clients that mean no good.

pub(crate) mod asked;
mod bodies;
mod closing;
mod document;
mod exposure;
mod mcp;
mod page;
pub(crate) mod served;
mod sites;
mod slow;
mod who;
