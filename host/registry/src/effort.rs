//! How much work a schema makes of an input, counted before the work is done.
//!
//! Small schemas can ask for endless work: a list whose items are checked twice by the same recursive schema costs
//! twice as much with each level of the input. The count walks schema and input as a validator would that never stops
//! early, so it is an upper bound; it gives up where the budget ends.

use serde_json::{Map, Value};

use crate::references::{in_place, target};

/// Steps for one input; at some 50 ns each in the validator, a tenth of a second.
const BUDGET: usize = 2_000_000;

/// Subschemas within one another; the validator recurses over them.
const MAX_NESTING: usize = 400;

/// Bytes of text that a pattern reads in one step.
const PATTERN_BYTES: usize = 16;

/// Whether a schema can be applied to an input within the budget.
pub(crate) fn is_bounded(root: &Value, input: &Value) -> bool {
    Count { root, left: BUDGET, nesting: 0 }.apply(root, input).is_some()
}

struct Count<'a> {
    root: &'a Value,
    left: usize,
    nesting: usize,
}

impl Count<'_> {
    fn spend(&mut self, steps: usize) -> Option<()> {
        self.left = self.left.checked_sub(steps)?;
        Some(())
    }

    /// `None` where the budget ends.
    fn apply(&mut self, schema: &Value, input: &Value) -> Option<()> {
        let Some(map) = schema.as_object() else { return self.spend(1) };
        let list = |keyword: &str| map.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
        self.spend(1 + map.len() + list("enum") + list("required"))?;
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return None;
        }
        // What is unevaluated is found by evaluating once more, and once more again to see which branch holds.
        let unevaluated =
            ["unevaluatedProperties", "unevaluatedItems"].iter().any(|keyword| map.contains_key(*keyword));
        for _ in 0..if unevaluated { 3 } else { 1 } {
            if let Some(next) = map.get("$ref").and_then(Value::as_str).and_then(|r| target(self.root, r)) {
                self.apply(next, input)?;
            }
            in_place(map).try_for_each(|next| self.apply(next, input))?;
        }
        match input {
            Value::Object(fields) => self.object(map, fields)?,
            Value::Array(items) => self.array(map, items)?,
            Value::String(text) if map.contains_key("pattern") || map.contains_key("format") => {
                self.spend(text.len() / PATTERN_BYTES)?;
            }
            _ => {}
        }
        self.nesting -= 1;
        Some(())
    }

    fn object(&mut self, map: &Map<String, Value>, fields: &Map<String, Value>) -> Option<()> {
        let inner = |keyword: &str| map.get(keyword).and_then(Value::as_object);
        if let Some(known) = inner("properties") {
            self.spend(known.len())?;
            known.iter().try_for_each(|(name, next)| match fields.get(name) {
                Some(value) => self.apply(next, value),
                None => Some(()),
            })?;
        }
        for (name, value) in fields {
            for next in inner("patternProperties").into_iter().flat_map(Map::values) {
                self.spend(name.len() / PATTERN_BYTES)?;
                self.apply(next, value)?;
            }
            for keyword in ["additionalProperties", "unevaluatedProperties"] {
                if let Some(next) = map.get(keyword) {
                    self.apply(next, value)?;
                }
            }
            if let Some(next) = map.get("propertyNames") {
                self.apply(next, &Value::String(name.clone()))?;
            }
        }
        Some(())
    }

    fn array(&mut self, map: &Map<String, Value>, items: &[Value]) -> Option<()> {
        let first = map.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        first.iter().zip(items).try_for_each(|(next, item)| self.apply(next, item))?;
        for keyword in ["items", "contains", "unevaluatedItems"] {
            if let Some(next) = map.get(keyword) {
                items.iter().try_for_each(|item| self.apply(next, item))?;
            }
        }
        if map.contains_key("uniqueItems") { self.spend(items.len()) } else { Some(()) }
    }
}
