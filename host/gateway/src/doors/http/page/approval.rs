//! One approval: exactly what would be sent, and the forms that decide it.
//!
//! The request is made again from what was described and what is installed now. Where that is not what was sealed, it
//! can be neither shown nor sent, and no form is offered.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use portcullis_model::{Auth, Fingerprint, Preview, Refusal, RoutedRequest};
use portcullis_policy::{Approval, ApprovalId, ApprovalState};

use super::Desk;
use super::admit::Signed;
use super::approvals::{Waiting, waiting};
use super::content::Content;
use super::diff::Diff;
use super::frame::{Failure, Frame, html, nothing_here};
use super::standing::Places;
use super::when::{Moment, took};
use crate::doors::Operator;
use crate::doors::desk::Question;
use crate::shape::Kept;
use crate::visible::Visible;

#[derive(Template)]
#[template(path = "approval.html")]
struct ApprovalPage {
    frame: Frame,
    lines: Vec<Waiting>,
    blank: Waiting,
    selected: String,
    id: String,
    action: String,
    agent: String,
    state: &'static str,
    state_words: &'static str,
    /// The draft that it tries, which is not installed.
    draft: Option<String>,
    rule: Visible,
    plugin: String,
    asked: Moment,
    ends_ms: u64,
    ends: Moment,
    decided: Option<Moment>,
    reason: Option<Visible>,
    answer: Option<Answer>,
    request: Option<Request>,
    /// Why it cannot be shown.
    problem: Option<Visible>,
    /// Seal on what is shown; forms are offered only with it.
    seal: Option<String>,
    /// Seal on what was asked for.
    fingerprint: String,
    /// What a yes in advance may leave open; none where there can be no such yes.
    places: Option<Places>,
}

/// How a call was answered. What the answer says is the agent's.
struct Answer {
    call: String,
    status: u16,
    took: String,
}

/// The request, to be read.
struct Request {
    origin: String,
    overridden: bool,
    method: &'static str,
    target: Visible,
    effect: &'static str,
    credential: String,
    credential_state: &'static str,
    headers: Vec<(String, Visible)>,
    content: Option<Content>,
    earlier: Earlier,
}

/// What it is compared with.
enum Earlier {
    /// Nothing: no call of this action was approved and sent before, or none can be shown any more.
    None,
    /// An earlier call.
    Call { id: String, agent: String, at: Moment, diff: Diff },
}

/// `GET /approvals/{id}`.
pub(super) async fn page(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: ApprovalId = id.parse().map_err(|_| nothing_here())?;
    let Question { held, request } = desk.0.door.service.question(&signed.operator, &id).await?;
    let lines = waiting(&desk, &signed.operator).await?;
    let (request, problem) = match request {
        Ok(request) => (Some(request), None),
        Err(refusal) => (None, Some(Visible::line(refusal.message()))),
    };
    let seal = request.as_ref().map(|request| Fingerprint::of(request, &held.agent));
    let sealed = held.state == ApprovalState::Pending && seal == Some(held.fingerprint);
    let problem = problem.or_else(|| {
        let changed = seal != Some(held.fingerprint);
        changed
            .then(|| Visible::line("the plugin or its origin changed since this was asked: it cannot be sent any more"))
    });
    let shown = match &request {
        Some(request) => Some(Request::new(&desk, &signed.operator, &held, request).await?),
        None => None,
    };
    let places = match &request {
        Some(request) if sealed && held.draft.is_none() => Places::of(&desk, &signed.operator, &id, request).await?,
        _ => None,
    };
    let mut frame = Frame::new(&desk, &signed, "approvals", held.action.to_string());
    frame.waiting = lines.len();
    let page = ApprovalPage {
        frame,
        lines,
        blank: Waiting::blank(),
        selected: held.id.to_string(),
        id: held.id.to_string(),
        action: held.action.to_string(),
        agent: held.agent.to_string(),
        state: held.state.as_str(),
        state_words: words(held.state),
        draft: held.draft.as_ref().map(ToString::to_string),
        rule: Visible::line(&held.rule),
        plugin: held.digest.to_string(),
        asked: Moment(held.created_ms),
        ends_ms: held.expires_ms,
        ends: Moment(held.expires_ms),
        decided: held.decided_ms.map(Moment),
        reason: held.reason.as_deref().map(Visible::line),
        answer: answer(&held),
        request: shown,
        problem,
        seal: sealed.then(|| held.fingerprint.to_string()),
        fingerprint: held.fingerprint.to_string(),
        places,
    };
    Ok(html(StatusCode::OK, &page))
}

/// `GET /approvals/{id}/body`: all of it, to be kept as a file and never taken for a page.
pub(super) async fn body(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: ApprovalId = id.parse().map_err(|_| nothing_here())?;
    let Question { request, .. } = desk.0.door.service.question(&signed.operator, &id).await?;
    let request = request?;
    let bytes = request.body().ok_or_else(nothing_here)?.bytes().to_vec();
    let name = HeaderValue::try_from(format!("attachment; filename=\"{id}.txt\""));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (CONTENT_DISPOSITION, name.unwrap_or(HeaderValue::from_static("attachment"))),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'")),
    ];
    Ok((headers, bytes).into_response())
}

impl Request {
    async fn new(desk: &Desk, operator: &Operator, held: &Approval, request: &RoutedRequest) -> Result<Self, Refusal> {
        let binding = request.binding();
        let (credential, credential_state) = match binding.auth() {
            Auth::None => ("none: it is sent without one".to_owned(), "none"),
            Auth::Header(_) => {
                let state = match desk.0.door.service.credential(operator, binding.slot()).await {
                    Ok(Some(_)) => "present",
                    Ok(None) => "missing",
                    Err(_) => "unreadable",
                };
                (binding.slot().to_string(), state)
            }
        };
        let data = Preview::new(request).data();
        Ok(Self {
            origin: data.origin,
            overridden: binding.origin_overridden(),
            method: data.method,
            target: Visible::block(&request.target()),
            effect: binding.action().effect.as_str(),
            credential,
            credential_state,
            headers: data.headers.into_iter().map(|(name, value)| (name, Visible::block(&value))).collect(),
            content: Content::of(request),
            earlier: earlier(desk, operator, held, request).await?,
        })
    }
}

async fn earlier(desk: &Desk, operator: &Operator, held: &Approval, now: &RoutedRequest) -> Result<Earlier, Refusal> {
    if held.state != ApprovalState::Pending {
        return Ok(Earlier::None);
    }
    Ok(match desk.0.door.service.earlier(operator, held).await? {
        Some(Question { held, request: Ok(before) }) => Earlier::Call {
            id: held.id.to_string(),
            agent: held.agent.to_string(),
            at: Moment(held.decided_ms.unwrap_or(held.created_ms)),
            diff: tokio::task::block_in_place(|| Diff::between(&before, now)),
        },
        _ => Earlier::None,
    })
}

fn answer(held: &Approval) -> Option<Answer> {
    let kept = held.result.as_deref().and_then(Kept::read)?;
    Some(Answer { call: kept.call.to_string(), status: kept.status, took: took(kept.duration_us) })
}

fn words(state: ApprovalState) -> &'static str {
    match state {
        ApprovalState::Pending => "Waits for you",
        ApprovalState::Approved => "Approved, not sent yet",
        ApprovalState::Executing => "Being sent",
        ApprovalState::Executed => "Sent and answered",
        ApprovalState::Failed => "Approved, but not answered",
        ApprovalState::Rejected => "Rejected",
        ApprovalState::Expired => "Expired: nobody decided in time",
        ApprovalState::Unknown => "Unknown: it may have been sent, and never is again",
    }
}
