//! `GET /v1/drafts/{id}/diff`: what an operator reads before a yes.

use axum::Json;
use axum::extract::State;
use portcullis_policy::DraftId;

use super::super::super::auth::ByOperator;
use super::super::super::describe::{Called, Decided, Guarded, Known, Named};
use super::super::super::given::{NoQuery, Path};
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use crate::doors::wire::DifferenceView;

/// A draft beside what is live under its name. For an operator.
#[utoipa::path(
    get,
    path = "/v1/drafts/{id}/diff",
    tag = "drafts",
    operation_id = "diff_draft",
    params(("id" = String, Path, description = "Name of the draft.", pattern = "^drf-[0-9a-hjkmnp-tv-z]{16}$", example = "drf-0000000000000000")),
    responses(
        (status = 200, description = "Everything that it could send.", body = DifferenceView),
        Known, Named, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super::super) async fn diff(
    ByOperator(operator): ByOperator,
    Path(id): Path<DraftId>,
    _: NoQuery,
    State(door): State<Door>,
) -> Result<Json<DifferenceView>, Problem> {
    Ok(Json(door.service.difference(&operator, &id)?))
}
