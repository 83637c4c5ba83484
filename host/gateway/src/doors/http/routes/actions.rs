//! `GET /v1/ports/{port}/actions`: what can be called there.

use axum::Json;
use axum::extract::State;
use portcullis_model::PortSlug;

use super::super::auth::Anyone;
use super::super::describe::{Guarded, Known, Named};
use super::super::given::{NoQuery, Path};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::ActionView;

/// The actions of a port that exist for the caller.
#[utoipa::path(
    get,
    path = "/v1/ports/{port}/actions",
    tag = "actions",
    params(("port" = String, Path, description = "Name of the port.", max_length = 63, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "mistral")),
    responses((status = 200, description = "The actions, by name.", body = Vec<ActionView>), Known, Named, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn actions(
    Anyone(caller): Anyone,
    Path(port): Path<PortSlug>,
    _: NoQuery,
    State(door): State<Door>,
) -> Result<Json<Vec<ActionView>>, Problem> {
    Ok(Json(door.service.actions(&caller, &port)?))
}
