//! `GET /v1/ports`: the services that the caller may use.

use axum::Json;
use axum::extract::State;

use super::super::auth::Anyone;
use super::super::describe::{Guarded, Known};
use super::super::given::NoQuery;
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::PortView;

/// The ports that exist for the caller.
#[utoipa::path(
    get,
    path = "/v1/ports",
    tag = "actions",
    responses((status = 200, description = "The ports, by name.", body = Vec<PortView>), Known, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn ports(
    Anyone(caller): Anyone,
    _: NoQuery,
    State(door): State<Door>,
) -> Result<Json<Vec<PortView>>, Problem> {
    Ok(Json(door.service.ports(&caller)?))
}
