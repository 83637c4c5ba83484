//! What all batches found, as one: in the order in which the inputs were made, each finding once, its input made small.

use std::collections::BTreeMap;

use crate::asking::Asker;
use crate::batch::{Found, Outcome};
use crate::broken::Tested;
use crate::finding::{Finding, FindingKind};
use crate::inputs::Kind;
use crate::report::{Note, NoteKind};
use crate::shrink::shrink;

/// How the host quotes a plugin that says no and nothing else.
const NO_WORDS: &str = "it says: \"\"";

/// Findings whose inputs are made small; further ones keep theirs. Those that take all the time of a call are fewer.
const MAX_SHRUNK: usize = 40;
const MAX_SLOWLY: usize = 2;

/// Sums of one action.
#[derive(Default)]
pub(crate) struct Sums {
    pub(crate) calls: u64,
    pub(crate) inputs: u64,
    pub(crate) described: u64,
    pub(crate) refused: u64,
}

/// Everything together.
pub(crate) struct Merged {
    pub(crate) actions: Vec<Sums>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) notes: Vec<Note>,
    /// Calls it took to make inputs small.
    pub(crate) calls: u64,
}

/// Takes all outcomes together. They are keyed by action and batch.
pub(crate) fn merge(askers: &[&Asker<'_>], outcomes: BTreeMap<(usize, usize), Outcome>, broken: &[Tested]) -> Merged {
    let mut merged = Merged {
        actions: askers.iter().map(|_| Sums::default()).collect(),
        findings: Vec::new(),
        notes: Vec::new(),
        calls: 0,
    };
    let mut found: Vec<(usize, Found)> = Vec::new();
    let mut notes: BTreeMap<(usize, NoteKind, String), u64> = BTreeMap::new();
    let mut unfit: BTreeMap<(usize, &'static str), (u64, String)> = BTreeMap::new();
    for ((index, _), outcome) in outcomes {
        let sums = &mut merged.actions[index];
        sums.calls += outcome.calls;
        sums.inputs += outcome.inputs;
        sums.described += outcome.described;
        sums.refused += outcome.refused;
        for (words, times) in outcome.words {
            let kind = if words.ends_with(NO_WORDS) { NoteKind::RefusesWithoutReason } else { NoteKind::PluginRefuses };
            *notes.entry((index, kind, words)).or_default() += times;
        }
        for (code, (times, text)) in outcome.unfit {
            unfit.entry((index, code)).or_insert((0, text)).0 += times;
        }
        for new in outcome.found {
            match found.iter_mut().find(|(of, old)| *of == index && old.bad.is_like(&new.bad)) {
                Some((_, old)) => old.inputs += new.inputs,
                None => found.push((index, new)),
            }
        }
    }
    let mut slowly = 0;
    for (at, (index, found)) in found.into_iter().enumerate() {
        slowly += usize::from(found.is_slow());
        let wanted = at < MAX_SHRUNK && (!found.is_slow() || slowly <= MAX_SLOWLY);
        let small = wanted.then(|| shrink(askers[index], &found));
        merged.calls += small.as_ref().map_or(0, |small| small.calls);
        merged.findings.push(finding(askers[index], found, small));
    }
    for (index, tested) in broken.iter().enumerate() {
        merged.findings.extend(let_through(name(askers[index]), tested));
    }
    merged.findings.sort_by(|a, b| (a.kind, &a.action, &a.code).cmp(&(b.kind, &b.action, &b.code)));
    let told =
        notes.into_iter().map(|((index, kind, what), inputs)| Note { kind, action: name(askers[index]), what, inputs });
    merged.notes.extend(told);
    merged.notes.extend(unfit.into_iter().map(|((index, code), (inputs, text))| Note {
        kind: NoteKind::ValueRefused,
        action: name(askers[index]),
        what: format!("{code}: {text}"),
        inputs,
    }));
    merged
}

fn name(asker: &Asker<'_>) -> String {
    asker.binding().action().slug.to_string()
}

/// What the host's own check let through.
fn let_through(action: String, tested: &Tested) -> Option<Finding> {
    let first = tested.accepted.first()?;
    Some(Finding {
        kind: FindingKind::SchemaAccepts,
        action,
        code: None,
        what: first.name.clone(),
        input: first.text.clone(),
        before: Vec::new(),
        made_as: Kind::Edge,
        inputs: tested.accepted.len() as u64,
    })
}

fn finding(asker: &Asker<'_>, found: Found, small: Option<crate::shrink::Shrunk>) -> Finding {
    let (bad, input, before) = match small {
        Some(small) => (small.bad, small.input, small.before),
        None => (found.bad, found.input.text, found.before),
    };
    Finding {
        kind: bad.kind,
        action: name(asker),
        code: bad.code.map(|code| code.as_str().to_owned()),
        what: bad.what,
        input,
        before,
        made_as: found.input.kind,
        inputs: found.inputs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broken::test_by;
    use serde_json::json;

    #[test]
    fn a_check_that_lets_broken_inputs_through_is_a_finding_of_the_host() {
        let schema =
            json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "maxLength": 2}}});
        let inputs = [json!({"a": "x"})];
        let tested = test_by(&schema, inputs.iter(), 1_000, |text| !text.contains("xaa"));
        assert!(tested.sums.made > tested.sums.refused && tested.sums.refused > 0, "{:?}", tested.sums);
        let finding = let_through("read".to_owned(), &tested).unwrap();
        assert_eq!(
            (finding.kind, finding.inputs),
            (FindingKind::SchemaAccepts, tested.sums.made - tested.sums.refused)
        );
        let right = test_by(&schema, inputs.iter(), 1_000, |_| false);
        assert_eq!((right.sums.made, let_through("read".to_owned(), &right)), (right.sums.refused, None));
    }
}
