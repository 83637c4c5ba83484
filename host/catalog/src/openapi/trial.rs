//! Tries an imported action as it will be tried at install: its schema must compile, its worked example must pass, and
//! so should the description's own examples.
//!
//! An example that does not fit the schema it stands beside is the description's mistake. It is told, and not used.

use portcullis_model::BodyMode;
use serde_json::{Map, Value, json};

use super::check::SchemaCheck;
use super::keyword::{MAX_EXAMPLE_BYTES, is_data};
use super::operation::OwnExample;
use super::reason::Reason;
use super::remark::Remark;
use super::report::shown;
use crate::documents::credential;
use crate::documents::definitions::Definitions;
use crate::documents::found::Found;
use crate::documents::layout;
use crate::{ActionTemplate, Place};

/// Problems of one action that are named.
const MAX_PROBLEMS: usize = 3;

/// An action that holds.
pub(super) struct Tried {
    /// Its declaration, in bytes of JSON.
    pub(super) bytes: usize,
    /// Examples of the description that pass.
    pub(super) fitting: usize,
    /// Examples that were not tried, since many others were.
    pub(super) untried: usize,
    /// What is wrong with the others.
    pub(super) remarks: Vec<Remark>,
}

/// Puts the description's own examples that fit where the worked example is made from, and declares the action.
pub(super) fn try_out(
    template: &mut ActionTemplate,
    own: &[OwnExample],
    definitions: &Definitions<'_>,
    checker: &dyn SchemaCheck,
    places_left: &mut usize,
) -> Result<Tried, Reason> {
    let mut tried = Tried { bytes: 0, fitting: 0, untried: 0, remarks: Vec::new() };
    own_examples(template, own, definitions, checker, &mut tried, places_left)?;
    let (draft, found) = template.judge(definitions);
    if !found.is_empty() {
        // Where there is no example since the schema is none, that is the reason.
        let schema: Value = serde_json::from_str(&draft.input_schema).unwrap_or_default();
        checker.check(&schema, &[]).map_err(Reason::Schema)?;
        return Err(Reason::Schema(list(found)));
    }
    let schema: Value = serde_json::from_str(&draft.input_schema).unwrap_or_default();
    let inputs: Vec<Value> = draft.examples.iter().filter_map(|e| serde_json::from_str(&e.input).ok()).collect();
    let problems = checker.check(&schema, &inputs.iter().collect::<Vec<_>>()).map_err(Reason::Schema)?;
    if let Some(why) = problems.into_iter().flatten().next() {
        return Err(Reason::Schema(format!("no example of its input could be made: {why}")));
    }
    tried.bytes = serde_json::to_string(&draft).map_or(usize::MAX, |text| text.len());
    Ok(tried)
}

/// Examples of one place are next to each other. Only so many places are tried: each costs a compilation.
fn own_examples(
    template: &mut ActionTemplate,
    own: &[OwnExample],
    definitions: &Definitions<'_>,
    checker: &dyn SchemaCheck,
    tried: &mut Tried,
    places_left: &mut usize,
) -> Result<(), Reason> {
    if own.is_empty() {
        return Ok(());
    }
    let mode = match template.request_body_mode.as_str() {
        "json" => BodyMode::Json,
        "form" => BodyMode::Form,
        _ => BodyMode::None,
    };
    let schema = layout::build(&template.inputs, mode, definitions, &mut Found::default());
    for group in own.chunk_by(|one, next| (one.place, &one.name) == (next.place, &next.name)) {
        let place = group.first().and_then(|example| schema.pointer(&pointer_to_schema(example)));
        let Some(place) = place else { continue };
        if *places_left == 0 {
            tried.untried += group.len();
            continue;
        }
        *places_left -= 1;
        let alone = json!({"$defs": schema.get("$defs").cloned().unwrap_or_else(|| json!({})), "allOf": [place]});
        let values: Vec<&Value> = group.iter().map(|example| &example.value).collect();
        let problems = checker.check(&alone, &values).map_err(Reason::Schema)?;
        for (example, problem) in group.iter().zip(problems) {
            match problem {
                Some(why) => tried.remarks.push(Remark::Example { at: shown(&pointer_to_value(example)), why }),
                None => {
                    tried.fitting += 1;
                    keep(template, example);
                }
            }
        }
    }
    Ok(())
}

fn list(found: Found) -> String {
    let problems = found.into_problems().into_iter().take(MAX_PROBLEMS);
    problems.map(|problem| format!("`{}` {}", problem.at, problem.what)).collect::<Vec<_>>().join("; ")
}

fn place(example: &OwnExample) -> &'static str {
    match example.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Body => "body",
    }
}

fn pointer_to_schema(example: &OwnExample) -> String {
    match &example.name {
        Some(name) => format!("/properties/{}/properties/{}", place(example), escaped(name)),
        None => format!("/properties/{}", place(example)),
    }
}

fn pointer_to_value(example: &OwnExample) -> String {
    match &example.name {
        Some(name) => format!("/{}/{}", place(example), escaped(name)),
        None => format!("/{}", place(example)),
    }
}

/// As a part of a JSON Pointer (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Adds an example to the schema of its input.
fn keep(template: &mut ActionTemplate, example: &OwnExample) {
    let name = example.name.as_deref().unwrap_or_default();
    let alone = Value::Object(Map::from_iter([(name.to_owned(), example.value.clone())]));
    if !is_data(&example.value, MAX_EXAMPLE_BYTES) || !credential::scan(&alone).is_empty() {
        return;
    }
    let inputs = &mut template.inputs;
    let schema = match &example.name {
        Some(name) => {
            let parameter = inputs.parameters.iter_mut().find(|p| p.place == example.place && p.name == *name);
            parameter.and_then(|parameter| parameter.schema.as_mut())
        }
        None => inputs.body.as_mut().map(|body| &mut body.schema),
    };
    let Some(Value::Object(schema)) = schema else { return };
    let listed = schema.entry("examples").or_insert_with(|| json!([]));
    if let Value::Array(listed) = listed
        && !listed.contains(&example.value)
    {
        listed.push(example.value.clone());
    }
}
