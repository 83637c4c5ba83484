//! `GET /v1/approvals`: what waits or waited for the operator.

use axum::Json;
use axum::extract::State;
use portcullis_policy::ApprovalState;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::super::auth::ByOperator;
use super::super::describe::{Guarded, Known};
use super::super::given::{Query, limit, usual_limit};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::ApprovalLineView;

/// Which approvals.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Which {
    /// Only those in this state.
    #[param(inline)]
    state: Option<StateFilter>,
    /// At most so many, newest first.
    #[serde(default = "usual_limit", deserialize_with = "limit")]
    #[param(minimum = 1, maximum = 1000, default = 100, required = false)]
    limit: usize,
}

/// The state of an approval.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StateFilter {
    Pending,
    Approved,
    Executing,
    Executed,
    Failed,
    Rejected,
    Expired,
    Unknown,
}

impl From<StateFilter> for ApprovalState {
    fn from(state: StateFilter) -> Self {
        match state {
            StateFilter::Pending => Self::Pending,
            StateFilter::Approved => Self::Approved,
            StateFilter::Executing => Self::Executing,
            StateFilter::Executed => Self::Executed,
            StateFilter::Failed => Self::Failed,
            StateFilter::Rejected => Self::Rejected,
            StateFilter::Expired => Self::Expired,
            StateFilter::Unknown => Self::Unknown,
        }
    }
}

/// Approvals, newest first. For an operator.
#[utoipa::path(
    get,
    path = "/v1/approvals",
    tag = "approvals",
    params(Which),
    responses((status = 200, description = "The approvals.", body = Vec<ApprovalLineView>), Known, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn approvals(
    ByOperator(operator): ByOperator,
    Query(which): Query<Which>,
    State(door): State<Door>,
) -> Result<Json<Vec<ApprovalLineView>>, Problem> {
    Ok(Json(door.service.approvals(&operator, which.state.map(Into::into), which.limit).await?))
}
