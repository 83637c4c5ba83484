//! What the lint found, safe to show.

use portcullis_model::Shown;
use serde::Serialize;

use super::{Rule, Severity};

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How heavy it is.
    pub severity: Severity,
    /// The rule.
    pub rule: Rule,
    /// Where: `port.description`, or an action's name and a place in it.
    pub at: String,
    /// What is there.
    pub what: String,
    /// How to mend it.
    pub fix: String,
}

/// Findings so far, and the place that is being looked at.
#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    pub(super) fn add(&mut self, rule: Rule, at: &str, what: impl Into<String>, fix: impl Into<String>) {
        let at = Shown::new(at).limit_bytes(200).to_string();
        self.list.push(Finding { severity: rule.severity(), rule, at, what: what.into(), fix: fix.into() });
    }

    /// The heaviest first, and what is of one weight in the order of the manifest.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.severity);
        self.list
    }
}

/// A name of a stranger, quoted.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", Shown::new(name).limit_bytes(100))
}
