//! One input of an operation as an input of an action: whether its value can be written in its place.
//!
//! A query is written as the template writes it: one pair for a key, and a list with commas. What a description wants
//! written otherwise cannot be said.

use serde_json::{Map, Value, json};

use super::description::Description;
use super::kinds::{Kinds, Looker};
use super::pool::{Converted, Pool};
use super::reason::{Reason, Unsayable};
use super::remark::Remark;
use super::report::shown;
use super::words;
use crate::{Parameter, Place};

/// Longest text about an input, in characters.
const MAX_DESCRIPTION_CHARS: usize = 1_000;

/// Longest default that is told in that text, in characters.
const MAX_DEFAULT_CHARS: usize = 100;

/// Examples of one input that are looked at.
const MAX_EXAMPLES: usize = 16;

/// An input that can be said.
pub(super) struct Said {
    pub(super) parameter: Parameter,
    pub(super) converted: Converted,
    /// The description's own examples of its value.
    pub(super) examples: Vec<Value>,
}

/// An input as it is described.
pub(super) struct Described<'d> {
    /// Its name in the input.
    pub(super) name: &'d str,
    pub(super) place: Place,
    pub(super) required: bool,
    /// What it is described by: `description`, `example`, `examples`.
    pub(super) words: &'d Value,
    pub(super) schema: &'d Value,
    /// Whether a list is written in one value, with commas.
    pub(super) lists: bool,
}

/// The schema of a parameter, and whether lists are written with commas; or why its values cannot be written at all.
pub(super) fn written(parameter: &Value, in_path: bool) -> Result<(&Value, bool), Unsayable> {
    const ANYTHING: &Value = &Value::Bool(true);
    if let Some(content) = parameter.get("content").and_then(Value::as_object) {
        let kind = content.keys().next().map_or("", String::as_str);
        return Err(Unsayable::Content(shown(kind)));
    }
    let usual = if in_path { "simple" } else { "form" };
    let style = parameter.get("style").and_then(Value::as_str).unwrap_or(usual);
    if style != usual {
        return Err(Unsayable::Style(shown(style)));
    }
    let lists = !in_path && parameter.get("explode") == Some(&Value::Bool(false));
    Ok((parameter.get("schema").unwrap_or(ANYTHING), lists))
}

/// Makes an input of what is described.
pub(super) fn say(pool: &mut Pool<'_>, described: &Described<'_>) -> Result<Said, Unsayable> {
    let broken = |reason: Reason| Unsayable::Schema(Box::new(reason));
    pool.weigh(described.words).map_err(broken)?;
    let mut converted = pool.take(described.schema).map_err(broken)?;
    narrow(pool, described, &mut converted)?;
    let mut description = described.words.get("description").and_then(Value::as_str).map(str::to_owned);
    let mut schema = converted.schema.clone();
    if let Value::Object(map) = &mut schema {
        let own = map.shift_remove("description").and_then(|own| own.as_str().map(str::to_owned));
        description = description.or(own);
        // The service's own default needs not be sent, and what stands at the schema of an input would be.
        if let Some(default) = map.shift_remove("default").filter(|default| !default.is_null()) {
            let default = words::line(&default.to_string(), MAX_DEFAULT_CHARS).unwrap_or_default();
            let before = description.map(|text| text + "\n").unwrap_or_default();
            description = Some(format!("{before}The service's default: {default}"));
        }
    }
    let examples = examples(pool.description, described);
    let parameter = Parameter {
        name: described.name.to_owned(),
        place: described.place,
        schema: Some(schema),
        default: None,
        required: described.required,
        description: description.and_then(|text| words::block(&text, MAX_DESCRIPTION_CHARS)),
    };
    Ok(Said { parameter, converted, examples })
}

/// Leaves the schema only types that can be written, and says so where the description names others.
fn narrow(pool: &mut Pool<'_>, described: &Described<'_>, converted: &mut Converted) -> Result<(), Unsayable> {
    let schema = &converted.schema;
    let looked = pool.look(|looker| (looker.kinds(schema), looker.items(schema)));
    let (kinds, items) = looked.map_err(|reason| Unsayable::Schema(Box::new(reason)))?;
    let lists = described.lists && items.and(Kinds::SCALAR) != Kinds::NONE;
    let fitting = match described.place {
        Place::Path => Kinds::SEGMENT,
        Place::Query | Place::Body if lists => Kinds::SCALAR.or(Kinds::NULL).or(Kinds::ARRAY),
        Place::Query | Place::Body => Kinds::SCALAR.or(Kinds::NULL),
    };
    let left = kinds.and(fitting);
    if left.without(Kinds::NULL) == Kinds::NONE {
        let is_list = kinds.and(Kinds::ARRAY) != Kinds::NONE && described.place == Place::Query && !described.lists;
        return Err(if is_list { Unsayable::Exploded } else { Unsayable::Kind(kinds.without(Kinds::NULL).list()) });
    }
    let narrows_items = left.and(Kinds::ARRAY) != Kinds::NONE && !items.is_within(Kinds::SCALAR);
    if kinds.is_within(fitting) && !narrows_items {
        return Ok(());
    }
    if Looker::says(schema) && !kinds.is_within(fitting) {
        converted.remarks.push(Remark::Narrowed {
            place: place(described.place),
            name: shown(described.name),
            without: kinds.without(fitting).list(),
        });
    }
    let mut narrowed = match std::mem::take(&mut converted.schema) {
        Value::Object(map) if narrows_items => Map::from_iter([("allOf".to_owned(), json!([map]))]),
        Value::Object(map) => map,
        _ => Map::new(),
    };
    let names = left.names();
    narrowed.insert("type".to_owned(), if let [one] = names[..] { json!(one) } else { json!(names) });
    if narrows_items {
        narrowed.insert("items".to_owned(), json!({"type": Kinds::SCALAR.names()}));
    }
    converted.schema = Value::Object(narrowed);
    Ok(())
}

/// `example`, the values of `examples`, and those of the schema itself (OpenAPI 3.1.1, sections 4.8.12 and 4.8.24).
pub(super) fn examples(description: &Description, described: &Described<'_>) -> Vec<Value> {
    let named = described.words.get("examples").and_then(Value::as_object);
    let named =
        named.into_iter().flat_map(Map::values).filter_map(|example| description.resolve(example).ok()?.get("value"));
    let schema = description.resolve(described.schema).ok();
    let listed = |schema: Option<&'_ Value>| -> Vec<Value> {
        let Some(schema) = schema else { return Vec::new() };
        let listed = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
        listed.chain(schema.get("example")).take(MAX_EXAMPLES).cloned().collect()
    };
    let mut found: Vec<Value> =
        described.words.get("example").into_iter().chain(named).take(MAX_EXAMPLES).cloned().collect();
    found.extend(listed(Some(described.schema)));
    if schema.is_some_and(|schema| !std::ptr::eq(schema, described.schema)) {
        found.extend(listed(schema));
    }
    found.truncate(MAX_EXAMPLES);
    found
}

/// The word for a place.
pub(super) fn place(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Body => "form",
    }
}
