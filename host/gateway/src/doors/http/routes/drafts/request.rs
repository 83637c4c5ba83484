//! `POST /v1/drafts/{id}/request`: an agent asks for its draft to be published.

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

/// Asks the operator to publish a draft, just as it is. For its agent.
#[utoipa::path(
    post,
    path = "/v1/drafts/{id}/request",
    tag = "drafts",
    operation_id = "request_draft",
    params(("id" = String, Path, description = "Name of the draft.", pattern = "^drf-[0-9a-hjkmnp-tv-z]{16}$", example = "drf-0000000000000000")),
    request_body(content = Empty, content_type = "application/json"),
    responses(
        (status = 200, description = "It was requested.", body = DraftView),
        Known, Named, Posted, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super::super) async fn request(
    ByAgent(agent): ByAgent,
    Path(id): Path<DraftId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(Empty {}): body::Json<Empty>,
) -> Result<Json<DraftView>, Problem> {
    Ok(Json(door.service.request_draft(&agent, &id).await?))
}
