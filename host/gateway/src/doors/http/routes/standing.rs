//! `GET /v1/standing`: what the operator said yes to in advance.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::auth::ByOperator;
use super::super::describe::{Guarded, Known};
use super::super::given::Query;
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::StandingView;

/// Which standing approvals.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Which {
    /// Those that ended too.
    #[serde(default)]
    #[param(required = false, default = false)]
    all: bool,
}

/// Standing approvals, newest first. For an operator.
#[utoipa::path(
    get,
    path = "/v1/standing",
    tag = "standing",
    params(Which),
    responses((status = 200, description = "The standing approvals.", body = Vec<StandingView>), Known, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn standing(
    ByOperator(operator): ByOperator,
    Query(which): Query<Which>,
    State(door): State<Door>,
) -> Result<Json<Vec<StandingView>>, Problem> {
    Ok(Json(door.service.standing(&operator, which.all)?))
}
