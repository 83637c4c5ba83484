//! The HTTP door, through the real program, with clients that mean no good.

mod asked;
mod bodies;
mod closing;
mod document;
mod exposure;
mod served;
mod sites;
mod slow;
mod who;
