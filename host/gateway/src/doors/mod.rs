//! Where agents come in. [`Service`] is what they can do, whichever door they come through.

mod caller;
mod calling;
mod deciding;
mod desk;
mod directory;
mod drafting;
pub mod http;
mod limits;
mod link;
mod listing;
mod local;
pub mod mcp;
mod once;
mod ruling;
mod service;
mod settings;
mod standing;
mod tending;
mod token;
mod waiting;
pub mod wire;

pub use caller::{Agent, Caller, Operator};
pub use directory::Entry;
pub use link::Link;
pub(crate) use local::Local;
pub use local::OPERATOR;
pub use ruling::PolicyView;
pub use service::Service;
pub use settings::{DoorLimits, DoorSettings, MAX_WAIT_MS};
pub(crate) use standing::end as end_standing;
pub use token::Token;
