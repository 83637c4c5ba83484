//! The Cedar schema: as published, and with the types of one action filled in.

use portcullis_model::{Action, Body, BodyMode};

use crate::shape::{Field, Shape};

/// The schema as published, for any action.
pub const SCHEMA: &str = include_str!("portcullis.cedarschema");

/// Ways to type what may be of several kinds: Cedar has no type for that, so a rule is right if it is right for one.
pub(crate) const VARIANTS: usize = 4;

/// The schema with one action's types.
#[must_use]
pub fn schema_of(action: &Action) -> String {
    variant_of(action, 0)
}

pub(crate) fn variant_of(action: &Action, variant: usize) -> String {
    let input = Shape::of_input(action);
    let body = Shape::of_body(action, &input);
    let path: Vec<String> = action.path.parameters().map(|name| format!("    \"{name}\": String,\n")).collect();
    let query: Vec<String> =
        action.query.iter().map(|key| format!("    \"{}\"?: Set<String>,\n", key.as_str())).collect();
    let (has_body, has_form) = (action.body == BodyMode::Json, action.body == BodyMode::Form);
    let types = [
        ("type Input = {};", format!("type Input = {};", cedar(&input, variant, 0))),
        ("type Path = {};", format!("type Path = {{\n{}}};", path.concat())),
        ("type Query = {};", format!("type Query = {{\n{}}};", query.concat())),
        ("type Body = {};", format!("type Body = {};", cedar(&body, variant, 0))),
        ("type Form = {};", format!("type Form = {{\n{}}};", form(action, &input))),
        ("        body?: Body,\n", if has_body { "        body: Body,\n" } else { "" }.to_owned()),
        ("        form?: Form,\n", if has_form { "        form: Form,\n" } else { "" }.to_owned()),
    ];
    types.iter().fold(SCHEMA.to_owned(), |text, (from, to)| text.replacen(from, to, 1))
}

/// A form's fields are the input's, which plugins mostly pass on, and those of the worked examples.
fn form(action: &Action, input: &Shape) -> String {
    let mut names: Vec<&str> = match input {
        Shape::Record(fields) => fields.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    for example in &action.examples {
        if let Some(Body::Form(fields)) = &example.expected.body {
            names.extend(fields.iter().map(|(name, _)| name.as_str()));
        }
    }
    names.sort_unstable();
    names.dedup();
    names.iter().filter(|name| is_plain(name)).map(|name| format!("    \"{name}\"?: Set<String>,\n")).collect()
}

/// Names that mean the same in JSON and in a schema.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with("__")
        && name.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\')
}

fn cedar(shape: &Shape, variant: usize, depth: usize) -> String {
    match shape {
        Shape::Any => ["String", "Long", "Bool", "decimal"].get(variant).copied().unwrap_or("String").to_owned(),
        Shape::Bool => "Bool".to_owned(),
        Shape::Long => "Long".to_owned(),
        Shape::Decimal => "decimal".to_owned(),
        Shape::String => "String".to_owned(),
        Shape::Set(item) => format!("Set<{}>", cedar(item, variant, depth)),
        Shape::Mixed(kinds) => {
            kinds.get(variant % kinds.len().max(1)).map_or("String".to_owned(), |kind| cedar(kind, variant, depth))
        }
        Shape::Record(fields) => {
            let inner = "    ".repeat(depth + 1);
            let mut text = String::from("{\n");
            for (name, Field { shape, required }) in fields.iter().filter(|(name, _)| is_plain(name)) {
                let mark = if *required { "" } else { "?" };
                text.push_str(&format!("{inner}\"{name}\"{mark}: {},\n", cedar(shape, variant, depth + 1)));
            }
            text + &"    ".repeat(depth) + "}"
        }
    }
}
