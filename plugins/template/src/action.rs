//! An action of a definition.

use portcullis_plugin::{
    Action, ApprovalMode, Body, BodyMode, Effect, Example, Method, Request, ResultMode, Traits, Value,
};

use crate::definition::NotADefinition;
use crate::members::{Members, Read, list, or_null, pair, text};

const METHODS: &[(&str, Method)] = &[
    ("GET", Method::Get),
    ("HEAD", Method::Head),
    ("POST", Method::Post),
    ("PUT", Method::Put),
    ("PATCH", Method::Patch),
    ("DELETE", Method::Delete),
];

const BODIES: &[(&str, BodyMode)] =
    &[("none", BodyMode::None), ("json", BodyMode::Json), ("form", BodyMode::Form), ("text", BodyMode::Text)];

const APPROVALS: &[(&str, ApprovalMode)] =
    &[("automatic", ApprovalMode::Automatic), ("require_approval", ApprovalMode::RequireApproval)];

const EFFECTS: &[(&str, Effect)] =
    &[("read", Effect::Read), ("write", Effect::Write), ("destructive", Effect::Destructive)];

const RESULTS: &[(&str, ResultMode)] =
    &[("json", ResultMode::Json), ("json_summary", ResultMode::JsonSummary), ("text", ResultMode::Text)];

pub(crate) fn action(value: Value) -> Read<Action> {
    Members::all(value, |members| {
        Ok(Action {
            slug: members.text("slug")?,
            label: members.text("label")?,
            description: members.text("description")?,
            method: members.word("method", METHODS)?,
            path: members.text("path")?,
            query: members.take("query", list(text))?,
            headers: members.take("headers", list(text))?,
            body: members.word("body", BODIES)?,
            input_schema: members.text("input_schema")?,
            output_schema: members.take("output_schema", or_null(text))?,
            approval: members.word("approval", APPROVALS)?,
            effect: members.word("effect", EFFECTS)?,
            result: members.word("result", RESULTS)?,
            traits: members.take("traits", traits)?,
            examples: members.take("examples", list(example))?,
        })
    })
}

fn traits(value: Value) -> Read<Traits> {
    let flag = |value: Value| value.as_bool().ok_or(NotADefinition);
    Members::all(value, |members| {
        let mut traits = Traits::empty();
        traits.set(Traits::PROMPT_BEARING, members.take("prompt_bearing", flag)?);
        traits.set(Traits::BILLABLE, members.take("billable", flag)?);
        Ok(traits)
    })
}

fn example(value: Value) -> Read<Example> {
    Members::all(value, |members| {
        Ok(Example {
            title: members.text("title")?,
            input: members.text("input")?,
            expected: members.take("expected", request)?,
        })
    })
}

/// What is empty is left out of a definition.
fn request(value: Value) -> Read<Request> {
    Members::all(value, |members| {
        Ok(Request {
            method: members.word("method", METHODS)?,
            path: members.take("path", list(text))?,
            query: members.maybe("query", list(pair))?.unwrap_or_default(),
            headers: members.maybe("headers", list(pair))?.unwrap_or_default(),
            body: members.maybe("body", body)?,
        })
    })
}

/// One member, named by the kind.
fn body(value: Value) -> Read<Body> {
    Members::all(value, |members| {
        let json = members.maybe("json", text)?.map(Body::Json);
        let form = members.maybe("form", list(pair))?.map(Body::Form);
        let text = members.maybe("text", text)?.map(Body::Text);
        match (json, form, text) {
            (Some(body), None, None) | (None, Some(body), None) | (None, None, Some(body)) => Ok(body),
            _ => Err(NotADefinition),
        }
    })
}
