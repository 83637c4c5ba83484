//! A batch of inputs: each in a fresh instance, again in another one, and all of them in one instance that stays.
//!
//! What a batch finds depends on nothing but its inputs, so that it does not matter which thread tries it when.

use std::collections::BTreeMap;

use portcullis_model::{Code, Shown};

use crate::asking::{Asker, Bad, Seen, kept};
use crate::finding::FindingKind;
use crate::inputs::{Input, Kind};

/// Inputs in one batch.
pub(crate) const SIZE: usize = 32;

/// A plugin without randomness and clock gives the same in every fresh instance as long as the sandbox is right, so that
/// only every so many inputs are asked twice.
const SEALED_AGAIN: usize = 4;

/// As many inputs that run out of time end a batch: each takes all the time there is.
const MAX_TIMEOUTS: usize = 2;

/// Different words of a plugin's no that are told apart in one batch.
const MAX_WORDS: usize = 16;

/// What a batch found, once for each kind and code.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) bad: Bad,
    pub(crate) input: Input,
    /// What the same instance described before.
    pub(crate) before: Vec<String>,
    pub(crate) inputs: u64,
}

impl Found {
    /// Whether it takes all the time that a call has to see it again.
    pub(crate) fn is_slow(&self) -> bool {
        self.bad.code == Some(Code::PluginTimeout)
    }
}

/// What a batch gave.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) calls: u64,
    pub(crate) inputs: u64,
    pub(crate) described: u64,
    pub(crate) refused: u64,
    /// The plugin's own words for its no, and how often.
    pub(crate) words: BTreeMap<String, u64>,
    /// Values that callers may give and the host refuses: by code, how often, and one refusal's text.
    pub(crate) unfit: BTreeMap<&'static str, (u64, String)>,
    pub(crate) found: Vec<Found>,
}

impl Outcome {
    fn add(&mut self, bad: Bad, input: &Input, before: &[String]) {
        match self.found.iter_mut().find(|found| found.bad.is_like(&bad)) {
            Some(found) => found.inputs += 1,
            None => self.found.push(Found { bad, input: input.clone(), before: before.to_vec(), inputs: 1 }),
        }
    }

    fn note(&mut self, seen: &Seen) {
        match seen {
            Seen::Fine(_) => self.described += 1,
            Seen::Unfit(_, refusal) => {
                self.described += 1;
                let text = || refusal.message().to_owned();
                self.unfit.entry(refusal.code().as_str()).or_insert_with(|| (0, text())).0 += 1;
            }
            Seen::No(refusal) => {
                self.refused += 1;
                let words = Shown::new(refusal.message()).limit_bytes(200).to_string();
                if self.words.len() < MAX_WORDS || self.words.contains_key(&words) {
                    *self.words.entry(words).or_default() += 1;
                }
            }
            Seen::Bad(..) => {}
        }
    }
}

/// Tries a batch.
pub(crate) fn run(asker: &Asker<'_>, batch: &[Input]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut seen: Vec<(&Input, Seen)> = Vec::new();
    let mut timeouts = 0;
    for (index, input) in batch.iter().enumerate() {
        outcome.inputs += 1;
        outcome.calls += 1;
        let first = asker.fresh(&input.text);
        outcome.note(&first);
        let mut stopped = false;
        if let Seen::Bad(bad, description) = &first {
            outcome.add(bad.clone(), input, &[]);
            stopped = description.is_none();
            timeouts += usize::from(bad.code == Some(Code::PluginTimeout));
        }
        if let Some(bad) = wrong_example(asker, input, &first) {
            outcome.add(bad, input, &[]);
        }
        if !stopped && (asker.subject.has_world() || index % SEALED_AGAIN == 0) {
            outcome.calls += 1;
            if let Some(bad) = asker.again(&input.text, &first, 0) {
                outcome.add(bad, input, &[]);
            }
        }
        if !stopped {
            seen.push((input, first));
        }
        if timeouts >= MAX_TIMEOUTS {
            break;
        }
    }
    keep_on(asker, &seen, &mut outcome);
    outcome
}

/// The same inputs one after another in an instance that stays, and over again from the first one, however few there are.
fn keep_on(asker: &Asker<'_>, seen: &[(&Input, Seen)], outcome: &mut Outcome) {
    let mut instance = asker.keep();
    let mut before: Vec<String> = Vec::new();
    for (input, fresh) in seen.iter().cycle().take((seen.len() + 1).max(SIZE)) {
        let Some(staying) = instance.as_deref_mut() else { return };
        outcome.calls += 1;
        match kept(staying, &before, &input.text, fresh) {
            Ok(Some(bad)) => outcome.add(bad, input, &before),
            Ok(None) => {}
            // It may have used up its memory: nothing that a call could notice.
            Err(_) => {
                instance = asker.keep();
                before.clear();
                continue;
            }
        }
        before.push(input.text.clone());
    }
}

fn wrong_example(asker: &Asker<'_>, input: &Input, seen: &Seen) -> Option<Bad> {
    let Input { kind: Kind::Example, example: Some(index), .. } = input else { return None };
    let example = asker.binding().action().examples.get(*index)?;
    let what = match seen {
        Seen::Fine(description) | Seen::Unfit(description, _) if description.matches(&example.expected) => return None,
        // What was refused is a finding of its own, unless the plugin itself said no.
        Seen::Bad(..) => return None,
        Seen::Fine(_) | Seen::Unfit(..) => "it describes another request than its manifest shows",
        Seen::No(_) => "it refuses its own example",
    };
    let what = format!("`{}`: {what}", Shown::new(&example.title));
    Some(Bad { kind: FindingKind::WrongExample, code: None, what })
}
