//! Cuts an answer to bounds and counts what it leaves out.
//!
//! Deterministic: what comes first is kept, in order, until a bound is reached, so a cut answer cut again is the same.
//! Does not choose what matters in an answer: that is what a selection is for.

use serde_json::{Map, Value};

use super::shaped::{LeftOut, Shaped, What};

/// How large a cut answer may be.
#[derive(Debug)]
pub(super) struct Bounds {
    /// Items of an array.
    pub(super) items: usize,
    /// Bytes of a string that stands inside the answer.
    pub(super) string_bytes: usize,
    /// Nesting.
    pub(super) depth: usize,
    /// Places, over all arrays and objects.
    pub(super) places: usize,
    /// Bytes of it all, written as JSON without spaces.
    pub(super) bytes: usize,
    /// Places that leave something out and are listed one by one.
    pub(super) notes: usize,
}

/// The summary that an action can declare.
pub(super) const JSON_SUMMARY: Bounds =
    Bounds { items: 50, string_bytes: 4_000, depth: 16, places: 2_000, bytes: 64 * 1024, notes: 100 };

/// The summary that a caller can ask for.
pub(super) const COMPACT: Bounds =
    Bounds { items: 10, string_bytes: 400, depth: 8, places: 400, bytes: 8 * 1024, notes: 20 };

/// What is selected from an answer that is given whole. A path can find a place and all that stands inside it, level
/// by level, so what it finds can be a hundred times the answer.
pub(super) const SELECTED: Bounds = Bounds {
    items: usize::MAX,
    string_bytes: usize::MAX,
    depth: usize::MAX,
    places: usize::MAX,
    bytes: 10 * 1024 * 1024,
    notes: 100,
};

/// Bytes of a pointer in the list of what was left out; a place with a longer one is only counted.
const MAX_POINTER_BYTES: usize = 200;

/// One answer being cut.
pub(super) struct Summary {
    bounds: &'static Bounds,
    left_out: Vec<LeftOut>,
    unlisted: usize,
    places: usize,
    /// Bytes that are left.
    bytes: usize,
}

impl Summary {
    pub(super) fn new(bounds: &'static Bounds) -> Self {
        Self { bounds, left_out: Vec::new(), unlisted: 0, places: 0, bytes: bounds.bytes }
    }

    /// Cuts a value.
    pub(super) fn of(mut self, value: &Value) -> Shaped {
        let result = self.cut(value, &mut String::new(), 0);
        self.done(result)
    }

    /// Cuts a list of values, as an array of them.
    pub(super) fn list(mut self, values: &[&Value]) -> Shaped {
        self.places += 1;
        let result = self.array(values.iter().copied(), &mut String::new(), 0);
        self.done(result)
    }

    /// Cuts a text that is the whole answer: it may fill all the bytes there are.
    pub(super) fn text(mut self, text: &str) -> Shaped {
        let result = self.string(text, self.bounds.bytes, "");
        self.done(result)
    }

    fn done(mut self, result: Value) -> Shaped {
        if self.unlisted > 0 {
            self.left_out.push(LeftOut { at: String::new(), count: self.unlisted, of: What::Places });
        }
        Shaped { result, left_out: self.left_out }
    }

    /// There is room for the [`floor`] of the value.
    fn cut(&mut self, value: &Value, at: &mut String, depth: usize) -> Value {
        self.places += 1;
        match value {
            Value::Array(items) => self.array(items.iter(), at, depth),
            Value::Object(members) => self.object(members, at, depth),
            Value::String(text) => self.string(text, self.bounds.string_bytes, at),
            scalar => {
                self.spend(floor(scalar));
                scalar.clone()
            }
        }
    }

    fn array<'v>(&mut self, items: impl ExactSizeIterator<Item = &'v Value>, at: &mut String, depth: usize) -> Value {
        let all = items.len();
        let mut kept = Vec::new();
        self.spend(2);
        for item in items.take(if depth < self.bounds.depth { self.bounds.items } else { 0 }) {
            let comma = usize::from(!kept.is_empty());
            if !self.has_room(comma + floor(item)) {
                break;
            }
            self.spend(comma);
            let index = kept.len().to_string();
            kept.push(self.inside(item, at, &index, depth));
        }
        self.note(at, all - kept.len(), What::Items);
        Value::Array(kept)
    }

    fn object(&mut self, members: &Map<String, Value>, at: &mut String, depth: usize) -> Value {
        let mut kept = Map::new();
        self.spend(2);
        for (name, member) in members.iter().take(if depth < self.bounds.depth { usize::MAX } else { 0 }) {
            let before = usize::from(!kept.is_empty()) + written(name) + ":".len();
            if !self.has_room(before + floor(member)) {
                break;
            }
            self.spend(before);
            let cut = self.inside(member, at, &name.replace('~', "~0").replace('/', "~1"), depth);
            kept.insert(name.clone(), cut);
        }
        self.note(at, members.len() - kept.len(), What::Members);
        Value::Object(kept)
    }

    fn string(&mut self, text: &str, max_bytes: usize, at: &str) -> Value {
        self.spend(2);
        let mut end = 0;
        for character in text.chars() {
            let bytes = escaped(character);
            if end + character.len_utf8() > max_bytes || bytes > self.bytes {
                break;
            }
            self.spend(bytes);
            end += character.len_utf8();
        }
        self.note(at, text.len() - end, What::Bytes);
        Value::String(text[..end].to_owned())
    }

    fn inside(&mut self, value: &Value, at: &mut String, step: &str, depth: usize) -> Value {
        let length = at.len();
        at.push('/');
        at.push_str(step);
        let cut = self.cut(value, at, depth + 1);
        at.truncate(length);
        cut
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.places < self.bounds.places && bytes <= self.bytes
    }

    fn spend(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    fn note(&mut self, at: &str, count: usize, of: What) {
        if count == 0 {
            return;
        }
        if self.left_out.len() < self.bounds.notes && written(at) <= MAX_POINTER_BYTES {
            self.left_out.push(LeftOut { at: at.to_owned(), count, of });
        } else {
            self.unlisted += 1;
        }
    }
}

/// The least that a value takes, cut as far as it can be.
fn floor(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number.to_string().len(),
        Value::String(_) | Value::Array(_) | Value::Object(_) => 2,
    }
}

/// Bytes of a string written as JSON.
fn written(text: &str) -> usize {
    2 + text.chars().map(escaped).sum::<usize>()
}

/// Bytes of a character in a JSON string, as `serde_json` writes it.
fn escaped(character: char) -> usize {
    match character {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests;
