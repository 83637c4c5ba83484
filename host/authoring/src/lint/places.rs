//! Places of a request: what the path and the query are filled from.
//!
//! Goes by names: a member of the input that is called as a parameter of the path is taken to be that parameter. A plugin
//! may well fill it from elsewhere; then there is nothing to say here.

use portcullis_model::ActionDraft;
use serde_json::Value;

use super::finding::{Findings, quoted};
use super::{Rule, schema};

/// Names of members that hold a credential. The host attaches it; an input is written by an agent and kept for review.
const CREDENTIALS: &[&str] = &[
    "accesskey",
    "accesstoken",
    "apikey",
    "apitoken",
    "authorization",
    "authtoken",
    "bearer",
    "bearertoken",
    "clientsecret",
    "cookie",
    "credential",
    "credentials",
    "password",
    "passwd",
    "privatekey",
    "refreshtoken",
    "secret",
    "secretkey",
    "sessiontoken",
    "token",
];

pub(super) fn check(findings: &mut Findings, action: &ActionDraft, schema: &Value) {
    let members = schema.get("properties").and_then(Value::as_object);
    for name in parameters(&action.path) {
        let Some(member) = members.and_then(|members| members.get(name)) else { continue };
        let at = format!("{}: input-schema/properties/{name}", action.slug);
        let required = schema.get("required").and_then(Value::as_array);
        if !required.is_some_and(|names| names.iter().any(|required| required == name)) {
            findings.add(
                Rule::OptionalPathParameter,
                &at,
                format!("{} is part of the path and is not required", quoted(name)),
                format!("add \"{name}\" to `required`"),
            );
        }
        if may_be_empty(schema::resolved(schema, member)) {
            findings.add(
                Rule::EmptySegment,
                &at,
                "an empty text passes the schema, and no host sends an empty part of a path",
                "add `\"minLength\": 1`",
            );
        }
    }
    let examples = || action.examples.iter().map(|example| &example.expected);
    for (index, key) in action.query.iter().enumerate() {
        if !examples().any(|request| request.query.iter().any(|(name, _)| name == key)) {
            findings.add(
                Rule::UnusedQuery,
                &format!("{}: query[{index}]", action.slug),
                format!("no example sends {}", quoted(key)),
                "add an example that does, or take the key away",
            );
        }
    }
    for (index, name) in action.headers.iter().enumerate() {
        if !examples().any(|request| request.headers.iter().any(|(sent, _)| sent == name)) {
            findings.add(
                Rule::UnusedHeader,
                &format!("{}: headers[{index}]", action.slug),
                format!("no example sends {}", quoted(name)),
                "add an example that does, or take the header away",
            );
        }
    }
}

/// Whether a member's name says that it holds a credential, however it is written.
pub(super) fn holds_credential(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    CREDENTIALS.contains(&plain.to_ascii_lowercase().as_str())
}

/// Names of the parameters of a path template.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| {
        let inner = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(inner.strip_suffix('+').unwrap_or(inner))
    })
}

fn may_be_empty(member: &Value) -> bool {
    let text = member.get("type").is_some_and(|kind| kind == "string");
    let bounded = ["enum", "const", "pattern", "format"].iter().any(|word| member.get(*word).is_some());
    text && !bounded && member.get("minLength").and_then(Value::as_u64).unwrap_or(0) == 0
}
