//! The branches of a schema by name, and which of them the inputs took.
//!
//! Which subschemas hold for an input is the validator's word, never a guess of whoever made the input.

use std::collections::{BTreeSet, HashMap};

use portcullis_registry::Holding;
use serde_json::{Map, Value};

use super::maker::target;

/// Most branches that are told apart.
const MAX_POINTS: usize = 5_000;

/// Listed values told apart in one `enum`.
const MAX_VALUES: usize = 100;

/// Every branch of a schema.
pub(crate) struct Points {
    all: Vec<Point>,
    by_place: HashMap<String, Vec<usize>>,
    reached: Vec<bool>,
}

struct Point {
    name: String,
    test: Test,
}

/// What must be true of a value, where the subschema of the point holds for it.
enum Test {
    Holds,
    Absent(String),
    Equals(Value),
    Is(&'static str),
    Length(u64),
    Number(f64),
    Beyond(f64, f64),
    Extra { named: Vec<String> },
}

impl Points {
    /// The branches of a schema that the registry took.
    pub(crate) fn of(root: &Value) -> Self {
        let mut points = Self { all: Vec::new(), by_place: HashMap::new(), reached: Vec::new() };
        let mut seen = BTreeSet::new();
        points.walk(root, String::new(), root, &mut seen);
        points.reached = vec![false; points.all.len()];
        points
    }

    /// Notes what an input reaches; says how much of it is new.
    pub(crate) fn mark(&mut self, holding: &[Holding], input: &Value) -> usize {
        let mut new = 0;
        for Holding { schema, input: place } in holding {
            let (Some(at), Some(value)) = (self.by_place.get(schema), input.pointer(place)) else { continue };
            for point in at {
                if !self.reached[*point] && self.all[*point].test.holds(value) {
                    self.reached[*point] = true;
                    new += 1;
                }
            }
        }
        new
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// How many were reached.
    pub(crate) fn reached(&self) -> usize {
        self.reached.iter().filter(|reached| **reached).count()
    }

    /// Names of those that were not.
    pub(crate) fn missed(&self) -> impl Iterator<Item = &str> {
        self.all.iter().zip(&self.reached).filter(|(_, reached)| !**reached).map(|(point, _)| point.name.as_str())
    }

    fn add(&mut self, at: &str, what: &str, test: Test) {
        if self.all.len() < MAX_POINTS {
            self.by_place.entry(at.to_owned()).or_default().push(self.all.len());
            let place = if at.is_empty() { "/" } else { at };
            self.all.push(Point { name: format!("{place} {what}"), test });
        }
    }

    fn walk(&mut self, root: &Value, at: String, schema: &Value, seen: &mut BTreeSet<String>) {
        let Value::Object(map) = schema else { return };
        if !seen.insert(at.clone()) || self.all.len() >= MAX_POINTS {
            return;
        }
        self.kinds(&at, map);
        self.bounds(&at, map);
        self.members(&at, map);
        let mut inner: Vec<(String, &Value, Option<&str>)> = Vec::new();
        for (keyword, what) in [("anyOf", "taken"), ("oneOf", "taken"), ("allOf", ""), ("prefixItems", "present")] {
            for (index, next) in map.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate() {
                inner.push((format!("{at}/{keyword}/{index}"), next, Some(what).filter(|what| !what.is_empty())));
            }
        }
        for (keyword, what) in
            [("properties", "present"), ("patternProperties", "present"), ("dependentSchemas", "taken")]
        {
            for (name, next) in map.get(keyword).and_then(Value::as_object).into_iter().flatten() {
                // What may never be there is no branch.
                let what = Some(what).filter(|_| *next != Value::Bool(false));
                inner.push((format!("{at}/{keyword}/{}", escaped(name)), next, what));
            }
        }
        for (keyword, what) in [("then", "taken"), ("else", "taken"), ("items", "present"), ("contains", "")] {
            if let Some(next) = map.get(keyword).filter(|next| **next != Value::Bool(false)) {
                inner.push((format!("{at}/{keyword}"), next, Some(what).filter(|what| !what.is_empty())));
            }
        }
        if let Some(next) = map.get("additionalProperties").filter(|next| next.is_object()) {
            inner.push((format!("{at}/additionalProperties"), next, Some("present")));
        }
        for (place, next, what) in inner {
            if let Some(what) = what {
                self.add(&place, what, Test::Holds);
            }
            self.walk(root, place, next, seen);
        }
        if let Some(reference) = map.get("$ref").and_then(Value::as_str)
            && let Some(next) = target(root, reference)
        {
            let place = reference.trim_start_matches('#');
            let place = percent_encoding::percent_decode_str(place).decode_utf8_lossy().into_owned();
            self.walk(root, place, next, seen);
        }
    }

    fn kinds(&mut self, at: &str, map: &Map<String, Value>) {
        const KINDS: [&str; 7] = ["object", "array", "string", "integer", "number", "boolean", "null"];
        if let Some(Value::Array(kinds)) = map.get("type") {
            for kind in KINDS.into_iter().filter(|kind| kinds.iter().any(|k| k == kind)) {
                self.add(at, &format!("is of type {kind}"), Test::Is(kind));
            }
        }
        if map.get("type").is_some_and(|kind| kind == "boolean") && !map.contains_key("const") {
            for value in [true, false] {
                self.add(at, &format!("is {value}"), Test::Equals(value.into()));
            }
        }
        for value in map.get("enum").and_then(Value::as_array).into_iter().flatten().take(MAX_VALUES) {
            self.add(at, &format!("is {value}"), Test::Equals(value.clone()));
        }
    }

    fn bounds(&mut self, at: &str, map: &Map<String, Value>) {
        if map.contains_key("enum") || map.contains_key("const") {
            return;
        }
        for keyword in ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"] {
            if let Some(bound) = map.get(keyword).and_then(Value::as_f64) {
                self.add(at, &format!("at {keyword} {bound}"), Test::Length(bound as u64));
            }
        }
        for keyword in ["minimum", "maximum"] {
            if let Some(bound) = map.get(keyword).and_then(Value::as_f64) {
                self.add(at, &format!("at {keyword} {bound}"), Test::Number(bound));
            }
        }
        // The nearest number to a bound that is out depends on what numbers there are: the next one, or the next whole one.
        for (keyword, side) in [("exclusiveMinimum", 1.0), ("exclusiveMaximum", -1.0)] {
            if let Some(bound) = map.get(keyword).and_then(Value::as_f64) {
                self.add(at, &format!("next to {keyword} {bound}"), Test::Beyond(bound, side));
            }
        }
    }

    fn members(&mut self, at: &str, map: &Map<String, Value>) {
        let required = |name: &str| {
            map.get("required").and_then(Value::as_array).into_iter().flatten().any(|required| required == name)
        };
        let properties = map.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            if !required(name) && *schema != Value::Bool(false) {
                let place = format!("/properties/{}", escaped(name));
                self.add(at, &format!("{} absent", &place[1..]), Test::Absent(name.clone()));
            }
        }
        let open = map.get("additionalProperties").is_some_and(|others| *others == Value::Bool(true))
            || (!map.contains_key("additionalProperties") && map.get("type").is_some_and(|kind| kind == "object"));
        if open && !map.contains_key("unevaluatedProperties") {
            let named = properties.into_iter().flatten().map(|(name, _)| name.clone()).collect();
            self.add(at, "has a member that is not named", Test::Extra { named });
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Holds => true,
            Self::Absent(name) => value.as_object().is_some_and(|members| !members.contains_key(name)),
            Self::Equals(expected) => value == expected || value.is_number() && value.as_f64() == expected.as_f64(),
            Self::Is(kind) => is_of(value, kind),
            Self::Length(length) => {
                let count = match value {
                    Value::String(text) => text.chars().count(),
                    Value::Array(items) => items.len(),
                    Value::Object(members) => members.len(),
                    _ => return false,
                };
                count as u64 == *length
            }
            Self::Number(number) => value.as_f64() == Some(*number),
            Self::Beyond(bound, side) => value.as_f64().is_some_and(|number| {
                let off = (number - bound) * side;
                off > 0.0 && (off <= bound.abs().max(1.0) * 1e-9 || (off <= 1.0 && number.fract() == 0.0))
            }),
            Self::Extra { named } => {
                value.as_object().is_some_and(|members| members.keys().any(|name| !named.contains(name)))
            }
        }
    }
}

/// Whether a value is of a type of JSON Schema.
pub(super) fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    }
}

/// A name as one token of a JSON Pointer (RFC 6901, section 3).
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
