//! The `portcullis` binary: doors, commands, and the one sentence that joins the rooms ([`invoke`]).
//!
//! A library only so that the acceptance tests and the bench can drive the real wiring in their own process.

mod additions;
mod admit;
mod answer;
mod apart;
mod authors;
mod commands;
mod demo;
mod distribution;
pub mod doors;
mod drafts;
mod embedded;
mod home;
mod host;
mod indexes;
mod install;
mod invoke;
mod notify;
mod obtain;
mod pace;
mod package;
mod policies;
mod pretty;
mod probe;
mod refused;
mod remote;
mod report;
mod reviews;
mod settings;
mod shape;
mod source;
mod terminal;
mod visible;
mod watch;
mod zone;

pub use answer::{Answer, Answered, DryRun, Held};
pub use commands::main;
pub use demo::{GALLERY, Hostile, Seen, Upstream};
pub use distribution::Distribution;
pub use home::Home;
pub use host::{Host, HostConfig};
pub use indexes::{kept as kept_index, refresh as refresh_index};
pub use install::{Candidate, install};
pub use invoke::{Invocation, approve, dry_run, explain, invoke};
pub use package::Package;
pub use probe::probe;
pub use settings::Settings;
pub use shape::{Content, Kept, LeftOut, ResponseMode, Selection, Shaped, View, What};
pub use source::Source;

/// The hidden verb under which this program compiles components in a child of its own.
pub const COMPILE_VERB: &str = "__compile-component";

/// Built-in components by name: shipped plugins, and the hostile guests of the demo.
#[must_use]
pub fn built_in(name: &str) -> Option<&'static [u8]> {
    embedded::plugin(name).or_else(|| embedded::hostile(name))
}

/// The component that serves every port whose actions are data; a definition names it by its digest.
#[must_use]
pub fn template() -> &'static [u8] {
    embedded::template()
}
