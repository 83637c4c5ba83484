//! `POST /v1/actions/{port}/{action}/execute`: calls it.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use portcullis_model::{ActionId, ActionSlug, Code, PortSlug, Refusal};
use portcullis_policy::ApprovalId;

use super::super::auth::ByAgent;
use super::super::body;
use super::super::describe::{Called, Decided, Guarded, Known, Named, Posted};
use super::super::given::{NoQuery, Path};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::{Execute, Outcome};
use crate::doors::{Agent, MAX_WAIT_MS};
use crate::shape::View;

/// Calls an action. A call that a person must approve is answered with 202; ask later where `location` says.
#[utoipa::path(
    post,
    path = "/v1/actions/{port}/{action}/execute",
    tag = "actions",
    params(
        ("port" = String, Path, description = "Name of the port.", max_length = 63, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "mistral"),
        ("action" = String, Path, description = "Name of the action.", max_length = 63, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "list-models"),
    ),
    request_body(content = Execute, content_type = "application/json"),
    responses(
        (status = 200, description = "It was sent and answered, or, with `dryRun`, only described.", body = Outcome),
        (status = 202, description = "A person must approve first.", body = Outcome,
            headers(("Location" = String, description = "Where to ask how it stands."))),
        Known, Named, Posted, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super) async fn execute(
    ByAgent(agent): ByAgent,
    Path((port, action)): Path<(PortSlug, ActionSlug)>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(mut call): body::Json<Execute>,
) -> Result<Response, Problem> {
    let wait_ms = std::mem::take(&mut call.wait_ms);
    if wait_ms > MAX_WAIT_MS {
        return Err(Refusal::new(Code::BadRequest, format!("waitMs: expected 0 to {MAX_WAIT_MS}")).into());
    }
    let view = View::new(call.response_mode, call.select.as_deref())?;
    let outcome = door.service.execute(&agent, &ActionId { port, action }, call).await?;
    let outcome = wait(&door, &agent, outcome, &view, wait_ms).await?;
    let status = match &outcome {
        Outcome::Pending(held) => {
            let location = [(header::LOCATION, format!("/v1/approvals/{}", held.approval))];
            return Ok((StatusCode::ACCEPTED, location, Json(outcome)).into_response());
        }
        _ => StatusCode::OK,
    };
    Ok((status, Json(outcome)).into_response())
}

/// Waits for a person here and not within the call, so that a door that closes need not wait along.
async fn wait(door: &Door, agent: &Agent, outcome: Outcome, view: &View, wait_ms: u32) -> Result<Outcome, Refusal> {
    let id: ApprovalId = match &outcome {
        Outcome::Pending(held) if wait_ms > 0 => match held.approval.parse() {
            Ok(id) => id,
            Err(_) => return Ok(outcome),
        },
        _ => return Ok(outcome),
    };
    tokio::select! {
        decided = door.service.outcome(agent, &id, view, wait_ms) => match decided {
            // Too many of this agent's requests wait already: this one does not, and its question stays.
            Err(refusal) if refusal.code() == Code::TooManyCalls => Ok(outcome),
            decided => decided,
        },
        () = door.stop.cancelled() => Ok(outcome),
    }
}
