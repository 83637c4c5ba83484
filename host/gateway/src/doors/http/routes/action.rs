//! `GET /v1/actions/{port}/{action}`: all there is to know before calling it.

use axum::Json;
use axum::extract::State;
use portcullis_model::{ActionId, ActionSlug, PortSlug};

use super::super::auth::Anyone;
use super::super::describe::{Guarded, Known, Named};
use super::super::given::{NoQuery, Path};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::ActionDetail;

/// An action with its schemas and examples.
#[utoipa::path(
    get,
    path = "/v1/actions/{port}/{action}",
    tag = "actions",
    params(
        ("port" = String, Path, description = "Name of the port.", max_length = 63, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "mistral"),
        ("action" = String, Path, description = "Name of the action.", max_length = 63, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "list-models"),
    ),
    responses((status = 200, description = "The action.", body = ActionDetail), Known, Named, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn action(
    Anyone(caller): Anyone,
    Path((port, action)): Path<(PortSlug, ActionSlug)>,
    _: NoQuery,
    State(door): State<Door>,
) -> Result<Json<ActionDetail>, Problem> {
    Ok(Json(door.service.action(&caller, &ActionId { port, action })?))
}
