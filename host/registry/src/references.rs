//! References of a stranger's schema: only such as this crate and the validator read alike, and none that is endless.
//!
//! The validator follows `$ref` by recursion, when it compiles and when it checks, so a loop or a long chain ends the
//! whole process. A guard that resolves references otherwise than the validator guards nothing: `$id`, anchors and
//! other drafts, which change what a reference means, are refused.

use std::borrow::Cow;
use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use portcullis_model::Shown;
use serde_json::{Map, Value};

/// The one dialect (JSON Schema 2020-12, section 8.1.1).
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Deepest nesting of a schema; the compiler and the validator recurse over it.
const MAX_DEPTH: usize = 48;

/// Nesting of all targets of references together: the compiler may go down one after another before it comes back.
const MAX_TOTAL_DEPTH: usize = 2_000;

/// Subschemas that references may bring to one place, over the whole schema.
const MAX_STEPS: usize = 20_000;

/// Keywords that apply a list of subschemas in place (JSON Schema Core, section 10.2).
pub(crate) const IN_PLACE_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Keywords that apply one subschema in place.
pub(crate) const IN_PLACE: [&str; 4] = ["not", "if", "then", "else"];

/// Checks every reference of a schema.
///
/// # Errors
/// Says which one cannot be followed, and why.
pub(crate) fn check(root: &Value) -> Result<(), String> {
    if depth(root) > MAX_DEPTH {
        return Err(format!("it nests deeper than {MAX_DEPTH}"));
    }
    if let Some(dialect) = root.get("$schema").and_then(Value::as_str)
        && dialect.trim_end_matches('#') != DIALECT
    {
        return Err(format!("its `$schema` is `{}`, expected `{DIALECT}`", Shown::new(dialect).limit_bytes(100)));
    }
    let mut targets = BTreeSet::new();
    everywhere(root, &mut |map| spelled_plainly(root, map, &mut targets))?;
    let total = targets.iter().filter_map(|reference| target(root, reference)).map(depth).sum::<usize>();
    if total + depth(root) > MAX_TOTAL_DEPTH {
        return Err("its references lead through too many nested subschemas".to_owned());
    }
    let mut steps = 0;
    everywhere(root, &mut |map| walk(root, map, &mut Vec::new(), &mut steps))
}

/// What a reference points to: the root, or a JSON Pointer into it (RFC 6901, section 6).
pub(crate) fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer: Cow<'_, str> = percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
    root.pointer(&pointer)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Visits every object, whether or not it is a schema: data that looks like one is no reason to look away.
fn everywhere<'a>(
    value: &'a Value,
    visit: &mut impl FnMut(&'a Map<String, Value>) -> Result<(), String>,
) -> Result<(), String> {
    match value {
        Value::Object(map) => {
            visit(map)?;
            map.values().try_for_each(|inner| everywhere(inner, visit))
        }
        Value::Array(items) => items.iter().try_for_each(|inner| everywhere(inner, visit)),
        _ => Ok(()),
    }
}

fn spelled_plainly<'a>(
    root: &Value,
    map: &'a Map<String, Value>,
    targets: &mut BTreeSet<&'a str>,
) -> Result<(), String> {
    for keyword in ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef"] {
        if let Some(Value::String(value)) = map.get(keyword) {
            let value = Shown::new(value).limit_bytes(100).to_string();
            return Err(format!("`{keyword}` (`{value}`) is not supported; point to a place with `#/$defs/name`"));
        }
    }
    let Some(Value::String(reference)) = map.get("$ref") else { return Ok(()) };
    let shown = Shown::new(reference).limit_bytes(100).to_string();
    if !reference.starts_with('#') {
        return Err(format!("the reference `{shown}` leads out of the schema, and nothing is fetched"));
    }
    if target(root, reference).is_none() {
        return Err(format!("the reference `{shown}` leads nowhere; expected `#` or `#/$defs/name`"));
    }
    targets.insert(reference);
    Ok(())
}

/// Follows references through keywords that apply in place, on which a validator would recurse without consuming any
/// of the input.
fn walk<'a>(
    root: &'a Value,
    map: &'a Map<String, Value>,
    trail: &mut Vec<&'a str>,
    steps: &mut usize,
) -> Result<(), String> {
    *steps += 1;
    if *steps > MAX_STEPS {
        return Err("its references bring too many subschemas to one place".to_owned());
    }
    if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
        if trail.contains(&reference) {
            return Err(format!("the reference `{}` leads back to itself", Shown::new(reference).limit_bytes(100)));
        }
        trail.push(reference);
        if let Some(next) = target(root, reference).and_then(Value::as_object) {
            walk(root, next, trail, steps)?;
        }
        trail.pop();
    }
    in_place(map).filter_map(Value::as_object).try_for_each(|next| walk(root, next, trail, steps))
}

/// Subschemas that apply to the same place as the schema itself, references aside.
pub(crate) fn in_place(map: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let lists = IN_PLACE_LISTS.into_iter().filter_map(|keyword| map.get(keyword)?.as_array()).flatten();
    let single = IN_PLACE.into_iter().filter_map(|keyword| map.get(keyword));
    let dependent =
        ["dependentSchemas", "dependencies"].into_iter().filter_map(|keyword| map.get(keyword)?.as_object());
    lists.chain(single).chain(dependent.flat_map(Map::values))
}
