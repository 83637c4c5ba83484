//! Where the inputs of one action come from, in which order, and when there are no more.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use portcullis_model::Refusal;
use portcullis_registry::{ResolvedAction, Schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::input::{Input, Kind};
use super::places::put;
use super::spelling::{Spelling, spell};
use super::sweeps::{Base, Sweep, Wish, shuffled};
use crate::dice::Dice;
use crate::dictionary::Dictionary;
use crate::schema::{Maker, Points};

/// Most candidates made to reach more of the schema.
const MAX_MADE: usize = 1_500;

/// As many in a row that reach nothing new end that.
const NOTHING_NEW: usize = 250;

/// Inputs that are varied, and the largest of them.
const MAX_BASES: usize = 12;
const MAX_BASE_BYTES: usize = 20_000;

/// As many candidates in a row that pass not, or were there before, and there are no more.
const BARREN: usize = 3_000;

/// Instances of each worked example that are tried, in other spellings.
const SPELLINGS: [Spelling; 3] = [Spelling::Plain, Spelling::Escaped, Spelling::Spaced];

/// How many inputs of each kind were made.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Worked examples.
    pub examples: u64,
    /// What an honest caller could send.
    pub valid: u64,
    /// At the edges.
    pub edge: u64,
}

/// The inputs of one action.
pub(crate) struct Stream<'a> {
    action: &'a ResolvedAction,
    schema: &'a Schema,
    dictionary: &'a Dictionary,
    maker: Maker<'a>,
    points: Points,
    input_bytes: usize,
    examples: usize,
    tries: usize,
    nothing_new: usize,
    corpus: Vec<(usize, Value)>,
    bases: Option<Vec<Base>>,
    sweeps: Vec<Sweep>,
    /// Whose turn it is next, from the end.
    turns: Vec<usize>,
    turn: usize,
    /// Words that ended sweeps went through.
    words: usize,
    barren: usize,
    seen: HashSet<u64>,
    made: Made,
}

impl<'a> Stream<'a> {
    /// # Errors
    /// `bad-manifest` where the schema cannot be used.
    pub(crate) fn new(
        action: &'a ResolvedAction,
        dictionary: &'a Dictionary,
        seed: u64,
        input_bytes: usize,
    ) -> Result<Self, Refusal> {
        let schema = action.schema()?;
        let dice = Dice::new(seed, action.binding().action().slug.as_str());
        Ok(Self {
            action,
            schema,
            dictionary,
            maker: Maker::new(schema.source(), dictionary, dice),
            points: Points::of(schema.source()),
            input_bytes,
            examples: 0,
            tries: 0,
            nothing_new: 0,
            corpus: Vec::new(),
            bases: None,
            sweeps: Sweep::all(),
            turns: Vec::new(),
            turn: 0,
            words: 0,
            barren: 0,
            seen: HashSet::new(),
            made: Made::default(),
        })
    }

    /// What of the schema was reached.
    pub(crate) fn points(&self) -> &Points {
        &self.points
    }

    /// What was made.
    pub(crate) fn made(&self) -> &Made {
        &self.made
    }

    /// How many words of the dictionary were tried in all places at once.
    pub(crate) fn words(&self) -> u64 {
        let running: usize = self.sweeps.iter().map(|sweep| sweep.words(self.dictionary)).sum();
        (self.words + running) as u64
    }

    /// Inputs that reached something, as they were made.
    pub(crate) fn corpus(&self) -> impl Iterator<Item = &Value> {
        self.corpus.iter().map(|(_, value)| value)
    }

    /// The next so many; fewer where there are no more.
    pub(crate) fn batch(&mut self, size: usize) -> Vec<Input> {
        let mut batch = Vec::new();
        while batch.len() < size && self.barren < BARREN {
            match self.next() {
                Some(input) => {
                    self.barren = 0;
                    match input.kind {
                        Kind::Example => self.made.examples += 1,
                        Kind::Valid => self.made.valid += 1,
                        Kind::Edge => self.made.edge += 1,
                    }
                    batch.push(input);
                }
                None => self.barren += 1,
            }
        }
        batch
    }

    /// One more, where the next candidate is one.
    fn next(&mut self) -> Option<Input> {
        if let Some(input) = self.example() {
            return Some(input);
        }
        if self.tries < MAX_MADE && self.nothing_new < NOTHING_NEW && self.points.reached() < self.points.count()
            || self.tries < 8
        {
            return self.reaching();
        }
        self.varied()
    }

    fn example(&mut self) -> Option<Input> {
        let examples = &self.action.binding().action().examples;
        while let Some(example) = examples.get(self.examples / SPELLINGS.len()) {
            let (index, spelling) = (self.examples / SPELLINGS.len(), SPELLINGS[self.examples % SPELLINGS.len()]);
            self.examples += 1;
            let Ok(value) = serde_json::from_str::<Value>(&example.input) else { continue };
            let text = if spelling == Spelling::Plain { example.input.clone() } else { spell(&value, spelling) };
            if let Some(mut input) = self.fresh(text, Kind::Example) {
                input.example = Some(index);
                self.keep(value);
                return Some(input);
            }
        }
        None
    }

    /// A value made to reach what was not reached yet.
    fn reaching(&mut self) -> Option<Input> {
        self.tries += 1;
        self.nothing_new += 1;
        let edgy = self.tries.is_multiple_of(2);
        let value = self.maker.make(edgy)?;
        let spelling = if edgy { SPELLINGS[self.tries / 2 % 3] } else { Spelling::Plain };
        let input = self.fresh(spell(&value, spelling), if edgy { Kind::Edge } else { Kind::Valid })?;
        if self.keep(value) > 0 {
            self.nothing_new = 0;
        }
        Some(input)
    }

    /// Keeps what reaches something new; says how much.
    fn keep(&mut self, value: Value) -> usize {
        let new = self.points.mark(&self.schema.holding(&value), &value);
        if new > 0 || self.corpus.is_empty() {
            self.corpus.push((new, value));
        }
        new
    }

    /// The next of the sweeps, each in its turn; chance where it is its turn, and when they have ended.
    fn varied(&mut self) -> Option<Input> {
        if self.bases.is_none() {
            self.bases = Some(self.find_bases());
        }
        let bases = self.bases.as_deref()?;
        if self.turns.is_empty() {
            self.turns = turns(&self.sweeps);
        }
        self.turn += 1;
        let turn = self.turns.pop().unwrap_or(self.sweeps.len());
        let wish = match self.sweeps.get_mut(turn) {
            Some(sweep) => match sweep.next(bases, self.dictionary) {
                Some(wish) => wish,
                None => {
                    self.words += self.sweeps.remove(turn).words(self.dictionary);
                    self.turns.clear();
                    return None;
                }
            },
            None if self.turn.is_multiple_of(2) => {
                Wish::First(Kind::Edge, shuffled(bases, self.dictionary, self.maker.dice()).into_iter().collect())
            }
            None => Wish::First(Kind::Valid, self.maker.make(self.turn % 4 == 1).into_iter().collect()),
        };
        let (kind, candidates) = match wish {
            Wish::First(kind, candidates) => (kind, candidates),
            Wish::Everywhere(base, places, new) => (Kind::Valid, vec![everywhere(self.schema, base, places, &new)]),
        };
        candidates.into_iter().find_map(|value| self.fresh(spell(&value, Spelling::Plain), kind))
    }

    /// The inputs that can be varied most, and the worked examples among them.
    fn find_bases(&mut self) -> Vec<Base> {
        let mut corpus: Vec<&(usize, Value)> =
            self.corpus.iter().filter(|(_, value)| value.to_string().len() < MAX_BASE_BYTES).collect();
        corpus.sort_by_key(|(new, _)| std::cmp::Reverse(*new));
        let passes = |value: &Value| self.schema.check(value).is_ok();
        let mut bases: Vec<Base> =
            corpus.iter().take(MAX_BASES * 3).map(|(_, value)| Base::of(value.clone(), passes)).collect();
        bases.sort_by_key(|base| std::cmp::Reverse(base.size()));
        // What is varied first is what has most places; of the rest, what has some.
        bases.truncate(MAX_BASES);
        bases
    }

    /// An input of this text, if it passes and was not there before.
    fn fresh(&mut self, text: String, kind: Kind) -> Option<Input> {
        if text.len() > self.input_bytes {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        if self.seen.contains(&hasher.finish()) || self.action.check(&text).is_err() {
            return None;
        }
        self.seen.insert(hasher.finish());
        Some(Input { text, kind, example: None })
    }
}

/// One round of turns, chance included, each as evenly between the others as it goes.
fn turns(sweeps: &[Sweep]) -> Vec<usize> {
    let weights: Vec<usize> = sweeps.iter().map(Sweep::turns).chain([1]).collect();
    let all: usize = weights.iter().sum();
    let mut turns: Vec<(usize, usize)> = Vec::new();
    for (sweep, weight) in weights.iter().enumerate() {
        turns.extend((0..*weight).map(|n| ((2 * n + 1) * all / (2 * weight), sweep)));
    }
    turns.sort_unstable();
    turns.into_iter().rev().map(|(_, sweep)| sweep).collect()
}

/// A value in every place that takes it, together with those before.
fn everywhere(schema: &Schema, base: &Value, places: &[String], new: &Value) -> Value {
    let mut all = base.clone();
    for at in places {
        put(&mut all, at, new.clone());
    }
    if schema.check(&all).is_ok() {
        return all;
    }
    let mut some = base.clone();
    for at in places {
        let before = put(&mut some, at, new.clone());
        if schema.check(&some).is_err()
            && let Some(before) = before
        {
            put(&mut some, at, before);
        }
    }
    some
}
