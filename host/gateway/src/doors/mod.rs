//! Where agents come in. [`Service`] is what they can do, whichever door they come through.

mod caller;
mod directory;
mod limits;
mod once;
mod service;
mod settings;
mod token;
mod waiting;
pub mod wire;

pub use caller::{Agent, Caller, Operator};
pub use directory::Entry;
pub use service::Service;
pub use settings::{DoorLimits, DoorSettings, MAX_WAIT_MS};
pub use token::Token;
