//! `POST /v1/drafts/{id}/test`: what a call of a draft would send; live only by a person's yes.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use portcullis_policy::DraftId;

use super::super::super::auth::ByAgent;
use super::super::super::body;
use super::super::super::describe::{Called, Decided, Guarded, Known, Named, Posted};
use super::super::super::given::{NoQuery, Path};
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use crate::doors::wire::{Outcome, Test};

/// Describes a call of a draft; with `live`, asks a person to let it go, once. For its agent.
#[utoipa::path(
    post,
    path = "/v1/drafts/{id}/test",
    tag = "drafts",
    operation_id = "test_draft",
    params(("id" = String, Path, description = "Name of the draft.", pattern = "^drf-[0-9a-hjkmnp-tv-z]{16}$", example = "drf-0000000000000000")),
    request_body(content = Test, content_type = "application/json"),
    responses(
        (status = 200, description = "What it would send. Nothing was sent.", body = Outcome),
        (status = 202, description = "A person must approve first.", body = Outcome,
            headers(("Location" = String, description = "Where to ask how it stands."))),
        Known, Named, Posted, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super::super) async fn test(
    ByAgent(agent): ByAgent,
    Path(id): Path<DraftId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(test): body::Json<Test>,
) -> Result<Response, Problem> {
    let outcome = door.service.test_draft(&agent, &id, test).await?;
    if let Outcome::Pending(held) = &outcome {
        let location = [(header::LOCATION, format!("/v1/approvals/{}", held.approval))];
        return Ok((StatusCode::ACCEPTED, location, Json(outcome)).into_response());
    }
    Ok(Json(outcome).into_response())
}
