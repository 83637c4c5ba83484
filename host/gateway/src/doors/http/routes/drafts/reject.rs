//! `POST /v1/drafts/{id}/reject`: the operator's no to a draft.

use axum::Json;
use axum::extract::State;
use portcullis_policy::DraftId;

use super::super::super::auth::ByOperator;
use super::super::super::body;
use super::super::super::describe::{Decided, Guarded, Known, Named, Posted};
use super::super::super::given::{NoQuery, Path};
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use super::super::reject::No;
use crate::doors::wire::DraftView;

/// Rejects a draft; its agent sees why. For an operator.
#[utoipa::path(
    post,
    path = "/v1/drafts/{id}/reject",
    tag = "drafts",
    operation_id = "reject_draft",
    params(("id" = String, Path, description = "Name of the draft.", pattern = "^drf-[0-9a-hjkmnp-tv-z]{16}$", example = "drf-0000000000000000")),
    request_body(content = No, content_type = "application/json"),
    responses(
        (status = 200, description = "It was rejected.", body = DraftView),
        Known, Named, Posted, Decided, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super::super) async fn reject(
    ByOperator(operator): ByOperator,
    Path(id): Path<DraftId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(no): body::Json<No>,
) -> Result<Json<DraftView>, Problem> {
    Ok(Json(door.service.reject_draft(&operator, &id, &no.reason).await?))
}
