//! Strings that a pattern of a schema matches, and whether one does.

use std::collections::HashMap;

use rand::distr::Distribution as _;
use regex_syntax::hir::{Hir, HirKind, Look};

use super::needs::Range;
use crate::dice::Dice;

/// Most repetitions of what may repeat without end.
const REPEATS: u32 = 12;

/// Longest match that is filled up to a length, in characters.
const MAX_CHARS: usize = 70_000;

/// Tries for a length.
const TRIES: usize = 24;

/// Largest compiled pattern, in bytes; the registry's own limit.
const MAX_BYTES: usize = 128 << 10;

/// Deepest nesting of a pattern.
const MAX_NESTING: u32 = 64;

/// Patterns that were read before.
#[derive(Default)]
pub(super) struct Patterns(HashMap<String, Option<Pattern>>);

struct Pattern {
    few: rand_regex::Regex,
    many: rand_regex::Regex,
    /// Whether a match may have something before it, and behind it.
    open: (bool, bool),
    whole: regex::Regex,
}

impl Patterns {
    /// A string that matches, of a length in characters. Where the pattern is not anchored, something may stand around
    /// the match.
    pub(super) fn sample(&mut self, pattern: &str, length: Range, dice: &mut Dice) -> Option<String> {
        let read = self.read(pattern)?;
        let mut shortest: Option<String> = None;
        for attempt in 0..TRIES {
            let kind = if attempt % 3 == 2 || length.least > 16 { &read.many } else { &read.few };
            let Ok(text): Result<String, _> = kind.sample(dice.generator()) else { continue };
            let count = text.chars().count();
            if length.holds(count) {
                return Some(read.surrounded(text, length, dice));
            }
            if let Some(text) = read.of_length(&text, count, length) {
                return Some(text);
            }
            if shortest.as_ref().is_none_or(|shortest| text.len() < shortest.len()) {
                shortest = Some(text);
            }
        }
        shortest
    }

    /// Whether a name matches.
    pub(super) fn matches(&mut self, pattern: &str, text: &str) -> bool {
        self.read(pattern).is_some_and(|read| read.whole.is_match(text))
    }

    fn read(&mut self, pattern: &str) -> Option<&Pattern> {
        if !self.0.contains_key(pattern) {
            let read = Pattern::read(pattern);
            self.0.insert(pattern.to_owned(), read);
        }
        self.0.get(pattern)?.as_ref()
    }
}

impl Pattern {
    fn read(pattern: &str) -> Option<Self> {
        let tree = regex_syntax::ParserBuilder::new().nest_limit(MAX_NESTING).build().parse(pattern).ok()?;
        let begins = tree.properties().look_set_prefix().contains(Look::Start);
        let ends = tree.properties().look_set_suffix().contains(Look::End);
        let bare = without_looks(&tree);
        Some(Self {
            few: rand_regex::Regex::with_hir(bare.clone(), REPEATS).ok()?,
            many: rand_regex::Regex::with_hir(bare, REPEATS * 30).ok()?,
            open: (!begins, !ends),
            whole: regex::RegexBuilder::new(pattern).size_limit(MAX_BYTES).build().ok()?,
        })
    }

    /// The same cut, or with its last character over and over again, where that still matches.
    fn of_length(&self, text: &str, count: usize, length: Range) -> Option<String> {
        let fitting: String = if count as u64 > length.most {
            text.chars().take(usize::try_from(length.most).ok()?).collect()
        } else {
            let least = usize::try_from(length.least).ok().filter(|least| *least < MAX_CHARS)?;
            let last = text.chars().next_back().unwrap_or('a');
            text.chars().chain(std::iter::repeat(last)).take(least).collect()
        };
        self.whole.is_match(&fitting).then_some(fitting)
    }

    fn surrounded(&self, text: String, length: Range, dice: &mut Dice) -> String {
        let around = ["", "", "a", "/", "..", " ", "%2f", "\u{e9}", "\r\n"];
        let before = dice.pick(&around).filter(|_| self.open.0).copied().unwrap_or_default();
        let behind = dice.pick(&around).filter(|_| self.open.1).copied().unwrap_or_default();
        let longer = format!("{before}{text}{behind}");
        if length.holds(longer.chars().count()) { longer } else { text }
    }
}

/// The same without anchors and boundaries, which a generator cannot heed.
fn without_looks(tree: &Hir) -> Hir {
    match tree.kind() {
        HirKind::Look(_) => Hir::empty(),
        HirKind::Repetition(repetition) => {
            let mut repetition = repetition.clone();
            repetition.sub = Box::new(without_looks(&repetition.sub));
            Hir::repetition(repetition)
        }
        HirKind::Capture(capture) => without_looks(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_looks).collect()),
        HirKind::Alternation(branches) => Hir::alternation(branches.iter().map(without_looks).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => tree.clone(),
    }
}
