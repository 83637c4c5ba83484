//! Systematic variations of inputs that reached something: every word and number of the dictionary, every edge, and a
//! row of small numbers, in all places at once and in each place alone.

use serde_json::{Map, Value};

use super::input::Kind;
use super::places::{self, objects, places, put, with};
use crate::dice::Dice;
use crate::dictionary::Dictionary;
use crate::edges;

/// Small numbers that are tried one after another: what misbehaves once in a thousand does so here.
const ROW: i64 = 1_100;

/// Of which as many are tried below zero.
const BELOW_ZERO: i64 = 130;

/// An input that passed, and its places. Those of `texts` were seen to take more than one string.
pub(crate) struct Base {
    pub(crate) value: Value,
    pub(crate) texts: Vec<String>,
    pub(crate) numbers: Vec<String>,
    pub(crate) open: Vec<String>,
}

impl Base {
    /// Finds the places of a value; `passes` is the real check.
    pub(crate) fn of(value: Value, mut passes: impl FnMut(&Value) -> bool) -> Self {
        let mut trial = value.clone();
        let mut takes = |at: &String, others: Vec<Value>| {
            let before = trial.pointer(at).cloned().unwrap_or_default();
            let takes = others.into_iter().any(|other| {
                put(&mut trial, at, other);
                passes(&trial)
            });
            put(&mut trial, at, before);
            takes
        };
        let texts = places(&value, places::Kind::Text);
        let texts = texts.into_iter().filter(|at| takes(at, neighbours(&value, at))).collect();
        let numbers = places(&value, places::Kind::Number);
        let others: Vec<Value> = [0, 1, 2, 3, 10, 100].map(Value::from).to_vec();
        let numbers = numbers.into_iter().filter(|at| takes(at, others.clone())).collect();
        let open = objects(&value)
            .into_iter()
            .filter(|at| member(&value, at, "x-any", Value::Bool(true)).is_some_and(|more| passes(&more)))
            .collect();
        Self { value, texts, numbers, open }
    }

    /// How much of it can be varied.
    pub(crate) fn size(&self) -> usize {
        self.texts.len() + self.numbers.len() + self.open.len()
    }
}

/// Strings near the one that stands at a place: whatever is not a listed value takes one of them.
fn neighbours(value: &Value, at: &str) -> Vec<Value> {
    let text = value.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let shorter = text.char_indices().next_back().map_or("", |(last, _)| &text[..last]);
    let mut near: Vec<String> = ["0", "1", "a", "b", "A", "/"].iter().map(|end| format!("{shorter}{end}")).collect();
    near.extend([format!("{text}a"), format!("{text}0"), shorter.to_owned(), "w".to_owned(), "example".to_owned()]);
    near.into_iter().filter(|other| other != text).map(Value::from).collect()
}

/// What a sweep wants tried next.
pub(crate) enum Wish<'b> {
    /// The first of these that passes.
    First(Kind, Vec<Value>),
    /// One value in every place that takes it.
    Everywhere(&'b Value, &'b [String], Value),
}

/// What a sweep varies, and how far it is.
pub(crate) struct Sweep {
    kind: Sweeping,
    next: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sweeping {
    RowEverywhere,
    WordsEverywhere,
    NumbersEverywhere,
    Edges,
    Names,
    RowSomewhere,
    WordsSomewhere,
    NumbersSomewhere,
}

impl Sweep {
    /// Every sweep there is.
    pub(crate) fn all() -> Vec<Self> {
        use Sweeping::*;
        [
            RowEverywhere,
            WordsEverywhere,
            NumbersEverywhere,
            Edges,
            Names,
            RowSomewhere,
            WordsSomewhere,
            NumbersSomewhere,
        ]
        .map(|kind| Self { kind, next: 0 })
        .into()
    }

    /// How many turns it has while others have one: what goes through everything in all places at once comes to its end
    /// before what does so place by place.
    pub(crate) fn turns(&self) -> usize {
        match self.kind {
            Sweeping::WordsEverywhere => 6,
            Sweeping::RowEverywhere | Sweeping::NumbersEverywhere => 4,
            Sweeping::Edges => 3,
            _ => 1,
        }
    }

    /// How many words it has been through.
    pub(crate) fn words(&self, dictionary: &Dictionary) -> usize {
        match self.kind {
            Sweeping::WordsEverywhere => self.next.min(dictionary.strings.len()),
            Sweeping::NumbersEverywhere => self.next.min(dictionary.numbers.len()),
            _ => 0,
        }
    }

    /// What it wants tried next; `None` at its end.
    pub(crate) fn next<'b>(&mut self, bases: &'b [Base], dictionary: &Dictionary) -> Option<Wish<'b>> {
        let wish = self.at(self.next, bases, dictionary)?;
        self.next += 1;
        Some(wish)
    }

    fn at<'b>(&self, at: usize, bases: &'b [Base], dictionary: &Dictionary) -> Option<Wish<'b>> {
        let row = (ROW + BELOW_ZERO) as usize;
        let texts = |base: &Base| base.texts.len();
        let numbers = |base: &Base| base.numbers.len();
        match self.kind {
            Sweeping::RowEverywhere => {
                let (base, index) = each(bases, at, |base| if numbers(base) > 0 { row } else { 0 })?;
                Some(Wish::Everywhere(&base.value, &base.numbers, nth_of_row(index)))
            }
            Sweeping::WordsEverywhere => {
                let (base, index) = each(bases, at, |base| if texts(base) > 0 { dictionary.strings.len() } else { 0 })?;
                Some(Wish::Everywhere(&base.value, &base.texts, dictionary.strings[index].clone().into()))
            }
            Sweeping::NumbersEverywhere => {
                let (base, index) =
                    each(bases, at, |base| if numbers(base) > 0 { dictionary.numbers.len() } else { 0 })?;
                Some(Wish::Everywhere(&base.value, &base.numbers, dictionary.numbers[index].clone()))
            }
            Sweeping::Edges => {
                let (edgy_texts, edgy_numbers) = (edges::texts(), edges::numbers());
                let of_texts = |base: &Base| texts(base) * edgy_texts.len();
                let (base, index) = each(bases, at, |base| of_texts(base) + numbers(base) * edgy_numbers.len())?;
                let changed = match index.checked_sub(of_texts(base)) {
                    None => {
                        let text = &edgy_texts[index / texts(base)];
                        with(&base.value, &base.texts[index % texts(base)], text.clone().into())
                    }
                    Some(index) => {
                        let number = &edgy_numbers[index / numbers(base)];
                        with(&base.value, &base.numbers[index % numbers(base)], number.clone())
                    }
                };
                Some(Wish::First(Kind::Edge, vec![changed]))
            }
            Sweeping::Names => {
                let (base, index) = each(bases, at, |base| base.open.len() * dictionary.strings.len())?;
                let (place, name) = (&base.open[index % base.open.len()], &dictionary.strings[index / base.open.len()]);
                let values = [Value::Bool(true), name.clone().into(), 1.into(), Map::new().into()];
                let more = values.into_iter().filter_map(|value| member(&base.value, place, name, value));
                Some(Wish::First(Kind::Edge, more.collect()))
            }
            Sweeping::RowSomewhere => {
                let (base, index) = each(bases, at, |base| if numbers(base) > 1 { numbers(base) * row } else { 0 })?;
                let place = &base.numbers[index % numbers(base)];
                Some(Wish::First(Kind::Valid, vec![with(&base.value, place, nth_of_row(index / numbers(base)))]))
            }
            Sweeping::WordsSomewhere => {
                let of = |base: &Base| if texts(base) > 1 { texts(base) * dictionary.strings.len() } else { 0 };
                let (base, index) = each(bases, at, of)?;
                let word = dictionary.strings[index / texts(base)].clone();
                Some(Wish::First(Kind::Valid, vec![with(&base.value, &base.texts[index % texts(base)], word.into())]))
            }
            Sweeping::NumbersSomewhere => {
                let of = |base: &Base| if numbers(base) > 1 { numbers(base) * dictionary.numbers.len() } else { 0 };
                let (base, index) = each(bases, at, of)?;
                let number = dictionary.numbers[index / numbers(base)].clone();
                Some(Wish::First(Kind::Valid, vec![with(&base.value, &base.numbers[index % numbers(base)], number)]))
            }
        }
    }
}

/// The base that a running number falls to, and the number within it: all of one base before the next.
fn each(bases: &[Base], at: usize, size: impl Fn(&Base) -> usize) -> Option<(&Base, usize)> {
    let mut left = at;
    for base in bases {
        match left.checked_sub(size(base)) {
            None => return Some((base, left)),
            Some(rest) => left = rest,
        }
    }
    None
}

/// 0, 1, 2 and so on, with some below zero in between.
fn nth_of_row(index: usize) -> Value {
    let index = index as i64;
    let pairs = BELOW_ZERO * 2;
    Value::from(if index >= pairs {
        index - BELOW_ZERO
    } else if index % 2 == 0 {
        index / 2
    } else {
        -(index / 2) - 1
    })
}

/// With one more member in an object; `None` where it has one of that name.
fn member(value: &Value, at: &str, name: &str, new: Value) -> Option<Value> {
    let mut more = value.clone();
    let members = more.pointer_mut(at)?.as_object_mut()?;
    if members.contains_key(name) {
        return None;
    }
    members.insert(name.to_owned(), new);
    Some(more)
}

/// A base with several things changed by chance.
pub(crate) fn shuffled(bases: &[Base], dictionary: &Dictionary, dice: &mut Dice) -> Option<Value> {
    let base = dice.pick(bases)?;
    let mut value = base.value.clone();
    for at in base.texts.iter().chain(&base.numbers) {
        if dice.once_in(3) {
            continue;
        }
        let is_text = value.pointer(at).is_some_and(Value::is_string);
        let new = match (is_text, dice.below(3)) {
            (true, 0) => dice.pick(&dictionary.strings).cloned().map(Value::from),
            (true, 1) => dice.pick(edges::short_texts()).cloned().map(Value::from),
            (true, _) => Some(canary(dice).into()),
            (false, 0) => dice.pick(&dictionary.numbers).cloned(),
            (false, 1) => dice.pick(edges::numbers()).cloned(),
            (false, _) => Some(dice.between(0, 1_000_000).into()),
        };
        if let Some(new) = new {
            put(&mut value, at, new);
        }
    }
    Some(value)
}

/// A word that stands in no other input: where it turns up later, something was kept.
fn canary(dice: &mut Dice) -> String {
    format!("canary-{:08x}", dice.between(0, i64::from(u32::MAX)))
}
