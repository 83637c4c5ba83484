//! `GET /v1/drafts`: an agent's own drafts, or all of them for an operator.

use axum::Json;
use axum::extract::State;
use portcullis_store::DraftState;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::super::super::auth::Anyone;
use super::super::super::describe::{Called, Guarded, Known};
use super::super::super::given::{Query, limit, usual_limit};
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use crate::doors::wire::DraftLineView;

/// Which drafts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super::super) struct Which {
    /// Only those in this state.
    #[param(inline)]
    state: Option<StateFilter>,
    /// At most so many, newest first.
    #[serde(default = "usual_limit", deserialize_with = "limit")]
    #[param(minimum = 1, maximum = 1000, default = 100, required = false)]
    limit: usize,
}

/// The state of a draft.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StateFilter {
    Open,
    Requested,
    Published,
    Rejected,
    Withdrawn,
}

impl From<StateFilter> for DraftState {
    fn from(state: StateFilter) -> Self {
        match state {
            StateFilter::Open => Self::Open,
            StateFilter::Requested => Self::Requested,
            StateFilter::Published => Self::Published,
            StateFilter::Rejected => Self::Rejected,
            StateFilter::Withdrawn => Self::Withdrawn,
        }
    }
}

/// Drafts, newest first: an agent's own, or all for an operator.
#[utoipa::path(
    get,
    path = "/v1/drafts",
    tag = "drafts",
    operation_id = "list_drafts",
    params(Which),
    responses((status = 200, description = "The drafts.", body = Vec<DraftLineView>), Known, Called, Guarded),
    security(("token" = []))
)]
pub(in super::super::super) async fn list(
    Anyone(caller): Anyone,
    Query(which): Query<Which>,
    State(door): State<Door>,
) -> Result<Json<Vec<DraftLineView>>, Problem> {
    Ok(Json(door.service.drafts(&caller, which.state.map(Into::into), which.limit)?))
}
