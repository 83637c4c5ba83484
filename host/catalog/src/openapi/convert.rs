//! One schema of a description as JSON Schema 2020-12 for a request.
//!
//! An allowlist: each keyword that is known is checked for its shape and copied, everything else is not there. What
//! OpenAPI 3.0 writes otherwise is rewritten. Members that are `readOnly` are not required of a request.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::description::{Dialect, is_known_dialect};
use super::keyword::{self, Shape};
use super::pool::{Converted, Pool};
use super::reason::Reason;
use super::remark::Remark;
use super::report::shown;

/// Keywords that hold one schema.
const ONE: [&str; 10] = [
    "items",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "not",
    "if",
    "then",
    "else",
];

/// Keywords that hold a list of schemas.
const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];

/// Keywords that hold schemas by name.
const NAMED: [&str; 3] = ["properties", "patternProperties", "dependentSchemas"];

/// `allOf` and references within one another in which read-only members are looked for.
const MAX_READ_ONLY_DEPTH: usize = 4;

impl Pool<'_> {
    /// Converts one schema. References are only named.
    pub(super) fn convert(&mut self, schema: &Value) -> Result<Converted, Reason> {
        let mut out = Converted::default();
        let made = self.schema(schema, &BTreeSet::new(), &mut out)?;
        Ok(Converted { schema: made, ..out })
    }

    fn schema(&mut self, schema: &Value, read_only: &BTreeSet<String>, out: &mut Converted) -> Result<Value, Reason> {
        self.spend(1)?;
        let map = match schema {
            Value::Bool(_) => return Ok(schema.clone()),
            Value::Object(map) => map,
            _ => {
                out.drop("schema", "expected an object");
                return Ok(Value::Bool(true));
            }
        };
        own_identity(map)?;
        let mut made = Map::new();
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let name = self.name_of(reference)?;
            made.insert("$ref".to_owned(), format!("#/$defs/{name}").into());
            out.needs.insert(name);
            // OpenAPI 3.0.3, section 4.7.23.1: whatever stands beside a reference is ignored.
            if self.description.dialect() == Dialect::V30 {
                return Ok(Value::Object(made));
            }
        }
        // A reference of an older draft, which this one has no meaning for: the place takes anything.
        if map.get("$recursiveRef").is_some_and(Value::is_string) {
            out.drop("$recursiveRef", "JSON Schema 2020-12 has no such keyword");
        }
        self.spend(read_only.len())?;
        let mut hidden = read_only.clone();
        if map.contains_key("required") || map.contains_key("allOf") {
            self.read_only_members(schema, 0, &mut hidden)?;
        }
        for (key, value) in map {
            if let Some(value) = self.keyword(map, key, value, &hidden, out)? {
                made.insert(key.clone(), value);
            }
        }
        if let Some(examples) = keyword::examples(map) {
            made.insert("examples".to_owned(), examples);
        }
        for (key, value) in keyword::bounds(map) {
            made.insert(key.to_owned(), value);
        }
        let nullable = map.get("nullable") == Some(&Value::Bool(true));
        Ok(Value::Object(if nullable { or_null(made) } else { made }))
    }

    /// A keyword's new value; nothing where it is not kept.
    fn keyword(
        &mut self,
        map: &Map<String, Value>,
        key: &str,
        value: &Value,
        read_only: &BTreeSet<String>,
        out: &mut Converted,
    ) -> Result<Option<Value>, Reason> {
        if ONE.contains(&key) {
            return self.one(key, value, out);
        }
        if LIST.contains(&key) {
            let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
                out.drop(key, "expected a list of schemas");
                return Ok(None);
            };
            let inherited = if key == "allOf" { read_only.clone() } else { BTreeSet::new() };
            let list: Result<Vec<_>, _> = list.iter().map(|inner| self.schema(inner, &inherited, out)).collect();
            return Ok(Some(Value::Array(list?)));
        }
        if NAMED.contains(&key) {
            let Some(named) = value.as_object() else {
                out.drop(key, "expected schemas by name");
                return Ok(None);
            };
            let mut made = Map::new();
            for (name, inner) in named {
                if key == "patternProperties" && !self.is_pattern(name)? {
                    out.drop(key, &format!("`{}` is no pattern that takes linear time", shown(name)));
                } else {
                    made.insert(name.clone(), self.schema(inner, &BTreeSet::new(), out)?);
                }
            }
            return Ok(Some(Value::Object(made)));
        }
        if key == "pattern"
            && let Value::String(pattern) = value
        {
            if self.is_pattern(pattern)? {
                return Ok(Some(value.clone()));
            }
            out.drop(key, &format!("`{}` is no pattern that takes linear time", shown(pattern)));
            return Ok(None);
        }
        if key == "required"
            && let Value::Array(names) = value
        {
            return Ok(keyword::required(names, read_only));
        }
        match keyword::plain(map, key, value) {
            Shape::Keep(value) => Ok(Some(value)),
            Shape::Unknown => Ok(None),
            Shape::Wrong(expected) => {
                out.drop(key, expected);
                Ok(None)
            }
        }
    }

    fn one(&mut self, key: &str, value: &Value, out: &mut Converted) -> Result<Option<Value>, Reason> {
        if !value.is_object() && !value.is_boolean() {
            out.drop(key, "expected a schema");
            return Ok(None);
        }
        Ok(Some(self.schema(value, &BTreeSet::new(), out)?))
    }

    /// Members of the schema, and of the schemas that it is all of, that only answers have.
    fn read_only_members(&mut self, schema: &Value, depth: usize, names: &mut BTreeSet<String>) -> Result<(), Reason> {
        self.spend(1)?;
        let description = self.description;
        // What cannot be resolved is found where it is converted.
        let Ok(resolved) = description.resolve(schema) else { return Ok(()) };
        for (name, member) in resolved.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.spend(1)?;
            let read_only = |value: &Value| value.get("readOnly") == Some(&Value::Bool(true));
            if read_only(member) || description.resolve(member).is_ok_and(read_only) {
                names.insert(name.clone());
            }
        }
        if depth < MAX_READ_ONLY_DEPTH {
            for inner in resolved.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                self.read_only_members(inner, depth + 1, names)?;
            }
        }
        Ok(())
    }
}

impl Converted {
    fn drop(&mut self, keyword: &str, why: &str) {
        let remark = Remark::Keyword { keyword: keyword.to_owned(), at: String::new(), why: why.to_owned() };
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }
}

/// Keywords that change what a reference means: what is read here and what the validator reads must be one. An anchor
/// that nothing refers to means nothing, and a reference to one leads nowhere.
fn own_identity(map: &Map<String, Value>) -> Result<(), Reason> {
    for keyword in ["$id", "$dynamicRef"] {
        if map.get(keyword).is_some_and(|value| !value.is_object()) {
            return Err(Reason::Schema(format!("its schema has `{keyword}`: only `$ref` to a place is followed")));
        }
    }
    match map.get("$schema").and_then(Value::as_str) {
        Some(named) if !is_known_dialect(named) => {
            Err(Reason::Schema(format!("its schema is in the dialect `{}`", shown(named))))
        }
        _ => Ok(()),
    }
}

/// The same schema, or null. Some describe an `enum` without null and mean it all the same.
fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    let composed = ["$ref", "allOf", "anyOf", "oneOf", "not", "const"].iter().any(|key| schema.contains_key(*key));
    if composed {
        let outside = ["title", "description", "default", "examples", "deprecated"];
        let mut around: Map<String, Value> = Map::new();
        for key in outside {
            if let Some(value) = schema.shift_remove(key) {
                around.insert(key.to_owned(), value);
            }
        }
        around.insert("anyOf".to_owned(), json!([schema, {"type": "null"}]));
        return around;
    }
    let null = Value::from("null");
    if let Some(kind) = schema.get_mut("type") {
        match kind {
            Value::Array(kinds) if kinds.contains(&null) => {}
            Value::Array(kinds) => kinds.push(null),
            single if *single == null => {}
            single => *single = Value::Array(vec![single.take(), null]),
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    schema
}
