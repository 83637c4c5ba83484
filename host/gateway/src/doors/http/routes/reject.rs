//! `POST /v1/approvals/{id}/reject`: the operator's no.

use axum::Json;
use axum::extract::State;
use portcullis_policy::ApprovalId;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use utoipa::ToSchema;

use super::super::auth::ByOperator;
use super::super::body;
use super::super::describe::{Decided, Guarded, Known, Named, Posted};
use super::super::given::{NoQuery, Path};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::ApprovalView;

/// Longest reason, in characters.
const REASON_CHARS: usize = 1000;

/// A no.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct No {
    /// Why; the agent sees it.
    #[serde(default = "no_reason", deserialize_with = "reason")]
    #[schema(min_length = 1, max_length = 1000, required = false)]
    pub(super) reason: String,
}

fn no_reason() -> String {
    "rejected by the operator".to_owned()
}

fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let reason = String::deserialize(deserializer)?;
    if (1..=REASON_CHARS).contains(&reason.chars().count()) {
        return Ok(reason);
    }
    Err(D::Error::custom(format_args!("reason: expected 1 to {REASON_CHARS} characters")))
}

/// Rejects; nothing is sent. For an operator.
#[utoipa::path(
    post,
    path = "/v1/approvals/{id}/reject",
    tag = "approvals",
    params(("id" = String, Path, description = "Name of the approval.", pattern = "^apr-[0-9a-hjkmnp-tv-z]{16}$", example = "apr-0000000000000000")),
    request_body(content = No, content_type = "application/json"),
    responses(
        (status = 200, description = "It was rejected.", body = ApprovalView),
        Known, Named, Posted, Decided, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super) async fn reject(
    ByOperator(operator): ByOperator,
    Path(id): Path<ApprovalId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(no): body::Json<No>,
) -> Result<Json<ApprovalView>, Problem> {
    Ok(Json(door.service.reject(&operator, &id, &no.reason).await?))
}
