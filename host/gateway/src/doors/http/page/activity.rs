//! The audit log, newest first, with filters; and whether it is whole, when somebody asks.

use std::sync::PoisonError;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use portcullis_model::{Code, Refusal};
use portcullis_store::{AuditFilter, Verdict};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::Desk;
use super::admit::Signed;
use super::fields::Fields;
use super::frame::{Failure, Frame, html};
use super::story::Row;
use super::when::{Moment, count};

/// Rows of one page.
const ROWS: usize = 50;

const HOUR_MS: u64 = 3_600_000;

/// Kinds that are offered to choose from.
const KINDS: [&str; 12] = [
    "intent",
    "outcome",
    "refused",
    "unknown",
    "approval-asked",
    "approval-approved",
    "approval-rejected",
    "approval-expired",
    "token-issued",
    "token-revoked",
    "signed-in",
    "signed-out",
];

/// What a person asked for, as they typed it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    agent: String,
    action: String,
    kind: String,
    call: String,
    since: String,
    before: String,
}

/// How the log was found.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    at_ms: u64,
    intact: bool,
    rows: String,
    head: String,
    breach: String,
}

impl Checked {
    fn at(&self) -> Moment {
        Moment(self.at_ms)
    }
}

#[derive(Template)]
#[template(path = "activity.html")]
struct Activity {
    frame: Frame,
    asked: Asked,
    kinds: [&'static str; 12],
    rows: Vec<Row>,
    older: Option<String>,
    checked: Option<Checked>,
}

/// `GET /activity`.
pub(super) async fn page(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let Query(asked) = asked.map_err(|_| unfit("a filter is not one of this page"))?;
    let service = &desk.0.door.service;
    let filter = asked.filter(service.now_ms())?;
    let mut found = service.audit(&signed.operator, &AuditFilter { limit: Some(ROWS + 1), ..filter })?;
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let older = found.last().filter(|_| more).map(|last| asked.older(last.seq));
    let mut rows = Vec::new();
    for row in &found {
        let seq = row.body.get("intent").and_then(serde_json::Value::as_u64);
        let intent = match seq {
            Some(seq) => match found.iter().find(|row| row.seq == seq) {
                Some(intent) => Some(intent.clone()),
                None => service.row(&signed.operator, seq)?,
            },
            None => None,
        };
        rows.push(Row::new(row, intent.as_ref()));
    }
    let checked = desk.0.checked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let frame = Frame::new(&desk, &signed, "activity", "Activity");
    Ok(html(StatusCode::OK, &Activity { frame, asked, kinds: KINDS, rows, older, checked }))
}

/// `POST /activity/verify`: reads the whole log, so a page of another site must not be able to ask for it.
pub(super) async fn verify(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Failure> {
    fields.end()?;
    let service = &desk.0.door.service;
    let (at_ms, verdict) = (service.now_ms(), service.verify(&signed.operator)?);
    let (intact, rows, head, breach) = match verdict {
        Verdict::Intact(head) => {
            let rows = usize::try_from(head.rows).unwrap_or(usize::MAX);
            (true, count(rows), format!("{}:{}", head.rows, head.head), String::new())
        }
        Verdict::Broken(breach) => (false, String::new(), String::new(), breach.to_string()),
    };
    let checked = Checked { at_ms, intact, rows, head, breach };
    *desk.0.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(checked);
    Ok(Redirect::to("/activity").into_response())
}

impl Asked {
    fn filter(&self, now_ms: u64) -> Result<AuditFilter, Refusal> {
        Ok(AuditFilter {
            kind: given(&self.kind).map(str::to_owned),
            action: parsed(&self.action, "an action: write PORT/ACTION")?,
            agent: parsed(&self.agent, "an agent's name")?,
            call: parsed(&self.call, "a call's name")?,
            since_ms: match self.since.as_str() {
                "" => None,
                "hour" => Some(now_ms.saturating_sub(HOUR_MS)),
                "day" => Some(now_ms.saturating_sub(24 * HOUR_MS)),
                "week" => Some(now_ms.saturating_sub(7 * 24 * HOUR_MS)),
                _ => return Err(unfit("expected `hour`, `day` or `week`")),
            },
            before: parsed(&self.before, "a row's number")?,
            limit: None,
        })
    }

    /// The address of the page of rows before this one.
    fn older(&self, seq: u64) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in [
            ("agent", &self.agent),
            ("action", &self.action),
            ("kind", &self.kind),
            ("call", &self.call),
            ("since", &self.since),
        ] {
            if let Some(value) = given(value) {
                query.append_pair(name, value);
            }
        }
        format!("/activity?{}", query.append_pair("before", &seq.to_string()).finish())
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn parsed<T: std::str::FromStr>(text: &str, expected: &str) -> Result<Option<T>, Refusal> {
    given(text).map(str::parse).transpose().map_err(|_| unfit(&format!("expected {expected}")))
}

fn unfit(what: &str) -> Refusal {
    Refusal::new(Code::BadRequest, what).fix("use the form on the page Activity")
}
