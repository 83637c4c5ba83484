//! An input schema as lines that a person reads: a place, what may stand there, and within which bounds.
//!
//! A summary. The schema itself is what holds, and is shown beside it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Most lines of one action.
const MAX_LINES: usize = 300;

/// Most values of an enumeration that are named.
const MAX_VALUES: usize = 12;

/// One place of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Names from the outside in, `[]` for the items of a list.
    pub(super) place: String,
    /// JSON types.
    pub(super) kind: String,
    /// Whether it must be there where what holds it is.
    pub(super) required: bool,
    /// Bounds, in words of JSON Schema.
    pub(super) bounds: String,
    /// What the author wrote about it.
    pub(super) says: Option<String>,
}

/// Every place that the schema names, outer ones first.
pub(super) fn all(schema: &Value) -> Vec<Field> {
    let mut lines = Lines { root: schema, followed: Vec::new(), fields: Vec::new() };
    lines.members(schema, "");
    lines.fields
}

struct Lines<'a> {
    root: &'a Value,
    /// References on the way here: one that leads back is not followed again.
    followed: Vec<&'a str>,
    fields: Vec<Field>,
}

impl<'a> Lines<'a> {
    /// The members of an object, and of the branches that it may be.
    fn members(&mut self, schema: &'a Value, at: &str) {
        let (schema, followed) = self.resolved(schema);
        let Some(map) = schema.as_object() else { return self.followed.truncate(followed) };
        let required: BTreeSet<&str> =
            map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, inner) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let place = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            self.field(inner, &place, required.contains(name.as_str()));
        }
        self.items(map, at);
        let lists = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| map.get(key)?.as_array()).flatten();
        let branches = ["then", "else"].into_iter().filter_map(|key| map.get(key));
        for branch in lists.chain(branches) {
            self.members(branch, at);
        }
        self.followed.truncate(followed);
    }

    fn field(&mut self, schema: &'a Value, place: &str, required: bool) {
        if self.fields.len() >= MAX_LINES || self.fields.iter().any(|field| field.place == place) {
            return;
        }
        let says = |schema: &Value| schema.get("description").and_then(Value::as_str).map(str::to_owned);
        let own = says(schema);
        let (schema, followed) = self.resolved(schema);
        let field = Field {
            place: place.to_owned(),
            kind: kind(self.root, schema),
            required,
            bounds: schema.as_object().map(bounds).unwrap_or_default(),
            says: own.or_else(|| says(schema)),
        };
        self.fields.push(field);
        self.members(schema, place);
        self.followed.truncate(followed);
    }

    fn items(&mut self, map: &'a Map<String, Value>, at: &str) {
        if let Some(items @ Value::Object(inner)) = map.get("items")
            && !inner.is_empty()
        {
            let place = format!("{at}[]");
            self.field(items, &place, false);
        }
    }

    /// What a reference leads to, and how many were being followed before.
    fn resolved(&mut self, mut schema: &'a Value) -> (&'a Value, usize) {
        let before = self.followed.len();
        while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            if self.followed.contains(&reference) {
                return (&Value::Null, before);
            }
            let Some(target) = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) else {
                break;
            };
            self.followed.push(reference);
            schema = target;
        }
        (schema, before)
    }
}

fn kind(root: &Value, schema: &Value) -> String {
    let mut kinds = BTreeSet::new();
    kinds_of(root, schema, 0, &mut kinds);
    if kinds.is_empty() { "anything".to_owned() } else { kinds.into_iter().collect::<Vec<_>>().join(" or ") }
}

fn kinds_of<'a>(root: &'a Value, schema: &'a Value, depth: usize, kinds: &mut BTreeSet<&'a str>) {
    match schema.get("type") {
        Some(Value::String(kind)) => drop(kinds.insert(kind)),
        Some(Value::Array(list)) => kinds.extend(list.iter().filter_map(Value::as_str)),
        _ if depth < 4 => {
            let target = schema.get("$ref").and_then(Value::as_str).and_then(|r| root.pointer(r.strip_prefix('#')?));
            let branches = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
            for branch in branches.flatten().chain(target) {
                kinds_of(root, branch, depth + 1, kinds);
            }
            let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
            for value in values {
                kinds.insert(kind_of_value(value));
            }
        }
        _ => {}
    }
}

fn kind_of_value(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Keywords that say how much or how long, and are followed by one value.
const BOUNDS: [&str; 15] = [
    "const",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "default",
];

fn bounds(map: &Map<String, Value>) -> String {
    let mut words = Vec::new();
    if let Some(values) = map.get("enum").and_then(Value::as_array) {
        let named: Vec<String> = values.iter().take(MAX_VALUES).map(ToString::to_string).collect();
        let more = values.len().saturating_sub(MAX_VALUES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        words.push(format!("one of {}{more}", named.join(", ")));
    }
    for name in BOUNDS {
        if let Some(value) = map.get(name) {
            words.push(format!("{name} {value}"));
        }
    }
    if map.get("uniqueItems") == Some(&Value::Bool(true)) {
        words.push("no item twice".to_owned());
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_named_place_has_a_line_with_its_bounds() {
        let schema = json!({"type": "object", "required": ["model"], "properties": {
            "model": {"type": "string", "minLength": 1, "description": "which"},
            "n": {"anyOf": [{"type": "integer", "maximum": 3}, {"type": "null"}]},
            "messages": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/message"}}},
            "$defs": {"message": {"type": "object", "required": ["role"], "properties": {
                "role": {"enum": ["user", "tool"]}, "replies": {"type": "array", "items": {"$ref": "#/$defs/message"}}}}}});
        let lines: Vec<String> = all(&schema)
            .iter()
            .map(|f| format!("{}{}: {} ({})", f.place, if f.required { "!" } else { "" }, f.kind, f.bounds))
            .collect();
        assert_eq!(
            lines,
            [
                "model!: string (minLength 1)",
                "n: integer or null ()",
                "messages: array (minItems 1)",
                "messages[]: object ()",
                "messages[].role!: string (one of \"user\", \"tool\")",
                "messages[].replies: array ()",
                "messages[].replies[]: anything ()",
            ]
        );
        assert_eq!(all(&schema)[0].says.as_deref(), Some("which"));
    }
}
