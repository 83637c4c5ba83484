//! Everything that several subschemas ask of one value, taken together.
//!
//! Good enough to make a value by. What is lost here (`not`, what is unevaluated, branches that exclude one another) the
//! real check finds out.

use serde_json::{Map, Value};

/// A property, and every subschema that it must pass.
pub(super) type Property<'a> = (&'a str, Vec<&'a Value>);

/// What a value must be.
#[derive(Default)]
pub(super) struct Needs<'a> {
    /// A subschema of the place, to count choices by.
    pub(super) place: Option<&'a Value>,
    pub(super) types: Option<Vec<&'a str>>,
    pub(super) values: Option<Vec<&'a Value>>,
    pub(super) required: Vec<&'a str>,
    pub(super) properties: Vec<Property<'a>>,
    pub(super) patterned: Vec<(&'a str, &'a Value)>,
    pub(super) others: Vec<&'a Value>,
    pub(super) names: Vec<&'a Value>,
    pub(super) prefix: Vec<Vec<&'a Value>>,
    pub(super) items: Vec<&'a Value>,
    pub(super) contains: Vec<(&'a Value, u64)>,
    pub(super) unique: bool,
    pub(super) patterns: Vec<&'a str>,
    pub(super) format: Option<&'a str>,
    pub(super) steps: Vec<f64>,
    pub(super) lowest: Option<&'a Value>,
    pub(super) highest: Option<&'a Value>,
    pub(super) above: Option<&'a Value>,
    pub(super) below: Option<&'a Value>,
    pub(super) length: Range,
    pub(super) count: Range,
    pub(super) members: Range,
    pub(super) dependent: Vec<&'a Map<String, Value>>,
}

/// Between two counts, both included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Default for Range {
    fn default() -> Self {
        Self { least: 0, most: u64::MAX }
    }
}

impl Range {
    fn draw_in(&mut self, map: &Map<String, Value>, least: &str, most: &str) {
        // A whole number may be written with a fraction of nothing.
        let bound = |keyword: &str| map.get(keyword).and_then(Value::as_f64).map(|bound| bound.max(0.0) as u64);
        self.least = self.least.max(bound(least).unwrap_or(0));
        self.most = self.most.min(bound(most).unwrap_or(u64::MAX));
    }

    pub(super) fn holds(self, count: usize) -> bool {
        (self.least..=self.most).contains(&(count as u64))
    }
}

impl<'a> Needs<'a> {
    /// Takes in the keywords of one subschema that speak about the value itself; in-place ones are the maker's.
    pub(super) fn take(&mut self, schema: &'a Value, map: &'a Map<String, Value>) {
        self.place.get_or_insert(schema);
        self.take_kind(map);
        self.take_object(map);
        self.take_list(map);
        self.patterns.extend(map.get("pattern").and_then(Value::as_str));
        self.format = self.format.or(map.get("format").and_then(Value::as_str));
        self.length.draw_in(map, "minLength", "maxLength");
        self.steps.extend(map.get("multipleOf").and_then(Value::as_f64).filter(|step| *step > 0.0));
        let tighter = |kept: &mut Option<&'a Value>, keyword: &str, upper: bool| {
            let Some(bound) = map.get(keyword).filter(|bound| bound.is_number()) else { return };
            let looser =
                kept.is_some_and(
                    |kept| if upper { kept.as_f64() <= bound.as_f64() } else { kept.as_f64() >= bound.as_f64() },
                );
            if !looser {
                *kept = Some(bound);
            }
        };
        tighter(&mut self.lowest, "minimum", false);
        tighter(&mut self.above, "exclusiveMinimum", false);
        tighter(&mut self.highest, "maximum", true);
        tighter(&mut self.below, "exclusiveMaximum", true);
    }

    fn take_kind(&mut self, map: &'a Map<String, Value>) {
        let kinds: Option<Vec<&str>> = match map.get("type") {
            Some(Value::String(kind)) => Some(vec![kind]),
            Some(Value::Array(kinds)) => Some(kinds.iter().filter_map(Value::as_str).collect()),
            _ => None,
        };
        if let Some(kinds) = kinds {
            self.types = Some(match self.types.take() {
                None => kinds,
                Some(kept) => common(&kept, &kinds),
            });
        }
        let listed: Option<Vec<&Value>> = match (map.get("enum").and_then(Value::as_array), map.get("const")) {
            (Some(listed), None) => Some(listed.iter().collect()),
            (listed, Some(only)) => Some(if listed.is_none_or(|l| l.contains(only)) { vec![only] } else { Vec::new() }),
            (None, None) => None,
        };
        if let Some(listed) = listed {
            self.values = Some(match self.values.take() {
                None => listed,
                Some(kept) => kept.into_iter().filter(|value| listed.contains(value)).collect(),
            });
        }
    }

    fn take_object(&mut self, map: &'a Map<String, Value>) {
        let inner = |keyword: &str| map.get(keyword).and_then(Value::as_object).into_iter().flatten();
        for name in map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !self.required.contains(&name) {
                self.required.push(name);
            }
        }
        for (name, schema) in inner("properties") {
            match self.properties.iter_mut().find(|(known, _)| known == name) {
                Some((_, schemas)) => schemas.push(schema),
                None => self.properties.push((name, vec![schema])),
            }
        }
        self.patterned.extend(inner("patternProperties").map(|(pattern, schema)| (pattern.as_str(), schema)));
        self.others
            .extend(["additionalProperties", "unevaluatedProperties"].iter().filter_map(|keyword| map.get(*keyword)));
        self.names.extend(map.get("propertyNames"));
        self.members.draw_in(map, "minProperties", "maxProperties");
        self.dependent.extend(map.get("dependentRequired").and_then(Value::as_object));
    }

    fn take_list(&mut self, map: &'a Map<String, Value>) {
        for (at, schema) in map.get("prefixItems").and_then(Value::as_array).into_iter().flatten().enumerate() {
            if self.prefix.len() == at {
                self.prefix.push(Vec::new());
            }
            self.prefix[at].push(schema);
        }
        self.items.extend(["items", "unevaluatedItems"].iter().filter_map(|keyword| map.get(*keyword)));
        if let Some(schema) = map.get("contains") {
            self.contains.push((schema, map.get("minContains").and_then(Value::as_u64).unwrap_or(1)));
        }
        self.unique |= map.get("uniqueItems") == Some(&Value::Bool(true));
        self.count.draw_in(map, "minItems", "maxItems");
    }

    /// The types that a value may have; where none is said, those that its keywords speak of, else any.
    pub(super) fn kinds(&self) -> Vec<&'a str> {
        if let Some(types) = &self.types {
            return types.clone();
        }
        let Range { least, most } = self.length;
        let mut kinds = Vec::new();
        if !self.properties.is_empty()
            || !self.required.is_empty()
            || !self.patterned.is_empty()
            || !self.others.is_empty()
        {
            kinds.push("object");
        }
        if !self.items.is_empty() || !self.prefix.is_empty() || !self.contains.is_empty() || self.unique {
            kinds.push("array");
        }
        if !self.patterns.is_empty() || self.format.is_some() || least > 0 || most < u64::MAX {
            kinds.push("string");
        }
        if [self.lowest, self.highest, self.above, self.below].iter().any(Option::is_some) || !self.steps.is_empty() {
            kinds.push("number");
        }
        if kinds.is_empty() {
            kinds.extend(["object", "array", "string", "number", "boolean", "null"]);
        }
        kinds
    }
}

/// The types that both lists allow; an `integer` is a `number`.
fn common<'a>(one: &[&'a str], other: &[&'a str]) -> Vec<&'a str> {
    let within = |kind: &str, list: &[&str]| list.contains(&kind) || kind == "integer" && list.contains(&"number");
    let mut both: Vec<&str> = one.iter().filter(|kind| within(kind, other)).copied().collect();
    both.extend(other.iter().filter(|kind| within(kind, one) && !one.contains(kind)));
    both
}
