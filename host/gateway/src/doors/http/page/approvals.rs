//! What waits for a person, newest first, and what was decided last.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis_model::Refusal;
use portcullis_policy::ApprovalState;
use portcullis_store::ApprovalLine;
use serde::Serialize;

use super::Desk;
use super::admit::Signed;
use super::frame::{Failure, Frame, html};
use super::standing;
use super::when::Moment;
use crate::doors::Operator;

/// Lines that are listed; whoever has more waiting decides these first.
pub(super) const MOST: usize = 200;

/// Decided ones that are listed.
const DECIDED: usize = 20;

/// A line of what waits, for the page and for its script.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) action: String,
    pub(super) agent: String,
    /// `read`, `write` or `destructive`; `draft` for a test of one, `unknown` where the plugin is gone.
    pub(super) effect: &'static str,
    pub(super) origin: String,
    /// Whether the operator says where it goes.
    pub(super) overridden: bool,
    pub(super) ends: u64,
}

impl Waiting {
    /// Lines with what is installed now.
    pub(super) fn lines(desk: &Desk, operator: &Operator, lines: &[ApprovalLine]) -> Result<Vec<Self>, Refusal> {
        let installed = desk.0.door.service.everything(operator)?;
        let line = |line: &ApprovalLine| {
            let port = installed.port(&line.action.port);
            Self {
                id: line.id.to_string(),
                action: line.action.to_string(),
                agent: line.agent.to_string(),
                effect: match &line.draft {
                    Some(_) => "draft",
                    None => installed.entry(&line.action).map_or("unknown", |entry| entry.effect),
                },
                origin: port.map(|port| port.origin.to_string()).unwrap_or_default(),
                overridden: port.is_some_and(|port| port.origin_overridden),
                ends: line.expires_ms,
            }
        };
        Ok(lines.iter().take(MOST).map(line).collect())
    }

    /// For a script to copy.
    pub(super) fn blank() -> Self {
        let (id, action, agent, origin) = Default::default();
        Self { id, action, agent, effect: "", origin, overridden: false, ends: 0 }
    }

    /// When it is too late.
    pub(super) fn until(&self) -> Moment {
        Moment(self.ends)
    }
}

/// An approval that was decided.
struct Decided {
    id: String,
    action: String,
    agent: String,
    state: &'static str,
    at: Moment,
}

#[derive(Template)]
#[template(path = "approvals.html")]
struct Approvals {
    frame: Frame,
    lines: Vec<Waiting>,
    blank: Waiting,
    selected: String,
    decided: Vec<Decided>,
    standing: Vec<standing::Line>,
}

/// What waits, read at this moment.
pub(super) async fn waiting(desk: &Desk, operator: &Operator) -> Result<Vec<Waiting>, Refusal> {
    let lines = desk.0.door.service.lines(operator, Some(ApprovalState::Pending), MOST).await?;
    Waiting::lines(desk, operator, &lines)
}

/// `GET /`.
pub(super) async fn page(State(desk): State<Desk>, Extension(signed): Extension<Signed>) -> Result<Response, Failure> {
    let lines = waiting(&desk, &signed.operator).await?;
    let all = desk.0.door.service.lines(&signed.operator, None, MOST + DECIDED).await?;
    let decided = all.into_iter().filter(|line| line.state != ApprovalState::Pending).take(DECIDED);
    let decided = decided.map(|line| Decided {
        id: line.id.to_string(),
        action: line.action.to_string(),
        agent: line.agent.to_string(),
        state: line.state.as_str(),
        at: Moment(line.decided_ms.unwrap_or(line.created_ms)),
    });
    let mut frame = Frame::new(&desk, &signed, "approvals", "Approvals");
    frame.waiting = lines.len();
    let page = Approvals {
        frame,
        lines,
        blank: Waiting::blank(),
        selected: String::new(),
        decided: decided.collect(),
        standing: standing::lines(&desk, &signed.operator)?,
    };
    Ok(html(StatusCode::OK, &page))
}
