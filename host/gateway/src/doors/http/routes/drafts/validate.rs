//! `POST /v1/drafts/{id}/validate`: what keeps a draft from being an action.

use axum::Json;
use axum::extract::State;
use portcullis_policy::DraftId;

use super::super::super::auth::ByAgent;
use super::super::super::body;
use super::super::super::describe::{Called, Decided, Guarded, Known, Named, Posted};
use super::super::super::given::{NoQuery, Path};
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use super::Empty;
use crate::doors::wire::DraftView;

/// Holds a draft to the rules of an installed action, and tries its example; sends nothing. For its agent.
#[utoipa::path(
    post,
    path = "/v1/drafts/{id}/validate",
    tag = "drafts",
    operation_id = "validate_draft",
    params(("id" = String, Path, description = "Name of the draft.", pattern = "^drf-[0-9a-hjkmnp-tv-z]{16}$", example = "drf-0000000000000000")),
    request_body(content = Empty, content_type = "application/json"),
    responses(
        (status = 200, description = "The draft, with every problem.", body = DraftView),
        Known, Named, Posted, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super::super) async fn validate(
    ByAgent(agent): ByAgent,
    Path(id): Path<DraftId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(Empty {}): body::Json<Empty>,
) -> Result<Json<DraftView>, Problem> {
    Ok(Json(door.service.validate_draft(&agent, &id).await?))
}
