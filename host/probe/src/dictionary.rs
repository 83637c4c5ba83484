//! Words to try: what manifest, schemas and worked examples name, and the constants of the plugin's bytes.

use std::collections::HashSet;

use portcullis_model::Manifest;
use serde_json::{Number, Value};

use crate::harvest::{Constants, Room};
use crate::options::Options;

/// Most words of one kind taken from what is declared.
const MAX_DECLARED: usize = 2_000;

/// Longest declared string that is a word to try, in bytes: what is longer is prose.
const MAX_WORD: usize = 100;

/// Strings and numbers, without duplicates; what is declared comes first.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    pub(crate) strings: Vec<String>,
    pub(crate) numbers: Vec<Value>,
    /// How many more there were than are tried.
    pub(crate) left_out: usize,
}

impl Dictionary {
    /// The words of a manifest and of the component behind it; none of a template's component, which is the host's own.
    pub(crate) fn of(manifest: &Manifest, component: Option<&[u8]>, options: &Options) -> Self {
        let mut words = Words::default();
        words.text(manifest.port().slug.as_str());
        words.text(&manifest.port().label);
        for action in manifest.actions() {
            words.text(action.slug.as_str());
            for part in action.path.to_string().split('/') {
                words.text(part.trim_matches(['{', '}', '+']));
            }
            action.query.iter().for_each(|key| words.text(key.as_str()));
            action.headers.iter().for_each(|name| words.text(name.as_str()));
            words.value(&action.input_schema);
            for example in &action.examples {
                if let Ok(input) = serde_json::from_str(&example.input) {
                    words.value(&input);
                }
            }
        }
        if let Some(component) = component {
            let known = words.seen.clone();
            // As many as can be tried in every place beside everything else.
            let calls = usize::try_from(options.calls_per_action).unwrap_or(usize::MAX);
            let room = Room { strings: (calls / 10).max(100), numbers: (calls / 25).max(50) };
            let constants = Constants::of(component, room, options.seed, |text| known.contains(text));
            words.left_out += constants.left_out;
            constants.strings.into_iter().for_each(|text| words.push(text));
            constants.numbers.iter().for_each(|number| words.number(number));
            constants.numbers.iter().for_each(|number| words.neighbours(number));
        }
        Self { strings: words.strings, numbers: words.numbers, left_out: words.left_out }
    }
}

#[derive(Default)]
struct Words {
    strings: Vec<String>,
    seen: HashSet<String>,
    numbers: Vec<Value>,
    numbered: HashSet<String>,
    left_out: usize,
}

impl Words {
    fn text(&mut self, text: &str) {
        if (1..=MAX_WORD).contains(&text.len()) && !self.seen.contains(text) {
            if self.strings.len() < MAX_DECLARED {
                self.push(text.to_owned());
            } else {
                self.left_out += 1;
            }
        }
    }

    fn push(&mut self, text: String) {
        if self.seen.insert(text.clone()) {
            self.strings.push(text);
        }
    }

    fn number(&mut self, number: &Value) {
        if self.numbered.insert(number.to_string()) {
            self.numbers.push(number.clone());
        }
    }

    /// The numbers beside a number: a comparison may be with less or more than it. What code has as a negative word may be
    /// meant without a sign.
    fn neighbours(&mut self, number: &Value) {
        if let Some(whole) = number.as_i64() {
            let unsigned = i32::try_from(whole).ok().filter(|word| *word < 0).map(i32::cast_unsigned);
            let near = [Some(whole.saturating_add(1)), Some(whole.saturating_sub(1)), unsigned.map(i64::from)];
            near.into_iter().flatten().for_each(|near| self.number(&near.into()));
        } else if let Some(float) = number.as_f64() {
            let near = [float.next_up(), float.next_down()].into_iter().filter_map(Number::from_f64);
            near.for_each(|near| self.number(&Value::Number(near)));
        }
    }

    /// Every name, string and number within.
    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Number(_) => {
                self.number(value);
                self.neighbours(value);
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(members) => members.iter().for_each(|(name, member)| {
                self.text(name);
                self.value(member);
            }),
            Value::Null | Value::Bool(_) => {}
        }
    }
}
