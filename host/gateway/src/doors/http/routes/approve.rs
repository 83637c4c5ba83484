//! `POST /v1/approvals/{id}/approve`: the operator's yes to exactly what was shown.

use axum::Json;
use axum::extract::State;
use portcullis_policy::ApprovalId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::auth::ByOperator;
use super::super::body;
use super::super::describe::{Called, Decided, Guarded, Known, Named, Posted};
use super::super::given::{NoQuery, Path};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::ApprovalView;

/// A yes: an empty object.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Yes {}

/// Approves, and sends. For an operator, who sees that it was answered, not the answer.
#[utoipa::path(
    post,
    path = "/v1/approvals/{id}/approve",
    tag = "approvals",
    params(("id" = String, Path, description = "Name of the approval.", pattern = "^apr-[0-9a-hjkmnp-tv-z]{16}$", example = "apr-0000000000000000")),
    request_body(content = Yes, content_type = "application/json"),
    responses(
        (status = 200, description = "It was sent.", body = ApprovalView),
        Known, Named, Posted, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super) async fn approve(
    ByOperator(operator): ByOperator,
    Path(id): Path<ApprovalId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(Yes {}): body::Json<Yes>,
) -> Result<Json<ApprovalView>, Problem> {
    Ok(Json(door.service.approve(&operator, &id).await?))
}
