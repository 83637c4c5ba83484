//! Inputs that break their schema in one place each must be refused before the plugin is asked.

use portcullis_registry::ResolvedAction;
use serde_json::Value;

use crate::report::Broken;
use crate::schema::{Violation, unreadable, violations};

/// Inputs that are broken.
const MAX_INPUTS: usize = 6;

/// What came of it.
pub(crate) struct Tested {
    pub(crate) sums: Broken,
    /// Those that were not refused.
    pub(crate) accepted: Vec<Violation>,
}

/// Breaks some inputs of an action in every way that its schema certainly forbids.
pub(crate) fn test<'a>(action: &ResolvedAction, corpus: impl Iterator<Item = &'a Value>, input_bytes: usize) -> Tested {
    let root = &action.binding().action().input_schema;
    test_by(root, corpus, input_bytes, |text| action.check(text).is_ok())
}

/// The same with any check.
pub(crate) fn test_by<'a>(
    root: &Value,
    corpus: impl Iterator<Item = &'a Value>,
    input_bytes: usize,
    accepts: impl Fn(&str) -> bool,
) -> Tested {
    let mut tested = Tested { sums: Broken::default(), accepted: Vec::new() };
    let mut inputs: Vec<&Value> = corpus.collect();
    // The largest have most to break.
    inputs.sort_by_key(|value| std::cmp::Reverse(value.to_string().len().min(20_000)));
    let mut broken: Vec<Violation> = inputs.iter().take(MAX_INPUTS).flat_map(|input| violations(root, input)).collect();
    broken.extend(inputs.first().into_iter().flat_map(|input| unreadable(&input.to_string())));
    broken.sort_by(|a, b| a.text.cmp(&b.text));
    broken.dedup_by(|a, b| a.text == b.text);
    for violation in broken.into_iter().filter(|violation| violation.text.len() <= input_bytes) {
        tested.sums.made += 1;
        if accepts(&violation.text) {
            tested.accepted.push(violation);
        } else {
            tested.sums.refused += 1;
        }
    }
    tested
}
