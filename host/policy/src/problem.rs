//! What is wrong with a rule, where, and what to type instead.

use std::fmt;

use cedar_policy::ffi::DetailedError;
use serde::Serialize;

/// A problem of a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleProblem {
    /// The file.
    pub file: String,
    /// Line and column, from 1, where they are known.
    pub at: Option<(usize, usize)>,
    /// The rule's id or number, where one is meant.
    pub rule: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What to type.
    pub fix: String,
    /// Whether the rules hold all the same.
    pub warning: bool,
}

impl RuleProblem {
    /// Of a whole file.
    pub fn of_file(file: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        let (what, fix) = (what.into(), fix.into());
        Self { file: file.to_owned(), at: None, rule: None, what, fix, warning: false }
    }

    pub(crate) fn of_rule(file: &str, rule: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { rule: Some(rule.to_owned()), ..Self::of_file(file, what, fix) }
    }

    /// What Cedar says, each of its complaints for itself.
    pub(crate) fn of_cedar(file: &str, text: &str, error: &DetailedError) -> Vec<Self> {
        let place = error.source_locations.first().map(|label| place(text, label.loc.start));
        let fix = error.help.clone().unwrap_or_else(|| "see https://docs.cedarpolicy.com".to_owned());
        let mut all = vec![Self { at: place, ..Self::of_file(file, error.message.clone(), fix) }];
        for related in error.related.iter().take(20) {
            all.extend(Self::of_cedar(file, text, related));
        }
        all
    }
}

/// Line and column of a byte.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(at)).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, "#{rule}")?;
        }
        write!(f, ": {}; {}", self.what, self.fix)
    }
}
