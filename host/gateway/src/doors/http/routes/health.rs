//! `GET /health`: whether the host can work. Anybody on this machine may ask.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::describe::Guarded;
use super::super::given::NoQuery;
use super::super::problem::Problem;
use super::super::router::Door;

/// That the host is well.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct Health {
    /// `ok`.
    #[schema(pattern = "^ok$")]
    status: &'static str,
}

/// Whether the host can work.
#[utoipa::path(
    get,
    path = "/health",
    tag = "host",
    responses((status = 200, description = "It can.", body = Health), (status = 400, description = "The request is malformed.", body = Problem, content_type = "application/problem+json"), Guarded),
    security(())
)]
pub(in super::super) async fn health(_: NoQuery, State(door): State<Door>) -> Result<Json<Health>, Problem> {
    door.service.host().plugins_version()?;
    Ok(Json(Health { status: "ok" }))
}
