//! The guide for authors, as the program carries it: the one of `plugins/README.md`.

/// From nothing to a published plugin, in three languages.
pub const GUIDE: &str = include_str!("../../../plugins/README.md");

/// The guide as a prompt for an agent that writes plugins: what is wanted of it, then the same words.
#[must_use]
pub fn prompt() -> String {
    format!("{TASK}\n\n{GUIDE}")
}

/// What an agent is to do, and when it is done. Everything else stands in the guide.
const TASK: &str = "\
You write a plugin for Portcullis. The guide below is all you need: follow it from top to bottom, in the language that you \
were asked for, and change the starter into the plugin that you were asked for.

You are done when `portcullis build`, `portcullis check --strict` and `portcullis test` each end with status 0. Do not \
install, approve or publish anything: those are the operator's. Never put a credential into code, examples or cases: the \
host holds it, and attaches it itself. Where the service's own description leaves something open, say so instead of guessing.";
