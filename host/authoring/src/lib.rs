//! What authors of plugins need, as pure data and plain processes: starters, the languages' own build tools, the lint of
//! a manifest, and cases of input and expected request.
//!
//! Runs no plugin: whoever has a sandbox hands in what a plugin declares and describes. Sends nothing, knows no
//! operator and keeps no state.

mod guide;
mod language;
mod name;
mod project;
mod starter;
mod tools;

pub use guide::{GUIDE, prompt};
pub use language::Language;
pub use name::ProjectName;
pub use project::Project;
pub use starter::Starter;
pub use tools::{Built, Fresh, Makes, Met, Need, Recipe, Step, build, recipe};
