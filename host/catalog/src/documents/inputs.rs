//! The rules for what an action takes: each input has one place, a name and a schema that can stand there.

use std::collections::BTreeSet;

use portcullis_model::{BodyMode, Shown};
use serde_json::Value;

use crate::documents::action::{ActionTemplate, Parameter, Place};
use crate::documents::declare::path_parameters;
use crate::documents::definitions::Definitions;
use crate::documents::found::{Found, item, member};
use crate::documents::text::prose;

/// Most characters in what is said of one input.
const MAX_DESCRIPTION_CHARS: usize = 4000;

/// Longest name of an input in bytes.
const MAX_NAME_BYTES: usize = 128;

/// Checks the inputs of a template.
pub(crate) fn check(template: &ActionTemplate, mode: BodyMode, definitions: &Definitions<'_>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, parameter) in template.inputs.parameters.iter().enumerate() {
        let at = item("/inputs/parameters", index);
        check_name(parameter, &at, found);
        if !seen.insert((word(parameter.place), parameter.name.as_str())) {
            let what = format!("`{}` occurs twice in the {}", Shown::new(&parameter.name), word(parameter.place));
            found.add(member(&at, "name"), what);
        }
        check_description(parameter, &at, found);
        check_schema(parameter, &at, definitions, found);
    }
    match_path(template, found);
    match_body(template, mode, definitions, found);
}

fn word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Body => "body",
    }
}

/// Names of a query and of a path are checked where those are declared.
fn check_name(parameter: &Parameter, at: &str, found: &mut Found) {
    let name = &parameter.name;
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(portcullis_model::deceives) {
        found.add(member(at, "name"), format!("expected 1 to {MAX_NAME_BYTES} visible characters"));
    }
}

/// What agents read of it: its own words, or else the schema's.
fn check_description(parameter: &Parameter, at: &str, found: &mut Found) {
    let of_schema = parameter.schema.as_ref().and_then(|schema| schema.get("description")?.as_str());
    let (place, text) = match (&parameter.description, of_schema) {
        (Some(own), _) => (member(at, "description"), own.as_str()),
        (None, Some(inner)) => (member(&member(at, "schema"), "description"), inner),
        (None, None) => return,
    };
    prose(found, &place, text, MAX_DESCRIPTION_CHARS);
}

fn check_schema(parameter: &Parameter, at: &str, definitions: &Definitions<'_>, found: &mut Found) {
    let Some(schema) = &parameter.schema else { return };
    let place = member(at, "schema");
    match schema {
        Value::Object(map) => {
            definitions.check_references(schema, &place, found);
            let both = (&parameter.default, map.get("default"));
            if let (Some(own), Some(inner)) = both
                && own != inner
            {
                found.add(member(at, "default"), "is another default than the schema's");
            }
        }
        Value::Bool(true) => {}
        _ => found.add(place, "expected a JSON Schema that something can pass"),
    }
    if let Some(default) = &parameter.default {
        definitions.check_references(default, &member(at, "default"), found);
    }
}

/// The path's parameters and the inputs of the path are the same, both ways.
fn match_path(template: &ActionTemplate, found: &mut Found) {
    let Some(wanted) = path_parameters(&template.path) else { return };
    let given = template.names(Place::Path);
    for name in wanted.iter().filter(|name| !given.contains(name)) {
        found.add("/path", format!("`{{{name}}}` has no parameter with `in: path`"));
    }
    for (index, parameter) in template.inputs.parameters.iter().enumerate() {
        if parameter.place == Place::Path && !wanted.contains(&parameter.name) {
            let what = format!("the path has no `{{{}}}`", Shown::new(&parameter.name));
            found.add(member(&item("/inputs/parameters", index), "name"), what);
        }
    }
}

/// What the body mode says and what there is to put into a body go together.
fn match_body(template: &ActionTemplate, mode: BodyMode, definitions: &Definitions<'_>, found: &mut Found) {
    let has_members = template.inputs.parameters.iter().any(|p| p.place == Place::Body);
    let whole = template.inputs.body.as_ref();
    if let Some(body) = whole {
        definitions.check_references(&body.schema, "/inputs/body/schema", found);
        if !matches!(body.schema, Value::Object(_) | Value::Bool(true)) {
            found.add("/inputs/body/schema", "expected a JSON Schema that something can pass");
        }
        // The route check takes no description without the declared body.
        if !body.required && mode == BodyMode::Json {
            found.add("/inputs/body/required", "an action with a JSON body always sends one: expected `true`");
        }
        if has_members {
            found.add("/inputs/body", "the parameters make up the body already: expected one or the other");
        } else if mode == BodyMode::Form {
            found.add("/inputs/body", "a form is made of parameters with `in: body`");
        }
    }
    match mode {
        // Not where another word stands, of which that is said already.
        BodyMode::None if template.request_body_mode == "none" && (has_members || whole.is_some()) => {
            found.add("/requestBodyMode", "there are inputs for a body: expected `json` or `form`");
        }
        BodyMode::Form if !has_members && whole.is_none() => {
            found.add("/requestBodyMode", "a form without parameters is no body: expected `none`");
        }
        _ => {}
    }
}
