//! Makes values of a schema: every alternative in its turn, bounds met exactly, lists and objects of every size.
//!
//! What it makes is a candidate. Whether it passes is for the real check to say.

use serde_json::{Map, Value};

use super::choices::{Choice, Choices};
use super::needs::{Needs, Range};
use super::patterns::Patterns;
use crate::dice::Dice;
use crate::dictionary::Dictionary;

/// Subschemas looked at for one value.
const MAX_STEPS: usize = 20_000;

/// Deepest nesting made; strict JSON ends at 64.
const MAX_DEPTH: usize = 40;

/// From here on only what must be there is made.
const PLAIN_DEPTH: usize = 6;

/// Most items or members that are made to reach a bound.
const MAX_COUNT: u64 = 300;

/// Makes values.
pub(crate) struct Maker<'a> {
    root: &'a Value,
    pub(super) dictionary: &'a Dictionary,
    pub(super) dice: Dice,
    pub(super) choices: Choices,
    pub(super) patterns: Patterns,
    /// Whether values at the edges are wanted.
    pub(super) edgy: bool,
    left: usize,
}

impl<'a> Maker<'a> {
    pub(crate) fn new(root: &'a Value, dictionary: &'a Dictionary, dice: Dice) -> Self {
        let (choices, patterns) = (Choices::default(), Patterns::default());
        Self { root, dictionary, dice, choices, patterns, edgy: false, left: 0 }
    }

    /// A value for the whole schema. `None` where it leads nowhere.
    pub(crate) fn make(&mut self, edgy: bool) -> Option<Value> {
        self.edgy = edgy;
        self.left = MAX_STEPS;
        self.value(vec![self.root], 0)
    }

    /// Chance, for whoever varies what was made.
    pub(crate) fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    pub(super) fn choose(&mut self, place: &Value, choice: Choice, options: usize) -> usize {
        self.choices.choose(place, choice, options, &mut self.dice)
    }

    /// A value that passes all of these.
    fn value(&mut self, schemas: Vec<&'a Value>, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let needs = self.gather(schemas)?;
        let place = needs.place.unwrap_or(&Value::Null);
        if let Some(values) = &needs.values {
            let chosen = self.choose(place, Choice::Value, values.len());
            return values.get(chosen).map(|value| (*value).clone());
        }
        let kinds = needs.kinds();
        // Deep down a leaf ends it.
        let leaf = kinds.iter().find(|kind| !matches!(**kind, "object" | "array"));
        let kind = match leaf.filter(|_| depth > PLAIN_DEPTH) {
            Some(kind) => *kind,
            None => *kinds.get(self.choose(place, Choice::Type, kinds.len()))?,
        };
        match kind {
            "object" => self.object(&needs, depth),
            "array" => self.list(&needs, depth),
            "string" => self.text(&needs).map(Value::String),
            "number" => self.number(&needs, false),
            "integer" => self.number(&needs, true),
            "boolean" => Some((self.choose(place, Choice::Flag, 2) == 0).into()),
            "null" => Some(Value::Null),
            _ => None,
        }
    }

    /// What several subschemas ask of one value, with one alternative chosen wherever there are several.
    fn gather(&mut self, schemas: Vec<&'a Value>) -> Option<Needs<'a>> {
        let mut needs = Needs::default();
        let mut waiting = schemas;
        let mut conditions: Vec<&'a Value> = Vec::new();
        loop {
            while let Some(schema) = waiting.pop() {
                self.left = self.left.checked_sub(1)?;
                let map = match schema {
                    Value::Bool(true) => continue,
                    Value::Object(map) => map,
                    _ => return None,
                };
                needs.take(schema, map);
                if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                    waiting.push(target(self.root, reference)?);
                }
                waiting.extend(map.get("allOf").and_then(Value::as_array).into_iter().flatten());
                for keyword in ["anyOf", "oneOf"] {
                    if let Some(arms) = map.get(keyword).and_then(Value::as_array) {
                        let chosen = self.choose(schema, Choice::Arm(keyword), arms.len());
                        waiting.push(arms.get(chosen)?);
                    }
                }
                if map.contains_key("if") {
                    conditions.push(schema);
                }
            }
            // Of several conditions mostly one holds: they tell kinds of one thing apart.
            let Some(place) = conditions.first().copied() else { return Some(needs) };
            let holds = self.choose(place, Choice::Condition, conditions.len() + 1);
            for (at, condition) in conditions.drain(..).enumerate() {
                let parts: &[&str] = if at == holds { &["if", "then"] } else { &["else"] };
                waiting.extend(parts.iter().filter_map(|part| condition.get(*part)));
            }
        }
    }

    fn object(&mut self, needs: &Needs<'a>, depth: usize) -> Option<Value> {
        let place = needs.place.unwrap_or(&Value::Null);
        let mut wanted: Vec<&str> = needs.required.clone();
        let fewest = depth > PLAIN_DEPTH;
        for (name, schemas) in &needs.properties {
            let own = schemas.first().copied().unwrap_or(place);
            // Present twice as often as not, or what lies within would hardly ever be tried.
            let present = !fewest && self.choose(own, Choice::Presence, 3) > 0;
            if present && !wanted.contains(name) && (wanted.len() as u64) < needs.members.most {
                wanted.push(name);
            }
        }
        for (name, dependents) in needs.dependent.iter().flat_map(|map| map.iter()) {
            if wanted.contains(&name.as_str()) {
                let more = dependents.as_array().into_iter().flatten().filter_map(Value::as_str);
                wanted.extend(more.filter(|name| !wanted.contains(name)).collect::<Vec<_>>());
            }
        }
        let mut object = Map::new();
        for name in wanted {
            let schemas = self.of_member(needs, name);
            object.insert(name.to_owned(), self.value(schemas, depth + 1)?);
        }
        let extra = !fewest && self.choose(place, Choice::Extra, 3) == 0;
        let wish = if extra { 1 + self.dice.below(2) as u64 } else { 0 };
        let goal = match self.choose(place, Choice::Count, 6) {
            0 if self.edgy && needs.members.most <= MAX_COUNT => needs.members.most,
            _ => (object.len() as u64 + wish).max(needs.members.least).min(needs.members.most),
        };
        for _ in 0..goal.saturating_mul(3).min(MAX_COUNT * 3) {
            if object.len() as u64 >= goal {
                break;
            }
            self.add_member(needs, &mut object, depth);
        }
        (object.len() as u64 >= needs.members.least).then_some(Value::Object(object))
    }

    /// Every subschema that speaks of a member of this name.
    fn of_member(&mut self, needs: &Needs<'a>, name: &str) -> Vec<&'a Value> {
        let declared = needs.properties.iter().find(|(known, _)| *known == name);
        let mut schemas = declared.map_or_else(Vec::new, |(_, schemas)| schemas.clone());
        let patterned: Vec<&Value> = needs
            .patterned
            .iter()
            .filter(|(pattern, _)| self.patterns.matches(pattern, name))
            .map(|(_, s)| *s)
            .collect();
        schemas.extend(patterned);
        if schemas.is_empty() {
            schemas.extend(needs.others.iter().copied());
        }
        schemas
    }

    /// Adds a member that no property declares, where that may be.
    fn add_member(&mut self, needs: &Needs<'a>, object: &mut Map<String, Value>, depth: usize) {
        let open = !needs.others.iter().any(|others| **others == Value::Bool(false));
        let by_pattern = !needs.patterned.is_empty() && (!open || self.dice.once_in(2));
        let name = if by_pattern {
            let pattern = self.dice.pick(&needs.patterned).map(|(pattern, _)| *pattern);
            pattern.and_then(|pattern| self.patterns.sample(pattern, Range::default(), &mut self.dice))
        } else if open && needs.names.is_empty() {
            match self.dice.below(3) {
                0 => self.dice.pick(&self.dictionary.strings).cloned(),
                1 => Some(format!("x{}", self.dice.below(10_000))),
                _ => Some(self.any_text()),
            }
        } else if open {
            match self.value(needs.names.clone(), MAX_DEPTH) {
                Some(Value::String(name)) => Some(name),
                _ => Some(format!("x{}", self.dice.below(10_000))),
            }
        } else {
            None
        };
        let Some(name) = name.filter(|name| !object.contains_key(name)) else { return };
        let schemas = self.of_member(needs, &name);
        if let Some(value) = self.value(schemas, (depth + 1).max(PLAIN_DEPTH)) {
            object.insert(name, value);
        }
    }

    fn list(&mut self, needs: &Needs<'a>, depth: usize) -> Option<Value> {
        let place = needs.place.unwrap_or(&Value::Null);
        let Range { least, most } = needs.count;
        let must = needs.contains.iter().map(|(_, times)| *times).sum::<u64>().max(least).min(most);
        let length = match self.choose(place, Choice::Count, 5) {
            _ if depth > PLAIN_DEPTH => must,
            0 => must,
            1 => must.saturating_add(1),
            2 if self.edgy && most <= MAX_COUNT => most,
            _ => must.max(1) + self.dice.below(3) as u64,
        };
        let length = length.min(most);
        if length > MAX_COUNT {
            return None;
        }
        let mut items: Vec<Value> = Vec::new();
        let mut pending: Vec<&'a Value> =
            needs.contains.iter().flat_map(|(schema, times)| std::iter::repeat_n(*schema, *times as usize)).collect();
        for at in 0..length as usize {
            let mut schemas = match needs.prefix.get(at) {
                Some(schemas) => schemas.clone(),
                None => needs.items.clone(),
            };
            // Those that must be contained come last, so that a prefix may be something else.
            if length as usize - at <= pending.len() {
                schemas.extend(pending.pop());
            }
            let mut item = self.value(schemas.clone(), depth + 1)?;
            for _ in 0..8 {
                if !needs.unique || !items.contains(&item) {
                    break;
                }
                item = self.value(schemas.clone(), depth + 1)?;
            }
            if needs.unique && items.contains(&item) {
                break;
            }
            items.push(item);
        }
        needs.count.holds(items.len()).then_some(Value::Array(items))
    }
}

/// What a reference of a schema that the registry took leads to.
pub(super) fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = percent_encoding::percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
    root.pointer(&pointer)
}
