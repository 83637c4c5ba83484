//! A service by its OpenAPI description: what of it becomes a document, and what does not, each with the reason.
//!
//! Every operation that an action can say exactly becomes one: JSON or form in, JSON or text out, at one origin, with one
//! credential in one header. What cannot be said exactly is never approximated. Does not fetch anything, references to
//! other files included, and knows nothing of what the service does: which actions read is told by their methods.

mod answer;
mod assemble;
mod body;
mod check;
mod convert;
mod declared;
mod description;
mod import;
mod imported;
mod keyword;
mod kinds;
mod media;
mod names;
mod operation;
mod operations;
mod parameter;
mod pool;
mod reason;
mod remark;
mod report;
mod route;
mod scrub;
mod security;
mod server;
mod streaming;
mod trial;
mod wishes;
mod words;

pub use check::SchemaCheck;
pub use description::MAX_BYTES;
pub use import::import;
pub use imported::{Imported, Told};
pub use reason::{Reason, Unsayable};
pub use remark::Remark;
pub use report::{LeftOut, Note};
pub use wishes::{Only, Wishes};

#[cfg(test)]
mod tests;
