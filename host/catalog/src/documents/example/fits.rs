//! Whether a value plainly does not fit a schema: enough to choose between an author's examples and between branches.
//!
//! Knows the common keywords; what it does not know, patterns and formats among it, it lets pass. The registry compiles
//! and applies the whole schema.

use serde_json::{Map, Value};

use super::merge::target;

/// Most subschemas applied to one value.
const MAX_STEPS: usize = 20_000;

/// Subschemas within one another.
const MAX_DEPTH: usize = 64;

/// One look at one value.
pub(super) struct Fits<'a> {
    root: &'a Value,
    left: usize,
}

impl<'a> Fits<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, left: MAX_STEPS }
    }

    /// No, where the value plainly does not fit or the work ends.
    pub(super) fn check(mut self, schema: &Value, value: &Value) -> bool {
        self.fits(schema, value, 0)
    }

    fn fits(&mut self, schema: &Value, value: &Value, depth: usize) -> bool {
        let map = match schema {
            Value::Bool(all) => return *all,
            Value::Object(map) => map,
            _ => return false,
        };
        if self.left == 0 || depth > MAX_DEPTH {
            return false;
        }
        self.left -= 1;
        has_type(map, value)
            && has_value(map, value)
            && self.in_place(map, value, depth)
            && self.within(map, value, depth)
    }

    fn in_place(&mut self, map: &Map<String, Value>, value: &Value, depth: usize) -> bool {
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let Some(next) = target(self.root, reference) else { return false };
            if !self.fits(next, value, depth + 1) {
                return false;
            }
        }
        let mut holding = |keyword: &str| {
            let branches = map.get(keyword).and_then(Value::as_array)?;
            let holding = branches.iter().filter(|branch| self.fits(branch, value, depth + 1)).count();
            Some((holding, branches.len()))
        };
        let all = holding("allOf").is_none_or(|(n, of)| n == of);
        let any = holding("anyOf").is_none_or(|(n, _)| n > 0);
        let one = holding("oneOf").is_none_or(|(n, _)| n == 1);
        let not = map.get("not").is_none_or(|not| !self.fits(not, value, depth + 1));
        all && any && one && not
    }

    fn within(&mut self, map: &Map<String, Value>, value: &Value, depth: usize) -> bool {
        let between = |count: usize, least: &str, most: &str| {
            let bound = |keyword: &str| map.get(keyword).and_then(Value::as_u64);
            bound(least).is_none_or(|b| count as u64 >= b) && bound(most).is_none_or(|b| count as u64 <= b)
        };
        match value {
            Value::String(text) => between(text.chars().count(), "minLength", "maxLength"),
            Value::Number(number) => number.as_f64().is_some_and(|number| is_in_bounds(map, number)),
            Value::Array(items) => between(items.len(), "minItems", "maxItems") && self.items(map, items, depth),
            Value::Object(fields) => {
                between(fields.len(), "minProperties", "maxProperties") && self.fields(map, fields, depth)
            }
            Value::Null | Value::Bool(_) => true,
        }
    }

    fn items(&mut self, map: &Map<String, Value>, items: &[Value], depth: usize) -> bool {
        let first = map.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let unique = map.get("uniqueItems").and_then(Value::as_bool).unwrap_or(false);
        items.iter().enumerate().all(|(index, value)| {
            let schema = first.get(index).or_else(|| map.get("items"));
            schema.is_none_or(|schema| self.fits(schema, value, depth + 1))
                && !(unique && items[..index].contains(value))
        })
    }

    fn fields(&mut self, map: &Map<String, Value>, fields: &Map<String, Value>, depth: usize) -> bool {
        let names = map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let inner = |keyword: &str| map.get(keyword).and_then(Value::as_object);
        // Which names a pattern matches is not known here.
        let others = if inner("patternProperties").is_some() { None } else { map.get("additionalProperties") };
        let known = inner("properties");
        names.into_iter().all(|name| fields.contains_key(name))
            && fields.iter().all(|(name, value)| {
                let schema = known.and_then(|known| known.get(name)).or(others);
                schema.is_none_or(|schema| self.fits(schema, value, depth + 1))
            })
    }
}

fn has_type(map: &Map<String, Value>, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("number") => value.is_number(),
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    };
    match map.get("type") {
        None => true,
        Some(Value::Array(kinds)) => kinds.iter().any(is),
        Some(kind) => is(kind),
    }
}

fn has_value(map: &Map<String, Value>, value: &Value) -> bool {
    let listed = map.get("enum").and_then(Value::as_array).is_none_or(|values| values.contains(value));
    listed && map.get("const").is_none_or(|only| only == value)
}

fn is_in_bounds(map: &Map<String, Value>, number: f64) -> bool {
    let bound = |keyword: &str| map.get(keyword).and_then(Value::as_f64);
    let whole_times = |step: f64| step > 0.0 && ((number / step) - (number / step).round()).abs() < 1e-9;
    bound("minimum").is_none_or(|b| number >= b)
        && bound("maximum").is_none_or(|b| number <= b)
        && bound("exclusiveMinimum").is_none_or(|b| number > b)
        && bound("exclusiveMaximum").is_none_or(|b| number < b)
        && bound("multipleOf").is_none_or(whole_times)
}
