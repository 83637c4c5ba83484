//! The inputs of one action, batch by batch: worked examples, then whatever reaches more of the schema, then sweeps, then
//! chance. Each passed the real check; the same seed gives the same ones.

mod input;
mod places;
mod spelling;
mod stream;
mod sweeps;

pub(crate) use input::Input;
pub use input::Kind;
pub(crate) use places::with;
pub use stream::Made;
pub(crate) use stream::Stream;
