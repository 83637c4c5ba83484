//! An input made from the schemas, where a document gives no example: what its author wrote of each value first, then
//! the least that fits.
//!
//! Makes nothing it cannot: where a schema asks for more than is understood here, there is no example. Whether what is
//! made passes the schema is the registry's word, not this one's.

mod fits;
mod merge;
mod number;
mod pattern;
mod string;

use serde_json::{Map, Value};

use fits::Fits;
use merge::Budget;
use portcullis_model::Segment;

/// Most subschemas looked at for one example.
const MAX_STEPS: usize = 5_000;

/// Deepest nesting of an example.
const MAX_DEPTH: usize = 24;

/// Down to here a list shows one item where it may be empty; further down it may be a tree without end.
const SHOWN_DEPTH: usize = 6;

/// Most values made for one list or object.
const MAX_ITEMS: u64 = 64;

/// An input for an action's input schema. `rest` is the path parameter that stands for several segments.
pub(crate) fn of_input(input_schema: &Value, rest: Option<&str>) -> Option<Value> {
    let mut maker = Maker::new(input_schema);
    let mut input = Map::new();
    for part in required(input_schema) {
        let schema = input_schema.get("properties")?.get(part)?;
        let value = match (part, schema.get("properties").and_then(Value::as_object)) {
            ("path", Some(members)) => {
                let mut path = Map::new();
                for name in required(schema) {
                    let value = maker.in_path(members.get(name)?, rest == Some(name))?;
                    path.insert(name.to_owned(), value);
                }
                path.into()
            }
            _ => maker.make(schema, 0)?,
        };
        input.insert(part.to_owned(), value);
    }
    Some(input.into())
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

struct Maker<'a> {
    root: &'a Value,
    left: Budget,
}

impl<'a> Maker<'a> {
    fn new(root: &'a Value) -> Self {
        Self { root, left: Budget::of(MAX_STEPS) }
    }

    /// A value that may stand in a path.
    fn in_path(&mut self, schema: &Value, is_rest: bool) -> Option<Value> {
        let made = self.make(schema, 0).filter(|value| match value {
            Value::Array(items) => is_rest && !items.is_empty() && items.iter().all(is_segment),
            value => !is_rest && is_segment(value),
        });
        if made.is_some() {
            return made;
        }
        // What the author showed cannot stand in a path; anything else may do, unless it must look in some way.
        let flat = merge::flat(self.root, schema.as_object()?, &mut self.left)?;
        let one = Value::from("example");
        let stand_in = if is_rest { Value::Array(vec![one]) } else { one };
        let is_free = !["pattern", "format", "items"].iter().any(|keyword| flat.contains_key(*keyword));
        (is_free && self.fits(schema, &stand_in)).then_some(stand_in)
    }

    fn fits(&self, schema: &Value, value: &Value) -> bool {
        Fits::new(self.root).check(schema, value)
    }

    fn make(&mut self, schema: &Value, depth: usize) -> Option<Value> {
        self.left.steps = self.left.steps.checked_sub(1)?;
        if depth > MAX_DEPTH {
            return None;
        }
        if schema.as_bool() == Some(true) {
            return Some("example".into());
        }
        let flat = merge::flat(self.root, schema.as_object()?, &mut self.left)?;
        if let Some(said) = said(&flat).find(|value| self.fits(schema, value)) {
            return Some(said.clone());
        }
        for choice in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = flat.get(choice) else { continue };
            let mut base = flat.clone();
            base.shift_remove(choice);
            for branch in branches.iter().filter_map(Value::as_object) {
                let Some(both) = merge::both(self.root, &base, branch, &mut self.left) else { continue };
                let made = self.make(&Value::Object(both), depth + 1);
                if let Some(value) = made.filter(|value| self.fits(schema, value)) {
                    return Some(value);
                }
            }
            return None;
        }
        let made = match kind(&flat) {
            "object" => self.object(&flat, depth),
            "array" => self.array(&flat, depth),
            "integer" => number::whole(&flat),
            "number" => number::any(&flat),
            "boolean" => Some(true.into()),
            "null" => Some(Value::Null),
            _ => string::make(&flat).map(Value::String),
        };
        made.filter(|value| self.fits(schema, value))
    }

    fn object(&mut self, schema: &Map<String, Value>, depth: usize) -> Option<Value> {
        let nothing = Map::new();
        let members = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
        let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0).min(MAX_ITEMS);
        let names = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let is_required = |name: &str| names.iter().any(|n| n.as_str() == Some(name));
        let mut made = Map::new();
        for (name, inner) in members.iter().filter(|(name, _)| is_required(name)) {
            made.insert(name.clone(), self.make(inner, depth + 1)?);
        }
        let others = schema.get("additionalProperties").unwrap_or(&Value::Bool(true));
        for name in names.iter().filter_map(Value::as_str) {
            if !made.contains_key(name) {
                made.insert(name.to_owned(), self.make(others, depth + 1)?);
            }
        }
        for (name, inner) in members {
            if (made.len() as u64) < least
                && !made.contains_key(name)
                && let Some(value) = self.make(inner, depth + 1)
            {
                made.insert(name.clone(), value);
            }
        }
        for n in 1..=least {
            if (made.len() as u64) < least {
                made.insert(format!("key{n}"), self.make(others, depth + 1)?);
            }
        }
        Some(made.into())
    }

    fn array(&mut self, schema: &Map<String, Value>, depth: usize) -> Option<Value> {
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
        let least = bound("minItems").unwrap_or(0);
        let most = bound("maxItems").unwrap_or(u64::MAX);
        if least > MAX_ITEMS {
            return None;
        }
        let wanted = if depth < SHOWN_DEPTH { least.max(1).min(most) } else { least };
        let first = schema.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let rest = schema.get("items").unwrap_or(&Value::Bool(true));
        let unique = schema.get("uniqueItems").and_then(Value::as_bool).unwrap_or(false);
        let mut items: Vec<Value> = Vec::new();
        for index in 0..wanted {
            let inner = usize::try_from(index).ok().and_then(|n| first.get(n)).unwrap_or(rest);
            let made = self.make(inner, depth + 1);
            let made = if unique { made.and_then(|value| self.another(inner, value, &items)) } else { made };
            match made {
                Some(value) => items.push(value),
                None if index >= least => break,
                None => return None,
            }
        }
        Some(items.into())
    }

    /// A value that is not in the list yet.
    fn another(&self, schema: &Value, value: Value, items: &[Value]) -> Option<Value> {
        if !items.contains(&value) {
            return Some(value);
        }
        let listed = schema.get("enum").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let varied = (1..=MAX_ITEMS).filter_map(|n| match &value {
            Value::String(text) => Some(Value::String(format!("{text}{n}"))),
            Value::Number(number) => number.as_u64()?.checked_add(n).map(Value::from),
            _ => None,
        });
        listed.iter().cloned().chain(varied).find(|value| !items.contains(value) && self.fits(schema, value))
    }
}

fn is_segment(value: &Value) -> bool {
    match value {
        Value::String(text) => Segment::parse(text).is_ok(),
        Value::Number(number) => number.is_i64() || number.is_u64(),
        _ => false,
    }
}

/// What the author says the value may be, most telling first.
fn said(schema: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let list = |keyword: &str| schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
    let one = |keyword: &str| schema.get(keyword).into_iter();
    one("default").chain(one("example")).chain(list("examples")).chain(one("const")).chain(list("enum"))
}

/// The type to make: the first that is not `null`, or what the other keywords are about.
fn kind(schema: &Map<String, Value>) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|kind| *kind != "null").unwrap_or("null")
        }
        _ => {
            let about = |keywords: &[&str]| keywords.iter().any(|keyword| schema.contains_key(*keyword));
            if about(&["properties", "required", "minProperties", "patternProperties", "propertyNames"]) {
                "object"
            } else if about(&["items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"]) {
                "array"
            } else if about(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
                "number"
            } else {
                "string"
            }
        }
    }
}

#[cfg(test)]
mod tests;
