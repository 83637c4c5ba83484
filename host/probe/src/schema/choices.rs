//! Which alternatives were taken how often, so that the seldom ones come next.

use std::collections::HashMap;

use serde_json::Value;

use crate::dice::Dice;

/// What is chosen at a place of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Choice {
    Arm(&'static str),
    Condition,
    Type,
    Value,
    Presence,
    Extra,
    Count,
    Text,
    Number,
    Flag,
}

/// Counts of every choice so far. A place is a subschema by where it lies in memory: each schema is held still while
/// inputs are made of it.
#[derive(Default)]
pub(super) struct Choices {
    taken: HashMap<(usize, Choice), Vec<u32>>,
}

impl Choices {
    /// One of so many alternatives: mostly one that was taken least.
    pub(super) fn choose(&mut self, place: &Value, choice: Choice, options: usize, dice: &mut Dice) -> usize {
        let taken = self.taken.entry((std::ptr::from_ref(place).addr(), choice)).or_default();
        if taken.len() < options {
            taken.resize(options, 0);
        }
        let chosen = if dice.once_in(4) {
            dice.below(options)
        } else {
            let least = taken[..options].iter().min().copied().unwrap_or(0);
            let seldom: Vec<usize> = (0..options).filter(|option| taken[*option] == least).collect();
            dice.pick(&seldom).copied().unwrap_or(0)
        };
        if let Some(count) = taken.get_mut(chosen) {
            *count += 1;
        }
        chosen
    }
}
