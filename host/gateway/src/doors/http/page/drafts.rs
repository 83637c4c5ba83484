//! What agents propose, in their own words, beside what is live; and the forms that publish or reject it.
//!
//! The form of a yes carries the digest of what was shown. What says something else by then is not published.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use portcullis_model::{Digest, Refusal};
use portcullis_policy::DraftId;
use portcullis_store::DraftState;

use super::Desk;
use super::admit::Signed;
use super::decide::reason;
use super::fields::{Fields, unfit};
use super::frame::{Failure, Frame, html, nothing_here};
use super::when::Moment;
use crate::doors::Caller;
use crate::doors::wire::{DifferenceView, DraftLineView};
use crate::visible::Visible;

/// Drafts that are listed.
const MOST: usize = 200;

/// A draft in a list.
struct Line {
    id: String,
    action: String,
    agent: String,
    state: String,
    changed: Moment,
}

#[derive(Template)]
#[template(path = "drafts.html")]
struct Drafts {
    frame: Frame,
    undecided: Vec<Line>,
    decided: Vec<Line>,
}

#[derive(Template)]
#[template(path = "draft.html")]
struct DraftPage {
    frame: Frame,
    line: Line,
    by: Option<Visible>,
    reason: Option<Visible>,
    digest: String,
    shown: Shown,
}

/// What there is to read.
enum Shown {
    /// Everything that it could send.
    Difference { origin: String, credential: Visible, live: bool, lines: Vec<DiffLine> },
    /// Why it is no action, or none any more.
    Problems { message: Visible, places: Vec<(Visible, Visible)> },
}

struct DiffLine {
    kind: String,
    sign: &'static str,
    word: &'static str,
    text: Visible,
}

/// `GET /drafts`.
pub(super) async fn page(State(desk): State<Desk>, Extension(signed): Extension<Signed>) -> Result<Response, Failure> {
    let all = desk.0.door.service.drafts(&Caller::Operator(signed.operator.clone()), None, MOST)?;
    let (undecided, decided) = all.into_iter().map(Line::from).partition(Line::is_undecided);
    Ok(html(StatusCode::OK, &Drafts { frame: Frame::new(&desk, &signed, "drafts", "Drafts"), undecided, decided }))
}

/// `GET /drafts/{id}`.
pub(super) async fn draft(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: DraftId = id.parse().map_err(|_| nothing_here())?;
    let service = &desk.0.door.service;
    let draft = service.draft(&Caller::Operator(signed.operator.clone()), &id)?;
    let (digest, shown) = match service.difference(&signed.operator, &id) {
        // Of the very content that is shown: it may have changed since the line above was read.
        Ok(difference) => (difference.digest.clone(), Shown::from(difference)),
        Err(refusal) => (draft.line.digest.clone(), Shown::from(refusal)),
    };
    let page = DraftPage {
        frame: Frame::new(&desk, &signed, "drafts", draft.line.action.clone()),
        by: draft.line.by.as_deref().map(Visible::line),
        reason: draft.line.reason.as_deref().map(Visible::line),
        line: draft.line.into(),
        digest,
        shown,
    };
    Ok(html(StatusCode::OK, &page))
}

/// `POST /drafts/{id}/publish`.
pub(super) async fn publish(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(mut fields): Extension<Fields>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: DraftId = id.parse().map_err(|_| nothing_here())?;
    let digest: Digest = fields.take("digest").parse().map_err(|_| unfit("the form says no digest"))?;
    fields.end()?;
    desk.0.door.service.publish_draft(&signed.operator, &id, digest).await?;
    Ok(back(&id))
}

/// `POST /drafts/{id}/reject`.
pub(super) async fn reject(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(mut fields): Extension<Fields>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: DraftId = id.parse().map_err(|_| nothing_here())?;
    let reason = reason(&mut fields)?;
    fields.end()?;
    desk.0.door.service.reject_draft(&signed.operator, &id, &reason).await?;
    Ok(back(&id))
}

fn back(id: &DraftId) -> Response {
    Redirect::to(&format!("/drafts/{id}")).into_response()
}

impl Line {
    fn is_undecided(&self) -> bool {
        self.state.parse().is_ok_and(DraftState::is_undecided)
    }

    /// Whether a yes can be given.
    fn is_requested(&self) -> bool {
        self.state == DraftState::Requested.as_str()
    }
}

impl From<DraftLineView> for Line {
    fn from(line: DraftLineView) -> Self {
        let DraftLineView { id, action, agent, state, updated_ms, .. } = line;
        Self { id, action, agent, state, changed: Moment(updated_ms) }
    }
}

impl From<DifferenceView> for Shown {
    fn from(difference: DifferenceView) -> Self {
        let DifferenceView { origin, credential, live, lines, .. } = difference;
        let line = |line: crate::doors::wire::DifferenceLine| {
            let (sign, word) = match line.kind.as_str() {
                "added" => ("+", "added: "),
                "removed" => ("−", "removed: "),
                _ => (" ", ""),
            };
            DiffLine { kind: line.kind, sign, word, text: Visible::shown(&line.text) }
        };
        let credential = Visible::line(&credential);
        Self::Difference { origin, credential, live, lines: lines.into_iter().map(line).collect() }
    }
}

impl From<Refusal> for Shown {
    fn from(refusal: Refusal) -> Self {
        let places = refusal.places().iter().map(|place| (Visible::line(&place.at), Visible::line(&place.what)));
        Self::Problems { message: Visible::line(refusal.message()), places: places.collect() }
    }
}
