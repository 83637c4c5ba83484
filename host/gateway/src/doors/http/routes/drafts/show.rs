//! `GET /v1/drafts/{id}`: one draft.

use axum::Json;
use axum::extract::State;
use portcullis_policy::DraftId;

use super::super::super::auth::Anyone;
use super::super::super::describe::{Called, Guarded, Known, Named};
use super::super::super::given::{NoQuery, Path};
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use crate::doors::wire::DraftView;

/// A draft: an agent's own, or any for an operator.
#[utoipa::path(
    get,
    path = "/v1/drafts/{id}",
    tag = "drafts",
    operation_id = "show_draft",
    params(("id" = String, Path, description = "Name of the draft.", pattern = "^drf-[0-9a-hjkmnp-tv-z]{16}$", example = "drf-0000000000000000")),
    responses((status = 200, description = "The draft.", body = DraftView), Known, Named, Called, Guarded),
    security(("token" = []))
)]
pub(in super::super::super) async fn show(
    Anyone(caller): Anyone,
    Path(id): Path<DraftId>,
    _: NoQuery,
    State(door): State<Door>,
) -> Result<Json<DraftView>, Problem> {
    Ok(Json(door.service.draft(&caller, &id)?))
}
