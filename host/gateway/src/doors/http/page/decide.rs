//! A yes or a no, from the form that was shown with exactly this request.
//!
//! The form carries the seal on what was shown. Where the approval has another, somebody would decide about what they
//! never saw, and nothing is done. What is destructive wants its name typed, which is checked here and not in a script.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use portcullis_model::{Code, Effect, Fingerprint, Refusal};
use portcullis_policy::{ApprovalId, ApprovalState};

use super::Desk;
use super::admit::Signed;
use super::fields::Fields;
use super::frame::{Failure, nothing_here};
use super::standing::terms;
use crate::doors::desk::Question;

/// Characters of a reason.
const REASON_CHARS: usize = 500;

/// What a no says where nobody gave a reason.
const NO_REASON: &str = "rejected by the operator";

/// `POST /approvals/{id}/approve`.
pub(super) async fn approve(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(mut fields): Extension<Fields>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: ApprovalId = id.parse().map_err(|_| nothing_here())?;
    let Question { held, request } = sealed(&desk, &signed, &id, &mut fields).await?;
    let (typed, terms) = (fields.take("name"), terms(&mut fields)?);
    fields.end()?;
    let request = request?;
    // What is shown is made of what is installed now, and may have changed since it was asked.
    if Fingerprint::of(&request, &held.agent) != held.fingerprint {
        return Err(other_request().into());
    }
    if request.binding().action().effect == Effect::Destructive && typed != held.action.to_string() {
        let what = format!("`{}` is destructive: its name must be typed, whole", held.action);
        return Err(Refusal::new(Code::Forbidden, what).fix("go back, and type the name of the action").into());
    }
    match desk.0.door.service.approve(&signed.operator, &id, terms).await {
        Ok(_) => Ok(back(&id)),
        // It was approved, and its page says what became of it.
        Err(_) if decided(&desk, &signed, &id).await == Some(ApprovalState::Failed) => Ok(back(&id)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /approvals/{id}/reject`.
pub(super) async fn reject(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(mut fields): Extension<Fields>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: ApprovalId = id.parse().map_err(|_| nothing_here())?;
    sealed(&desk, &signed, &id, &mut fields).await?;
    let reason = reason(&mut fields)?;
    fields.end()?;
    desk.0.door.service.reject(&signed.operator, &id, &reason).await?;
    Ok(back(&id))
}

/// The reason that a form gives for a no.
pub(super) fn reason(fields: &mut Fields) -> Result<String, Refusal> {
    let reason = fields.take("reason").trim().to_owned();
    if reason.chars().count() > REASON_CHARS {
        return Err(Refusal::new(Code::BadRequest, format!("a reason has at most {REASON_CHARS} characters")));
    }
    Ok(if reason.is_empty() { NO_REASON.to_owned() } else { reason })
}

/// The approval that the form was made for, while it waits.
async fn sealed(desk: &Desk, signed: &Signed, id: &ApprovalId, fields: &mut Fields) -> Result<Question, Failure> {
    let question = desk.0.door.service.question(&signed.operator, id).await?;
    let held = &question.held;
    if held.state != ApprovalState::Pending {
        return Err(Refusal::new(Code::ApprovalUsed, format!("the approval is `{}` already", held.state)).into());
    }
    if fields.take("fingerprint") != held.fingerprint.to_string() {
        return Err(other_request().into());
    }
    Ok(question)
}

fn other_request() -> Refusal {
    Refusal::new(Code::ApprovalMismatch, "the form was shown with another request than this")
        .fix("reload the approval's page, and look again")
}

async fn decided(desk: &Desk, signed: &Signed, id: &ApprovalId) -> Option<ApprovalState> {
    let question = desk.0.door.service.question(&signed.operator, id).await.ok()?;
    Some(question.held.state)
}

fn back(id: &ApprovalId) -> Response {
    Redirect::to(&format!("/approvals/{id}")).into_response()
}
