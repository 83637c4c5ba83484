//! What kind of value stands where, as an action's input schema and its worked examples say.
//!
//! It settles two things with one voice: which numbers are decimals when a call is decided about, and which Cedar types
//! a rule is checked against. It checks no input: that is `registry`'s work.

use std::collections::BTreeMap;

use portcullis_model::{Action, Body};
use serde_json::Value;

/// Parts of a schema looked at; beyond them anything may stand.
const MAX_NODES: usize = 4_096;
/// Levels looked at; a schema may refer to itself.
const MAX_DEPTH: usize = 24;

/// A kind of value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Nothing is said.
    Any,
    Bool,
    /// An integer.
    Long,
    /// A number that may have a fraction.
    Decimal,
    String,
    Set(Box<Shape>),
    Record(BTreeMap<String, Field>),
    /// One of several kinds.
    Mixed(Vec<Shape>),
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) shape: Shape,
    pub(crate) required: bool,
}

impl Shape {
    /// Of an action's input.
    pub(crate) fn of_input(action: &Action) -> Self {
        Reader { root: &action.input_schema, nodes: MAX_NODES }.shape(&action.input_schema, 0)
    }

    /// Of an action's JSON body: the input's fields, which plugins mostly pass on, and those of the worked examples.
    pub(crate) fn of_body(action: &Action, input: &Self) -> Self {
        let mut fields = match input.record() {
            Some(fields) => fields.clone(),
            None => BTreeMap::new(),
        };
        let mut seen = Self::Record(BTreeMap::new());
        for example in &action.examples {
            if let Some(Body::Json(text)) = &example.expected.body
                && let Ok(value) = portcullis_model::parse_strict(text)
            {
                match Self::of_value(&value) {
                    shape @ Self::Record(_) => seen = seen.or(shape),
                    // A body that is no object has no fields to speak of.
                    other => return other,
                }
            }
        }
        if let Self::Record(seen) = seen {
            for (name, field) in seen {
                fields.entry(name).or_insert(field);
            }
        }
        for field in fields.values_mut() {
            field.required = false;
        }
        Self::Record(fields)
    }

    /// Of an example.
    fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Any,
            Value::Bool(_) => Self::Bool,
            Value::Number(number) if number.is_f64() => Self::Decimal,
            Value::Number(_) => Self::Long,
            Value::String(_) => Self::String,
            Value::Array(items) => {
                let all = items.iter().map(Self::of_value).reduce(Self::or);
                Self::Set(Box::new(all.unwrap_or(Self::Any)))
            }
            Value::Object(members) => {
                let field = |value| Field { shape: Self::of_value(value), required: false };
                Self::Record(members.iter().map(|(name, value)| (name.clone(), field(value))).collect())
            }
        }
    }

    /// Of one field; [`Shape::Any`] where nothing is said.
    pub(crate) fn field(&self, name: &str) -> &Self {
        self.record().and_then(|fields| fields.get(name)).map_or(&Self::Any, |field| &field.shape)
    }

    /// Of the items.
    pub(crate) fn item(&self) -> &Self {
        match self {
            Self::Set(item) => item,
            Self::Mixed(kinds) => kinds.iter().find(|kind| matches!(kind, Self::Set(_))).map_or(&Self::Any, Self::item),
            _ => &Self::Any,
        }
    }

    /// Whether numbers here are decimals, whole ones too.
    pub(crate) fn is_decimal(&self) -> bool {
        match self {
            Self::Decimal => true,
            Self::Mixed(kinds) => kinds.contains(&Self::Decimal),
            _ => false,
        }
    }

    fn record(&self) -> Option<&BTreeMap<String, Field>> {
        match self {
            Self::Record(fields) => Some(fields),
            Self::Mixed(kinds) => kinds.iter().find_map(Self::record),
            _ => None,
        }
    }

    /// This or that.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Self::Any, other) | (other, Self::Any) => other,
            (Self::Long | Self::Decimal, Self::Long | Self::Decimal) => Self::Decimal,
            (Self::Set(one), Self::Set(two)) => Self::Set(Box::new(one.or(*two))),
            (Self::Record(mut fields), Self::Record(mut theirs)) => {
                for (name, field) in &mut fields {
                    field.required &= theirs.get(name).is_some_and(|other| other.required);
                }
                for (name, mut field) in std::mem::take(&mut theirs) {
                    field.required = false;
                    match fields.remove(&name) {
                        Some(mine) => {
                            let shape = mine.shape.or(field.shape);
                            fields.insert(name, Field { shape, required: mine.required });
                        }
                        None => drop(fields.insert(name, field)),
                    }
                }
                Self::Record(fields)
            }
            (Self::Mixed(kinds), other) | (other, Self::Mixed(kinds)) => mixed(kinds, other),
            (one, two) => mixed(vec![one], two),
        }
    }

    /// This and that at once, as `allOf` and its siblings say.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, other) | (other, Self::Any) => other,
            (Self::Record(mut fields), Self::Record(theirs)) => {
                for (name, field) in theirs {
                    let joined = match fields.remove(&name) {
                        Some(mine) => {
                            Field { shape: mine.shape.and(field.shape), required: mine.required || field.required }
                        }
                        None => field,
                    };
                    fields.insert(name, joined);
                }
                Self::Record(fields)
            }
            (Self::Long, Self::Decimal) => Self::Long,
            (one, _) => one,
        }
    }
}

/// Adds a kind to several.
fn mixed(mut kinds: Vec<Shape>, other: Shape) -> Shape {
    let others = if let Shape::Mixed(others) = other { others } else { vec![other] };
    for other in others {
        let same = |kind: &Shape| std::mem::discriminant(kind) == std::mem::discriminant(&other);
        match kinds.iter().position(same) {
            Some(at) => {
                let kind = kinds.remove(at).or(other);
                kinds.insert(at, kind);
            }
            None => kinds.push(other),
        }
    }
    Shape::Mixed(kinds)
}

struct Reader<'a> {
    root: &'a Value,
    nodes: usize,
}

impl Reader<'_> {
    fn shape(&mut self, node: &Value, depth: usize) -> Shape {
        let Some(schema) = node.as_object() else { return Shape::Any };
        if depth > MAX_DEPTH || self.nodes == 0 {
            return Shape::Any;
        }
        self.nodes -= 1;
        let mut shape = match schema.get("type") {
            Some(Value::String(word)) => self.typed(word, node, depth),
            Some(Value::Array(words)) => {
                let words = words.iter().filter_map(Value::as_str).filter(|word| *word != "null");
                words.map(|word| self.typed(word, node, depth)).reduce(Shape::or).unwrap_or(Shape::Any)
            }
            _ if schema.contains_key("properties") => self.typed("object", node, depth),
            _ if schema.contains_key("items") => self.typed("array", node, depth),
            _ => self.listed(node),
        };
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|r| self.target(r)) {
            let target = self.shape(&target, depth + 1);
            shape = shape.and(target);
        }
        for key in ["anyOf", "oneOf"] {
            let kinds = schema.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let kinds = kinds.iter().filter(|kind| kind.get("type") != Some(&Value::from("null")));
            if let Some(either) = kinds.map(|kind| self.shape(kind, depth + 1)).reduce(Shape::or) {
                shape = shape.and(either);
            }
        }
        for part in schema.get("allOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
            let part = self.shape(part, depth + 1);
            shape = shape.and(part);
        }
        for key in ["then", "else"] {
            if let Some(part) = schema.get(key)
                && let Shape::Record(mut fields) = self.shape(part, depth + 1)
            {
                fields.values_mut().for_each(|field| field.required = false);
                shape = shape.and(Shape::Record(fields));
            }
        }
        shape
    }

    fn typed(&mut self, word: &str, node: &Value, depth: usize) -> Shape {
        match word {
            "boolean" => Shape::Bool,
            "integer" => Shape::Long,
            "number" => Shape::Decimal,
            "string" => Shape::String,
            "array" => {
                let item = node.get("items").map_or(Shape::Any, |items| self.shape(items, depth + 1));
                Shape::Set(Box::new(item))
            }
            "object" => {
                let required: Vec<&str> = match node.get("required").and_then(Value::as_array) {
                    Some(names) => names.iter().filter_map(Value::as_str).collect(),
                    None => Vec::new(),
                };
                let mut fields = BTreeMap::new();
                for (name, schema) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
                    let field =
                        Field { shape: self.shape(schema, depth + 1), required: required.contains(&name.as_str()) };
                    fields.insert(name.clone(), field);
                }
                Shape::Record(fields)
            }
            _ => Shape::Any,
        }
    }

    /// Of a list of values, where no type is given.
    fn listed(&self, node: &Value) -> Shape {
        let values = node.get("enum").and_then(Value::as_array).map_or(&[][..], Vec::as_slice).iter();
        let values = values.chain(node.get("const")).filter(|value| !value.is_null());
        values.map(Shape::of_value).reduce(Shape::or).unwrap_or(Shape::Any)
    }

    /// What a local reference points at; anchors are not followed, since nothing needs them to be.
    fn target(&self, reference: &str) -> Option<Value> {
        self.root.pointer(reference.strip_prefix('#')?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shape(schema: &Value) -> Shape {
        Reader { root: schema, nodes: MAX_NODES }.shape(schema, 0)
    }

    #[test]
    fn a_schema_says_which_numbers_are_decimals() {
        let schema = json!({"type": "object", "required": ["n"], "properties": {
            "n": {"type": "integer"}, "t": {"type": ["number", "null"]}, "u": {"anyOf": [{"type": "integer"}, {"type": "number"}]},
            "s": {"type": "array", "items": {"$ref": "#/$defs/item"}}, "x": true,
            "m": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "number"}}]}},
            "allOf": [{"properties": {"w": {"type": "number"}}}],
            "$defs": {"item": {"properties": {"price": {"type": "number"}, "again": {"$ref": "#/$defs/item"}}}}});
        let shape = shape(&schema);
        assert_eq!(*shape.field("n"), Shape::Long);
        assert!(shape.field("t").is_decimal() && shape.field("u").is_decimal() && shape.field("w").is_decimal());
        assert!(
            !shape.field("n").is_decimal() && !shape.field("x").is_decimal() && !shape.field("nothing").is_decimal()
        );
        assert!(shape.field("s").item().field("price").is_decimal());
        assert!(shape.field("s").item().field("again").field("price").is_decimal());
        assert!(shape.field("m").item().is_decimal() && !shape.field("m").is_decimal());
        let Shape::Record(fields) = &shape else { panic!() };
        assert!(fields["n"].required && !fields["t"].required && !fields["w"].required);
    }

    #[test]
    fn a_schema_that_never_ends_is_cut() {
        let schema = json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"a": {"$ref": "#"}}});
        assert!(matches!(shape(&schema), Shape::Record(_)));
    }
}
