//! Whether one JSON Schema provably takes no more than another.
//!
//! Sound, not complete: a schema is called narrower only where each difference is of a kind that can only take away, at
//! a place where taking away shrinks the whole. Everything else counts as another schema.

use serde_json::{Map, Value};

use crate::Shown;

/// How a schema compares with the one before it. Places are JSON Pointers (RFC 6901) into the new one, some of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Nothing differs.
    Same,
    /// Only annotations differ (JSON Schema Validation 2020-12, section 9).
    Wording,
    /// Takes less.
    Narrower(Vec<String>),
    /// Takes something else, as far as can be told.
    Other(Vec<String>),
}

/// Most places named.
const MAX_PLACES: usize = 5;

/// Annotations: what they say changes nothing about what is taken. `default` is not among them, since a declarative
/// action sends it.
const ANNOTATIONS: [&str; 7] = ["title", "description", "examples", "$comment", "deprecated", "readOnly", "writeOnly"];

/// Keywords whose members are names, each with a schema.
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];

/// Keywords whose value is a schema or a list of them. The value of every other keyword is data, in which nothing is an
/// annotation.
const SCHEMAS: [&str; 14] = [
    "additionalProperties",
    "propertyNames",
    "items",
    "prefixItems",
    "contains",
    "unevaluatedItems",
    "unevaluatedProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
];

/// Keywords that take what others have not looked at: beside them, one more condition may let more through.
const UNEVALUATED: [&str; 2] = ["unevaluatedItems", "unevaluatedProperties"];

/// Bounds that take less the lower they are.
const UPPER: [&str; 5] = ["maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum"];

/// Bounds that take less the higher they are.
const LOWER: [&str; 5] = ["minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum"];

/// Compares a schema with the one before it.
pub(crate) fn compare_schemas(old: &Value, new: &Value) -> Compared {
    if old == new {
        return Compared::Same;
    }
    let (old, new) = (bare(old), bare(new));
    if old == new {
        return Compared::Wording;
    }
    let mut found = Found::default();
    // Subschemas behind `$defs` may be referred to from anywhere, under a `not` too.
    if old.get("$defs") != new.get("$defs") {
        found.other("/$defs");
    }
    if UNEVALUATED.iter().any(|keyword| mentions(&old, keyword) || mentions(&new, keyword)) {
        found.other("");
    }
    found.walk(&old, &new, "");
    if found.other.is_empty() { Compared::Narrower(found.narrower) } else { Compared::Other(found.other) }
}

/// The schema without its annotations.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(key, _)| !ANNOTATIONS.contains(&key.as_str()))
                .map(|(key, value)| (key.clone(), bare_keyword(key, value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(bare).collect()),
        other => other.clone(),
    }
}

fn bare_keyword(key: &str, value: &Value) -> Value {
    match value {
        Value::Object(named) if NAMED.contains(&key) => {
            Value::Object(named.iter().map(|(name, schema)| (name.clone(), bare(schema))).collect())
        }
        _ if SCHEMAS.contains(&key) => bare(value),
        _ => value.clone(),
    }
}

/// Whether an object anywhere in the value has a member of that name.
fn mentions(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(map) => map.contains_key(name) || map.values().any(|inner| mentions(inner, name)),
        Value::Array(items) => items.iter().any(|inner| mentions(inner, name)),
        _ => false,
    }
}

#[derive(Default)]
struct Found {
    narrower: Vec<String>,
    other: Vec<String>,
}

impl Found {
    fn narrower(&mut self, at: &str) {
        note(&mut self.narrower, at);
    }

    fn other(&mut self, at: &str) {
        note(&mut self.other, at);
    }

    /// Compares where the whole takes less when this place takes less.
    fn walk(&mut self, old: &Value, new: &Value, at: &str) {
        if old == new {
            return;
        }
        match (old, new) {
            (Value::Bool(true), _) | (_, Value::Bool(false)) => self.narrower(at),
            (Value::Object(old), Value::Object(new)) => self.keywords(old, new, at),
            _ => self.other(at),
        }
    }

    fn keywords(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, at: &str) {
        let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
        for key in keys.filter(|key| *key != "$defs") {
            let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            match (old.get(key), new.get(key)) {
                (Some(before), Some(after)) if before == after => {}
                (Some(before), Some(after)) => self.changed(key, before, after, (old, new), &place),
                (None, Some(after)) => self.added(key, after, old, &place),
                (_, None) => self.other(&place),
            }
        }
    }

    fn changed(
        &mut self,
        key: &str,
        before: &Value,
        after: &Value,
        (old, new): (&Map<String, Value>, &Map<String, Value>),
        at: &str,
    ) {
        let numbers = || Some((before.as_f64()?, after.as_f64()?));
        match key {
            "properties" => match (before.as_object(), after.as_object()) {
                (Some(before), Some(after)) => self.properties(before, after, (old, new), at),
                _ => self.other(at),
            },
            "items" | "additionalProperties" | "propertyNames" => self.walk(before, after, at),
            "required" if subset(before, after) => self.narrower(at),
            "enum" if subset(after, before) => self.narrower(at),
            "type" if types(after, before) => self.narrower(at),
            "uniqueItems" if after == &Value::Bool(true) => self.narrower(at),
            _ if UPPER.contains(&key) && numbers().is_some_and(|(before, after)| after < before) => self.narrower(at),
            _ if LOWER.contains(&key) && numbers().is_some_and(|(before, after)| after > before) => self.narrower(at),
            _ => self.other(at),
        }
    }

    /// A keyword that was not there. Each of these asserts something of its own and so only takes away.
    fn added(&mut self, key: &str, after: &Value, old: &Map<String, Value>, at: &str) {
        let asserts = UPPER.contains(&key)
            || LOWER.contains(&key)
            || matches!(
                key,
                "type" | "enum" | "const" | "required" | "pattern" | "uniqueItems" | "multipleOf" | "propertyNames"
            )
            || (key == "items" && !old.contains_key("prefixItems"))
            || (key == "additionalProperties" && after == &Value::Bool(false));
        // Where a reference stands beside it, the old schema may have been more than it says here; still, one more
        // assertion is one more condition.
        if asserts { self.narrower(at) } else { self.other(at) }
    }

    /// A property that is gone takes away only where what is not named is refused, before and after.
    fn properties(
        &mut self,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
        (old, new): (&Map<String, Value>, &Map<String, Value>),
        at: &str,
    ) {
        let closed = |map: &Map<String, Value>| {
            map.get("additionalProperties") == Some(&Value::Bool(false)) && !map.contains_key("patternProperties")
        };
        for (name, schema) in after {
            let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            match before.get(name) {
                Some(earlier) => self.walk(earlier, schema, &place),
                None if closed(old) => self.other(&place),
                // It was taken whatever it was; now it has conditions.
                None if !old.contains_key("additionalProperties") && !old.contains_key("patternProperties") => {
                    self.narrower(&place);
                }
                None => self.other(&place),
            }
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            if closed(new) { self.narrower(&place) } else { self.other(&place) }
        }
    }
}

fn note(places: &mut Vec<String>, at: &str) {
    if places.len() < MAX_PLACES {
        places.push(Shown::new(if at.is_empty() { "/" } else { at }).limit_bytes(100).to_string());
    }
}

/// Whether every item of one list is in the other.
fn subset(part: &Value, whole: &Value) -> bool {
    match (part.as_array(), whole.as_array()) {
        (Some(part), Some(whole)) => part.iter().all(|item| whole.contains(item)),
        _ => false,
    }
}

/// Whether every type of one is a type of the other; a whole number is a number.
fn types(part: &Value, whole: &Value) -> bool {
    let list = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let whole = list(whole);
    list(part).iter().all(|t| whole.contains(t) || (t == "integer" && whole.contains(&Value::from("number"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(properties: Value) -> Value {
        json!({"type": "object", "additionalProperties": false, "properties": properties})
    }

    #[test]
    fn words_alone_change_nothing_but_a_property_may_be_named_like_one() {
        let old = object(json!({"a": {"type": "string", "description": "x"}}));
        assert_eq!(compare_schemas(&old, &old), Compared::Same);
        assert_eq!(compare_schemas(&old, &object(json!({"a": {"type": "string", "title": "y"}}))), Compared::Wording);
        let named = object(json!({"a": {"type": "string"}, "description": {"type": "string"}}));
        assert!(matches!(compare_schemas(&old, &named), Compared::Other(_)));
        let enums = |word: &str| json!({"enum": [{"description": word}]});
        assert!(matches!(compare_schemas(&enums("a"), &enums("b")), Compared::Other(_)));
        assert!(matches!(compare_schemas(&json!({"default": 1}), &json!({"default": 2})), Compared::Other(_)));
    }

    #[test]
    fn what_can_only_take_away_is_narrower() {
        let base = json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {
            "a": {"type": ["string", "null"], "maxLength": 9, "enum": ["x", "y"]}, "b": {"type": "number", "minimum": 1}}});
        let at = |pointer: &str, value: Value| {
            let mut new = base.clone();
            *new.pointer_mut(pointer).unwrap() = value;
            new
        };
        for new in [
            at("/properties/a/maxLength", json!(8)),
            at("/properties/b/minimum", json!(2)),
            at("/properties/a/enum", json!(["x"])),
            at("/properties/a/type", json!("string")),
            at("/properties/b/type", json!("integer")),
            at("/required", json!(["a", "b"])),
            at("/properties", json!({"a": base["properties"]["a"]})),
            at("/properties/b", json!({"type": "number", "minimum": 1, "multipleOf": 2})),
            at("/properties/b", json!(false)),
        ] {
            assert!(matches!(compare_schemas(&base, &new), Compared::Narrower(_)), "{new}");
            let back = compare_schemas(&new, &base);
            assert!(matches!(back, Compared::Other(_)), "{new}: {back:?}");
        }
    }

    #[test]
    fn in_doubt_it_is_another() {
        for (old, new) in [
            (json!({"not": {"type": "string"}}), json!({"not": {"type": "string", "maxLength": 1}})),
            (json!({"anyOf": [{"type": "string"}]}), json!({"anyOf": [{"type": "string", "maxLength": 1}]})),
            (json!({"$defs": {"a": {"maxLength": 2}}}), json!({"$defs": {"a": {"maxLength": 1}}})),
            (json!({"$ref": "#/$defs/a"}), json!({"$ref": "#/$defs/b"})),
            (json!({"properties": {"a": {}}}), json!({"properties": {}})),
            (json!({"pattern": "^a$"}), json!({"pattern": "^aa$"})),
            (json!({"if": {"const": 1}, "then": false}), json!({"if": {"const": 1, "type": "number"}, "then": false})),
            (json!({"additionalProperties": {"type": "string"}}), json!({"additionalProperties": true})),
            (
                json!({"unevaluatedProperties": false, "properties": {}}),
                json!({"unevaluatedProperties": false, "properties": {"a": {"type": "string"}}}),
            ),
            (json!({"dependentRequired": {"title": ["a"]}}), json!({"dependentRequired": {"title": ["b"]}})),
            (
                json!({"additionalProperties": {"type": "string"}, "properties": {}}),
                json!({"additionalProperties": {"type": "string"}, "properties": {"a": {"type": "number"}}}),
            ),
        ] {
            assert!(matches!(compare_schemas(&old, &new), Compared::Other(_)), "{old} {new}");
        }
    }
}
