//! Which types of values a schema takes, as far as can be seen without values.

use serde_json::{Map, Value};

/// Types in the order of their bits. A whole number is a number, too.
const TYPES: [(&str, u8); 7] =
    [("null", 1), ("boolean", 2), ("string", 4), ("integer", 8), ("number", 8 | 16), ("array", 32), ("object", 64)];

/// Places that are looked at before any type is taken for possible.
const MAX_STEPS: usize = 5_000;

/// References and subschemas within one another before any type is taken for possible.
const MAX_DEPTH: usize = 64;

/// A set of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ANY: Self = Self(127);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    /// What stands in a path: text and whole numbers.
    pub(super) const SEGMENT: Self = Self(4 | 8);
    /// What stands in a query or a field of a form, or in a list there.
    pub(super) const SCALAR: Self = Self(2 | 4 | 8 | 16);
    pub(super) const ARRAY: Self = Self(32);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn is_within(self, other: Self) -> bool {
        self.without(other) == Self::NONE
    }

    /// As the value of `type`.
    pub(super) fn names(self) -> Vec<&'static str> {
        let whole_numbers = |name| name == "integer" && self.0 & 16 != 0;
        TYPES
            .iter()
            .filter(|(name, bits)| self.0 & bits == *bits && !whole_numbers(*name))
            .map(|(name, _)| *name)
            .collect()
    }

    /// For people.
    pub(super) fn list(self) -> String {
        let names = if self.0 & (8 | 16) == 16 { vec!["fraction"] } else { self.names() };
        names.join(" or ")
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::String(_) => Self(4),
            Value::Number(number) if number.is_f64() => Self(8 | 16),
            Value::Number(_) => Self(8),
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self(64),
        }
    }
}

/// Looks at schemas that have been converted, whose references are names of definitions.
pub(super) struct Looker<'a> {
    definition: &'a dyn Fn(&str) -> Option<&'a Value>,
    left: usize,
}

impl<'a> Looker<'a> {
    pub(super) fn new(definition: &'a dyn Fn(&str) -> Option<&'a Value>) -> Self {
        Self { definition, left: MAX_STEPS }
    }

    /// How many places it has looked at.
    pub(super) fn steps(&self) -> usize {
        MAX_STEPS - self.left
    }

    /// Types that a schema may take; never too few.
    pub(super) fn kinds(&mut self, schema: &Value) -> Kinds {
        self.look(schema, 0)
    }

    /// Types that the items of its lists may have; none where it takes no lists.
    pub(super) fn items(&mut self, schema: &Value) -> Kinds {
        self.look_at_items(schema, 0)
    }

    /// Whether it says anything at all about types.
    pub(super) fn says(schema: &Value) -> bool {
        let words = ["type", "const", "enum", "$ref", "allOf", "anyOf", "oneOf", "properties", "items"];
        schema.as_object().is_some_and(|map| words.iter().any(|word| map.contains_key(*word)))
    }

    fn look(&mut self, schema: &Value, depth: usize) -> Kinds {
        let map = match schema {
            Value::Object(map) => map,
            Value::Bool(false) => return Kinds::NONE,
            _ => return Kinds::ANY,
        };
        if self.left == 0 || depth > MAX_DEPTH {
            return Kinds::ANY;
        }
        let values = map.get("enum").and_then(Value::as_array).map_or(0, Vec::len);
        self.left = self.left.saturating_sub(1 + values / 16);
        let mut kinds = plain(map);
        if let Some(target) = self.target(map) {
            kinds = kinds.and(self.look(target, depth + 1));
        }
        for inner in list(map, "allOf") {
            kinds = kinds.and(self.look(inner, depth + 1));
        }
        for keyword in ["anyOf", "oneOf"] {
            if map.contains_key(keyword) {
                let mut any = Kinds::NONE;
                for inner in list(map, keyword) {
                    any = any.or(self.look(inner, depth + 1));
                }
                kinds = kinds.and(any);
            }
        }
        kinds
    }

    fn look_at_items(&mut self, schema: &Value, depth: usize) -> Kinds {
        let Some(map) = schema.as_object() else { return Kinds::NONE };
        if self.left == 0 || depth > MAX_DEPTH {
            return Kinds::ANY;
        }
        self.left -= 1;
        let mut kinds = Kinds::NONE;
        if let Some(items) = map.get("items") {
            kinds = kinds.or(self.look(items, depth + 1));
        } else if plain(map) == Kinds::ARRAY {
            kinds = Kinds::ANY;
        }
        if let Some(target) = self.target(map) {
            kinds = kinds.or(self.look_at_items(target, depth + 1));
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for inner in list(map, keyword) {
                kinds = kinds.or(self.look_at_items(inner, depth + 1));
            }
        }
        kinds
    }

    fn target(&self, map: &Map<String, Value>) -> Option<&'a Value> {
        (self.definition)(map.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?)
    }
}

fn list<'v>(map: &'v Map<String, Value>, keyword: &str) -> &'v [Value] {
    map.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// By the keywords of the schema itself. Members or items without a type mean an object or a list: that is what their
/// author meant, although other values would pass.
fn plain(map: &Map<String, Value>) -> Kinds {
    let named =
        |name: &Value| TYPES.iter().find(|(known, _)| name == known).map_or(Kinds::NONE, |(_, bits)| Kinds(*bits));
    let mut kinds = match map.get("type") {
        Some(Value::Array(names)) => names.iter().map(named).fold(Kinds::NONE, Kinds::or),
        Some(name) => named(name),
        None if map.contains_key("properties") => Kinds(64),
        None if map.contains_key("items") => Kinds::ARRAY,
        None => Kinds::ANY,
    };
    if let Some(value) = map.get("const") {
        kinds = kinds.and(Kinds::of_value(value));
    }
    if let Some(Value::Array(values)) = map.get("enum") {
        kinds = kinds.and(values.iter().map(Kinds::of_value).fold(Kinds::NONE, Kinds::or));
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kinds(schema: Value) -> String {
        let defs = json!({"text": {"type": "string"}, "loop": {"anyOf": [{"$ref": "#/$defs/loop"}, {"type": "null"}]},
            "bomb": {"allOf": [{"$ref": "#/$defs/bomb"}, {"$ref": "#/$defs/bomb"}]}});
        let definition = |name: &str| defs.get(name);
        Looker::new(&definition).kinds(&schema).list()
    }

    #[test]
    fn types_are_seen_through_references_and_compositions() {
        assert_eq!(kinds(json!({"type": ["string", "null"]})), "null or string");
        assert_eq!(kinds(json!({"type": "number"})), "number");
        assert_eq!(kinds(json!({"type": "number", "enum": [1, 2]})), "integer");
        assert_eq!(kinds(json!({"anyOf": [{"$ref": "#/$defs/text"}, {"type": "integer"}]})), "string or integer");
        assert_eq!(kinds(json!({"allOf": [{"type": ["string", "array"]}, {"$ref": "#/$defs/text"}]})), "string");
        assert_eq!(kinds(json!({"properties": {}})), "object");
        assert_eq!(kinds(json!({"items": true})), "array");
        assert_eq!(kinds(json!({"const": false})), "boolean");
        assert_eq!(kinds(json!(false)), "");
        let any = "null or boolean or string or number or array or object";
        for schema in [json!({}), json!(true), json!({"$ref": "#/$defs/none"}), json!({"$ref": "#/$defs/bomb"})] {
            assert_eq!(kinds(schema), any);
        }
        assert_eq!(kinds(json!({"$ref": "#/$defs/loop"})), any);
    }
}
