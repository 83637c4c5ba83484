//! Who may ask, and for what; and the end of a token. Tokens themselves are not kept, so none can be shown.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use portcullis_model::AgentName;
use portcullis_store::{TokenKind, TokenRecord};

use super::Desk;
use super::admit::Signed;
use super::fields::Fields;
use super::frame::{Failure, Frame, html, nothing_here};
use super::when::Moment;

/// A token.
struct Line {
    name: String,
    fingerprint: String,
    grants: Vec<String>,
    /// Whether the agent's own program may answer for a person.
    forms: bool,
    /// Ports for which it may propose actions.
    proposes: String,
    /// `live`, `revoked` or `expired`.
    state: &'static str,
    made: Moment,
    used: Option<Moment>,
    ends: Option<Moment>,
}

#[derive(Template)]
#[template(path = "agents.html")]
struct Agents {
    frame: Frame,
    agents: Vec<Line>,
    operators: Vec<Line>,
}

/// `GET /agents`.
pub(super) async fn page(State(desk): State<Desk>, Extension(signed): Extension<Signed>) -> Result<Response, Failure> {
    let service = &desk.0.door.service;
    let now_ms = service.now_ms();
    let lines = |kind| {
        let records = service.tokens(&signed.operator, kind)?;
        Ok::<_, Failure>(records.iter().map(|record| Line::new(record, now_ms)).collect())
    };
    let (agents, operators) = (lines(TokenKind::Agent)?, lines(TokenKind::Operator)?);
    Ok(html(StatusCode::OK, &Agents { frame: Frame::new(&desk, &signed, "agents", "Agents"), agents, operators }))
}

/// `POST /agents/{name}/revoke`.
pub(super) async fn revoke(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(fields): Extension<Fields>,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    fields.end()?;
    let name: AgentName = name.parse().map_err(|_| nothing_here())?;
    desk.0.door.service.revoke_agent(&signed.operator, &name)?;
    Ok(Redirect::to("/agents").into_response())
}

impl Line {
    fn new(record: &TokenRecord, now_ms: u64) -> Self {
        Self {
            name: record.name.to_string(),
            fingerprint: record.fingerprint.clone(),
            grants: record.grants.iter().map(ToString::to_string).collect(),
            forms: record.forms,
            proposes: record.propose.to_string(),
            state: match (record.revoked_ms, record.live_at(now_ms)) {
                (Some(_), _) => "revoked",
                (None, true) => "live",
                (None, false) => "expired",
            },
            made: Moment(record.created_ms),
            used: record.last_used_ms.map(Moment),
            ends: record.revoked_ms.or(record.expires_ms).map(Moment),
        }
    }
}
