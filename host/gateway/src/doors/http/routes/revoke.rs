//! `POST /v1/standing/{id}/revoke`: the end of a yes that was given in advance.

use axum::Json;
use axum::extract::State;
use portcullis_policy::StandingId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::auth::ByOperator;
use super::super::body;
use super::super::describe::{Decided, Guarded, Known, Named, Posted};
use super::super::given::{NoQuery, Path};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::StandingView;

/// An end: an empty object.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct End {}

/// Ends a standing approval; the next such request asks a person again. For an operator.
#[utoipa::path(
    post,
    path = "/v1/standing/{id}/revoke",
    tag = "standing",
    params(("id" = String, Path, description = "Name of the standing approval.", pattern = "^std-[0-9a-hjkmnp-tv-z]{16}$", example = "std-0000000000000000")),
    request_body(content = End, content_type = "application/json"),
    responses(
        (status = 200, description = "It stands no more.", body = StandingView),
        Known, Named, Posted, Decided, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super) async fn revoke(
    ByOperator(operator): ByOperator,
    Path(id): Path<StandingId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(End {}): body::Json<End>,
) -> Result<Json<StandingView>, Problem> {
    Ok(Json(door.service.end_standing(&operator, &id).await?))
}
