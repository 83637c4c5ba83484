//! The body of an operation: JSON as one value, or a form of fields.

use portcullis_model::{Method, QueryKey, QueryProblem, deceives};
use serde_json::{Map, Value, json};

use super::media::{essence, is_form, is_json, is_multipart};
use super::parameter::{self, Described, Said};
use super::pool::{Converted, Pool};
use super::reason::{Reason, Unsayable};
use super::remark::Remark;
use super::report::shown;
use super::streaming;
use crate::{Place, WholeBody};

/// Longest name of a field, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// Most fields of a form.
const MAX_FIELDS: usize = 500;

/// A body that can be said.
pub(super) enum Body {
    None,
    Json { body: WholeBody, converted: Converted, examples: Vec<Value> },
    Form(Vec<Said>),
}

/// Makes the body of an action. Where several media types are taken, JSON is sent. `may_stream` says that the operation
/// also answers with a stream: what switches to it is held.
pub(super) fn body(
    pool: &mut Pool<'_>,
    operation: &Value,
    method: Method,
    may_stream: bool,
    remarks: &mut Vec<Remark>,
) -> Result<Body, Reason> {
    let Some(described) = operation.get("requestBody") else { return Ok(Body::None) };
    let description = pool.description;
    let described = description.resolve(described)?;
    let required = described.get("required") == Some(&Value::Bool(true));
    if !method.may_carry_body() {
        if required {
            return Err(Reason::BodyForbidden(method.as_str()));
        }
        remarks.push(Remark::NoBody(method.as_str()));
        return Ok(Body::None);
    }
    let content = described.get("content").and_then(Value::as_object);
    let content = content.ok_or_else(|| Reason::Malformed("a request body without `content`".to_owned()))?;
    let of_kind = |is: fn(&str) -> bool| content.iter().find(|(name, _)| is(name)).map(|(_, media)| media);
    if let Some(media) = of_kind(is_json) {
        return json_body(pool, media, required, may_stream, remarks);
    }
    if let Some(media) = of_kind(is_form) {
        return form(pool, media, may_stream, remarks);
    }
    if let Some(name) = content.keys().find(|name| is_multipart(name)) {
        return Err(Reason::Multipart(shown(essence(name))));
    }
    let names: Vec<String> = content.keys().take(4).map(|name| format!("`{}`", shown(essence(name)))).collect();
    Err(Reason::BodyType(if names.is_empty() { "of no media type".to_owned() } else { names.join(" or ") }))
}

fn json_body(
    pool: &mut Pool<'_>,
    media: &Value,
    required: bool,
    may_stream: bool,
    remarks: &mut Vec<Remark>,
) -> Result<Body, Reason> {
    const ANYTHING: &Value = &Value::Bool(true);
    let raw = media.get("schema").unwrap_or(ANYTHING);
    pool.weigh(media)?;
    let described = Described { name: "", place: Place::Body, required, words: media, schema: raw, lists: false };
    let examples = parameter::examples(pool.description, &described);
    let converted = pool.take(raw)?;
    let mut schema = match &converted.schema {
        Value::Object(_) => converted.schema.clone(),
        _ => json!({}),
    };
    if may_stream && let Some(switch) = streaming::switch(pool, &schema)? {
        schema = switch.held(schema);
        remarks.push(Remark::NoStream("/body/stream".to_owned()));
    }
    // An action that declares a body and sends none is refused by the check of its route.
    if !required {
        remarks.push(Remark::BodySent);
    }
    Ok(Body::Json { body: WholeBody { schema, required: true }, converted, examples })
}

fn form(pool: &mut Pool<'_>, media: &Value, may_stream: bool, remarks: &mut Vec<Remark>) -> Result<Body, Reason> {
    let description = pool.description;
    let schema = description.resolve(media.get("schema").unwrap_or(&Value::Null))?;
    if ["allOf", "anyOf", "oneOf"].iter().any(|keyword| schema.get(keyword).is_some()) {
        return Err(Reason::Form("its fields are one of several sets".to_owned()));
    }
    let empty = Map::new();
    let fields = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    if fields.is_empty() || fields.len() > MAX_FIELDS {
        return Err(Reason::Form(format!("it has {} fields, expected 1 to {MAX_FIELDS}", fields.len())));
    }
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut said = Vec::new();
    for (name, schema) in fields {
        let read_only = |value: &Value| value.get("readOnly") == Some(&Value::Bool(true));
        if read_only(schema) || description.resolve(schema).is_ok_and(read_only) {
            continue;
        }
        let required = required.contains(&name.as_str());
        let described = Described { name, place: Place::Body, required, words: &Value::Null, schema, lists: false };
        match field_name(name).and_then(|()| parameter::say(pool, &described)) {
            Ok(mut field) => {
                if may_stream && streaming::hold(pool, &mut field, Some(schema))? {
                    remarks.push(Remark::NoStream("/body/stream".to_owned()));
                }
                said.push(field);
            }
            Err(why) if required => {
                return Err(Reason::Form(format!("the field `{}` is required: {why}", shown(name))));
            }
            Err(why) => remarks.push(Remark::Parameter { place: "form", name: shown(name), why }),
        }
    }
    match said.is_empty() {
        true => Err(Reason::Form("none of its fields can be said".to_owned())),
        false => Ok(Body::Form(said)),
    }
}

/// A field is no switch to another method. It may be called `password`: that is the caller's input, not the port's
/// credential.
fn field_name(name: &str) -> Result<(), Unsayable> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(deceives) {
        return Err(Unsayable::Name(format!("expected 1 to {MAX_NAME_BYTES} visible characters")));
    }
    match QueryKey::parse(name) {
        Err(problem @ QueryProblem::Method(_)) => Err(Unsayable::Name(problem.to_string())),
        _ => Ok(()),
    }
}
