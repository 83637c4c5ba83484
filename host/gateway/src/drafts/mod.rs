//! Drafts: actions that agents propose under installed ports, held to the rules of installed actions and tried in the
//! same rooms.
//!
//! By an agent's act nothing here is installed, and nothing sent: a draft is tried by a person's yes to each request, and
//! an operator makes an action of it.

mod additions;
mod bound;
mod difference;
mod proposal;
mod publish;
mod trial;

pub(crate) use additions::retract;
pub(crate) use bound::{bound_of_approval, examine, examined};
pub(crate) use difference::{Compared, Kind, compared};
pub(crate) use proposal::{Proposal, find, refusal, unfit};
pub(crate) use publish::{publish, reject};
pub(crate) use trial::{Trial, ask, dry_run};
