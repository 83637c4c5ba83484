//! Tries an imported action as it will be tried at install: its schema must compile, its worked example must pass, and
//! so should the description's own examples.
//!
//! An example that does not fit the schema it stands beside is the description's mistake. It is told, and not used.

use serde_json::{Map, Value, json};

use super::check::SchemaCheck;
use super::keyword::{MAX_EXAMPLE_BYTES, is_data};
use super::operation::OwnExample;
use super::report::{Reason, Remark, shown};
use crate::credential;
use crate::definitions::Definitions;
use crate::found::Found;
use crate::{ActionTemplate, Place};

/// Problems of one action that are named.
const MAX_PROBLEMS: usize = 3;

/// An action that holds.
pub(super) struct Tried {
    /// Its declaration, in bytes of JSON.
    pub(super) bytes: usize,
    /// Examples of the description that pass.
    pub(super) fitting: usize,
    /// What is wrong with the others.
    pub(super) remarks: Vec<Remark>,
}

/// Puts the description's own examples that fit where the worked example is made from, and declares the action.
pub(super) fn try_out(
    template: &mut ActionTemplate,
    own: &[OwnExample],
    definitions: &Definitions<'_>,
    checker: &dyn SchemaCheck,
) -> Result<Tried, Reason> {
    let mut tried = Tried { bytes: 0, fitting: 0, remarks: Vec::new() };
    if !own.is_empty() {
        let (draft, _) = template.judge(definitions);
        let schema: Value = serde_json::from_str(&draft.input_schema).unwrap_or_default();
        for example in own {
            let Some(place) = schema.pointer(&pointer_to_schema(example)) else { continue };
            let alone = json!({"$defs": schema.get("$defs").cloned().unwrap_or_else(|| json!({})), "allOf": [place]});
            let problems = checker.check(&alone, &[&example.value]).map_err(unusable)?;
            match problems.into_iter().flatten().next() {
                Some(why) => tried.remarks.push(Remark::Example { at: shown(&pointer_to_value(example)), why }),
                None => {
                    tried.fitting += 1;
                    keep(template, example);
                }
            }
        }
    }
    let (draft, found) = template.judge(definitions);
    if !found.is_empty() {
        return Err(Reason::Schema(list(found)));
    }
    let schema: Value = serde_json::from_str(&draft.input_schema).unwrap_or_default();
    let inputs: Vec<Value> = draft.examples.iter().filter_map(|e| serde_json::from_str(&e.input).ok()).collect();
    let problems = checker.check(&schema, &inputs.iter().collect::<Vec<_>>()).map_err(unusable)?;
    if let Some(why) = problems.into_iter().flatten().next() {
        return Err(Reason::Schema(format!("no example of its input could be made: {why}")));
    }
    tried.bytes = serde_json::to_string(&draft).map_or(usize::MAX, |text| text.len());
    Ok(tried)
}

fn unusable(why: String) -> Reason {
    Reason::Schema(format!("its input schema cannot be used: {why}"))
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
