//! Proof by trying: whether a plugin ever leaves its declaration, differs from call to call, keeps something, crashes or
//! takes too much, for inputs that its own schemas allow.
//!
//! Inputs are made of an action's JSON Schema and of every word that manifest and code hold; each passes the registry's
//! own check before it counts. A [`Campaign`] asks a [`Subject`] and gives a [`Report`]. No sandbox, no network and no
//! files here: whoever has a plugin brings it, and the same seed tries the same.
//!
//! What is not found is not proved absent: a plugin may wait for a word that its bytes do not show.

mod asking;
mod batch;
mod broken;
mod campaign;
mod dice;
mod dictionary;
mod edges;
mod finding;
mod harvest;
mod inputs;
mod merge;
mod options;
mod report;
mod schema;
mod shrink;
mod subject;
mod summary;
mod theirs;

#[cfg(test)]
mod tests;

pub use campaign::{Campaign, Progress};
pub use finding::{Finding, FindingKind};
pub use inputs::{Kind, Made};
pub use options::Options;
pub use report::{ActionReport, Broken, Coverage, Ended, Note, NoteKind, Pace, REPORT_FORMAT, Report, Tried, Words};
pub use subject::{Kept, Subject};
pub use summary::Summary;
