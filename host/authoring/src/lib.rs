//! What authors of plugins need, as pure data and plain processes: starters, the languages' own build tools, the lint of
//! a manifest, and cases of input and expected request.
//!
//! Runs no plugin: whoever has a sandbox hands in what a plugin declares and describes. Sends nothing, knows no
//! operator and keeps no state.

mod cases;
mod embedded;
mod guide;
mod language;
mod lint;
mod name;
mod project;
mod sources;
mod starter;
mod tools;

pub use cases::{
    Case, Cases, Describe, Ended, Expected, ExpectedBody, ExpectedRefusal, ExpectedRequest, Origin, Ran, bless, diff,
    run,
};
pub use guide::{GUIDE, prompt};
pub use language::Language;
pub use lint::{Finding, Rule, Severity, lint};
pub use name::ProjectName;
pub use project::Project;
pub use sources::{fingerprint, is_source, newest, source_folders};
pub use starter::Starter;
pub use tools::{Built, Fresh, Makes, Met, Need, Recipe, Step, Told, build, recipe};
