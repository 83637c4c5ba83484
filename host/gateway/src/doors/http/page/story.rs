//! One call's whole story: who asked, what was decided and by which rule, what was sent, how long each room took, how it
//! was answered. Everything is read from the audit log; the answer itself is not in it.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use portcullis_policy::CallId;
use serde_json::Value;

use super::Desk;
use super::admit::Signed;
use super::frame::{Failure, Frame, html, nothing_here};
use super::when::{Moment, count, took};
use crate::doors::wire::AuditRowView;
use crate::visible::Visible;

/// A row of the log, in short and in full.
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) at: Moment,
    pub(super) kind: Visible,
    pub(super) call: Option<String>,
    pub(super) approval: Option<String>,
    pub(super) action: Visible,
    pub(super) agent: Visible,
    pub(super) says: Visible,
    pub(super) facts: Vec<(Visible, Visible)>,
}

/// A room, and how long a call was in it.
struct Room {
    /// Which part of the call, where a person was asked in its middle.
    when: &'static str,
    name: Visible,
    took: String,
    /// Of a hundred.
    share: u64,
}

#[derive(Template)]
#[template(path = "story.html")]
struct Story {
    frame: Frame,
    call: String,
    approval: Option<String>,
    facts: Vec<(&'static str, Visible)>,
    rooms: Vec<Room>,
    rows: Vec<Row>,
}

/// `GET /activity/{call}`.
pub(super) async fn page(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(call): Path<String>,
) -> Result<Response, Failure> {
    let call: CallId = call.parse().map_err(|_| nothing_here())?;
    let found = desk.0.door.service.story(&signed.operator, &call)?;
    if found.is_empty() {
        return Err(nothing_here());
    }
    let of = |kind: &str| found.iter().find(|row| row.kind == kind);
    let (intent, outcome) = (of("intent"), of("outcome"));
    let rows = found.iter().map(|row| Row::new(row, intent)).collect();
    let page = Story {
        frame: Frame::new(&desk, &signed, "activity", format!("Call {call}")),
        call: call.to_string(),
        approval: found.iter().find_map(|row| text(&row.body, "approval")).and_then(approval),
        facts: facts(&found, intent, outcome),
        rooms: rooms(&found),
        rows,
    };
    Ok(html(StatusCode::OK, &page))
}

/// What a reader wants to know first.
fn facts(
    rows: &[AuditRowView],
    intent: Option<&AuditRowView>,
    outcome: Option<&AuditRowView>,
) -> Vec<(&'static str, Visible)> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, Visible::line(&value))));
    let first = |key: &str| rows.iter().find_map(|row| text(&row.body, key).map(str::to_owned));
    let ended = outcome.map(|row| &row.body);
    add("Action", first("action"));
    add("Agent", first("agent"));
    add("Decision", Some(decision(rows, intent)));
    add("Rule", first("rule"));
    add("Rule set", first("policy"));
    add("Standing approval", first("standing"));
    add("Sent to", intent.map(|row| sent(&row.body)));
    add("Credential", intent.and_then(|row| text(&row.body, "credential")).map(str::to_owned));
    add("Status", ended.and_then(|body| body.get("status")?.as_u64()).map(|status| status.to_string()));
    add("Refusal", first("refusal").or_else(|| first("code")));
    let size = ended.and_then(|body| usize::try_from(body.get("response_bytes")?.as_u64()?).ok());
    add("Answer", size.map(|bytes| format!("{} bytes", count(bytes))));
    add("Took", ended.and_then(|body| body.get("duration_us")?.as_u64()).map(took));
    facts
}

fn decision(rows: &[AuditRowView], intent: Option<&AuditRowView>) -> String {
    let refused = rows.iter().find(|row| row.kind == "refused");
    match (intent, refused) {
        (Some(intent), _) if text(&intent.body, "approval").is_some() => "approved by a person".to_owned(),
        (Some(intent), _) if text(&intent.body, "standing").is_some() => "allowed by a standing approval".to_owned(),
        (Some(_), _) => "allowed without a person".to_owned(),
        (None, Some(row)) => format!("refused in the room `{}`", text(&row.body, "room").unwrap_or("unknown")),
        (None, None) => "not sent".to_owned(),
    }
}

fn sent(intent: &Value) -> String {
    let part = |name| text(intent, name).unwrap_or_default();
    format!("{} {}{}", part("method"), part("origin"), part("target"))
}

/// The rooms of a call, those before a person was asked and those after.
fn rooms(rows: &[AuditRowView]) -> Vec<Room> {
    let timed = rows.iter().filter_map(|row| Some((row.kind.as_str(), row.body.get("rooms_us")?.as_object()?)));
    let times: Vec<_> = timed
        .flat_map(|(kind, rooms)| rooms.iter().map(move |(name, us)| (kind, name, us.as_u64().unwrap_or_default())))
        .collect();
    let all: u64 = times.iter().map(|(_, _, us)| us).sum();
    let room = |(kind, name, us): (&str, &String, u64)| Room {
        when: if kind == "approval-asked" { "until it was held" } else { "" },
        name: Visible::line(name),
        took: took(us),
        share: us.saturating_mul(100) / all.max(1),
    };
    times.into_iter().map(room).collect()
}

impl Row {
    /// A row, with the intent that it ends where it ends one.
    pub(super) fn new(row: &AuditRowView, intent: Option<&AuditRowView>) -> Self {
        let part = |name: &str| {
            let own = text(&row.body, name).or_else(|| text(&intent?.body, name));
            Visible::line(own.unwrap_or_default())
        };
        let facts = row.body.as_object().map(|facts| {
            let fact = |(name, value): (&String, &Value)| (Visible::line(name), Visible::line(&plain(value)));
            facts.iter().map(fact).collect()
        });
        Self {
            seq: row.seq,
            at: Moment(row.at_ms),
            kind: Visible::line(&row.kind),
            call: row.call.as_deref().and_then(|call| call.parse::<CallId>().ok()).map(|call| call.to_string()),
            approval: text(&row.body, "approval").and_then(approval),
            action: part("action"),
            agent: part("agent"),
            says: Visible::line(&says(row)),
            facts: facts.unwrap_or_default(),
        }
    }
}

/// What a row says, in one line.
fn says(row: &AuditRowView) -> String {
    let body = &row.body;
    let part = |name| text(body, name).unwrap_or_default();
    match row.kind.as_str() {
        "intent" => sent(body),
        "outcome" => match body.get("status").and_then(Value::as_u64) {
            Some(status) => {
                let bytes = body.get("response_bytes").and_then(Value::as_u64).unwrap_or_default();
                let us = body.get("duration_us").and_then(Value::as_u64).unwrap_or_default();
                format!("{status}, {} bytes, {}", count(usize::try_from(bytes).unwrap_or(usize::MAX)), took(us))
            }
            None => part("refusal").to_owned(),
        },
        "refused" => format!("{}: {}", part("code"), part("message")),
        kind if kind.starts_with("approval-") => [part("by"), part("reason"), part("rule")]
            .into_iter()
            .filter(|p| !p.is_empty())
            .collect::<Vec<_>>()
            .join(": "),
        "token-issued" | "token-revoked" => format!("{} {} {}", part("kind"), part("name"), part("by")),
        "signed-in" | "signed-out" => part("by").to_owned(),
        _ => all(body),
    }
}

/// Every fact of a row of another kind.
fn all(body: &Value) -> String {
    let Value::Object(facts) = body else { return plain(body) };
    facts.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect::<Vec<_>>().join(", ")
}

/// A value without the quotes of a string.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str()
}

/// Only what is an approval's name becomes a part of an address.
fn approval(text: &str) -> Option<String> {
    text.parse::<portcullis_policy::ApprovalId>().ok().map(|id| id.to_string())
}
