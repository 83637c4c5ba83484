//! Inputs from a schema, and how much of it they reach.
//!
//! A [`Maker`] makes candidates, [`Points`] says which branches of the schema they took, by the validator's own word.

mod choices;
mod maker;
mod needs;
mod numbers;
mod patterns;
mod points;
mod texts;
mod violations;

pub(crate) use maker::Maker;
pub(crate) use points::{Points, escaped};
pub(crate) use violations::{Violation, unreadable, violations};
