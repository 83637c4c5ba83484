//! Which credential an operation asks for, and which one the port has.
//!
//! A port has one credential in one header. `basic` could be said as a header, too, but its credential is one more
//! encoding away from what the service may answer with, where the scrubber does not look for it: it is left out.

use std::collections::BTreeMap;

use portcullis_model::AuthHeader;
use serde_json::{Map, Value};

use super::description::Description;
use super::reason::Reason;
use super::remark::Remark;
use super::report::shown;

/// Schemes, alternatives and operations that are looked at together before the count ends.
const MAX_ALTERNATIVES: usize = 32;

/// A header that carries the credential.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Carrier {
    /// Name of the header, in lower case.
    pub(super) header: String,
    /// The word before the credential, if any.
    pub(super) prefix: Option<&'static str>,
}

/// One way to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// Name of the scheme.
    pub(super) scheme: String,
    pub(super) carrier: Carrier,
    /// What the description says about the scheme, for people.
    pub(super) words: Option<String>,
    /// Such as `oauth2`, where the credential is a token that comes from somewhere else.
    pub(super) issued_by: Option<&'static str>,
}

/// What an operation asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asks {
    /// Nothing is fine, too.
    pub(super) free: bool,
    /// Any of these.
    pub(super) ways: Vec<Way>,
}

impl Asks {
    /// Of an operation, or of the whole description where it says nothing of its own.
    pub(super) fn of(description: &Description, operation: &Value) -> Result<Self, Reason> {
        let listed = operation.get("security").or_else(|| description.root().get("security")).and_then(Value::as_array);
        let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
            return Ok(Self { free: true, ways: Vec::new() });
        };
        let mut asks = Self::default();
        let mut problems: Vec<String> = Vec::new();
        for alternative in listed.iter().take(MAX_ALTERNATIVES) {
            let schemes = alternative.as_object();
            match (schemes.and_then(|schemes| schemes.keys().next()), schemes.map_or(0, Map::len)) {
                (Some(name), 1) => match way(description, name) {
                    Ok(way) => asks.ways.push(way),
                    Err(why) => problems.push(why),
                },
                (None, _) if schemes.is_some() => asks.free = true,
                (None, _) => problems.push("something that is not described".to_owned()),
                (_, count) => problems.push(format!("{count} credentials at once")),
            }
        }
        if asks.ways.is_empty() && !asks.free { Err(Reason::Credential(problems.join(", or "))) } else { Ok(asks) }
    }

    /// What a person should know where the port has this credential.
    pub(super) fn remark(&self, port: Option<&Way>) -> Option<Remark> {
        let port = port?;
        if self.free || self.ways.iter().any(|way| way.scheme == port.scheme) {
            return None;
        }
        let other = self.ways.iter().find(|way| way.carrier == port.carrier).or(self.ways.first())?;
        let how = match other.carrier == port.carrier {
            true => String::new(),
            false => format!(" in the header `{}`", other.carrier.header),
        };
        Some(Remark::OtherCredential { asked: shown(&other.scheme), port: shown(&port.scheme), how })
    }
}

/// The way that most operations take; of several as common, the first. None where none asks for a credential.
pub(super) fn choose<'a>(all: impl Iterator<Item = &'a Asks>) -> Option<&'a Way> {
    let mut votes: BTreeMap<&str, (usize, usize, &Way)> = BTreeMap::new();
    for asks in all {
        for way in &asks.ways {
            let order = votes.len();
            votes.entry(&way.scheme).or_insert((0, order, way)).0 += 1;
        }
    }
    let best = votes.into_values().max_by_key(|(count, order, _)| (*count, std::cmp::Reverse(*order)));
    best.map(|(_, _, way)| way)
}

fn way(description: &Description, name: &str) -> Result<Way, String> {
    let schemes = description.root().pointer("/components/securitySchemes");
    let scheme = schemes.and_then(|schemes| schemes.get(name));
    let scheme = scheme.and_then(|scheme| description.resolve(scheme).ok()).filter(|s| s.is_object());
    let scheme = scheme.ok_or_else(|| format!("`{}`, which is not described", shown(name)))?;
    let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    let bearer = || Carrier { header: "authorization".to_owned(), prefix: Some("Bearer") };
    let (carrier, issued_by) = match text("type") {
        "http" if text("scheme").eq_ignore_ascii_case("bearer") => (bearer(), None),
        "http" => return Err(format!("`{}`: http `{}`", shown(name), shown(text("scheme")))),
        "apiKey" if text("in") == "header" => {
            let header = text("name").to_ascii_lowercase();
            AuthHeader::parse(&header, "").map_err(|error| format!("`{}`: {error}", shown(name)))?;
            (Carrier { header, prefix: None }, None)
        }
        "apiKey" => return Err(format!("`{}`: a key in the {}", shown(name), shown(text("in")))),
        "oauth2" => (bearer(), Some("oauth2")),
        "openIdConnect" => (bearer(), Some("openIdConnect")),
        other => return Err(format!("`{}`: `{}`", shown(name), shown(other))),
    };
    let words = scheme.get("description").and_then(Value::as_str).map(str::to_owned);
    Ok(Way { scheme: name.to_owned(), carrier, words, issued_by })
}
