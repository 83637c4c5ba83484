//! Runs cases and tells what differs.

use portcullis_model::{Description, Refusal, Shown};
use serde_json::Value;
use similar::TextDiff;

use super::{Case, Describe, Expected};

/// Lines around a difference that are shown with it.
const CONTEXT_LINES: usize = 3;

/// A case that was run.
#[derive(Debug)]
pub struct Ran {
    /// The case.
    pub case: Case,
    /// What came.
    pub came: Result<Description, Refusal>,
    /// Whether that was right.
    pub ended: Ended,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// What was expected came.
    Well,
    /// Something else came.
    Otherwise,
    /// The case does not say what is expected.
    Unsaid,
}

/// Runs every case, in order.
#[must_use]
pub fn run(cases: Vec<Case>, plugin: &dyn Describe) -> Vec<Ran> {
    let one = |case: Case| {
        let came = plugin.describe(&case.action, &case.input);
        let ended = match &case.expected {
            None => Ended::Unsaid,
            Some(expected) if expected.is(&Expected::of(&came)) => Ended::Well,
            Some(_) => Ended::Otherwise,
        };
        Ran { case, came, ended }
    };
    cases.into_iter().map(one).collect()
}

/// What was expected against what came, line by line, safe to show; empty where they are the same.
#[must_use]
pub fn diff(ran: &Ran) -> String {
    let expected = ran.case.expected.as_ref().map_or_else(String::new, text);
    let came = text(&Expected::of(&ran.came));
    let diff = TextDiff::from_lines(&expected, &came);
    let shown = diff.unified_diff().context_radius(CONTEXT_LINES).header("expected", "came").to_string();
    Shown::block(&shown).to_string()
}

/// JSON with members in one order, so that only what matters differs.
fn text(expected: &Expected) -> String {
    let value = serde_json::to_value(expected).map(sorted).unwrap_or_default();
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
