//! `GET /v1/approvals/{id}`: how one stands; with `waitMs`, as soon as it is decided.

use axum::Json;
use axum::extract::State;
use portcullis_policy::ApprovalId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::auth::Anyone;
use super::super::describe::{Guarded, Known, Named};
use super::super::given::{Path, Query, wait_ms};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::ApprovalView;
use crate::shape::{ResponseMode, View};

/// How long to wait, and how much of the answer to give.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
pub(in super::super) struct How {
    /// How long to wait for the end of it, in milliseconds.
    #[serde(deserialize_with = "wait_ms")]
    #[param(maximum = 60000, default = 0, required = false)]
    wait_ms: u32,
    /// How much of the answer to give.
    #[param(inline, required = false)]
    response_mode: ResponseMode,
    /// A JSONPath (RFC 9535) that picks parts of the answer.
    #[param(max_length = 512, required = false, example = "$.data[*].id")]
    select: Option<String>,
}

/// An approval: an agent's own, or any for an operator, who does not see the answer.
#[utoipa::path(
    get,
    path = "/v1/approvals/{id}",
    tag = "approvals",
    params(
        ("id" = String, Path, description = "Name of the approval.", pattern = "^apr-[0-9a-hjkmnp-tv-z]{16}$", example = "apr-0000000000000000"),
        How
    ),
    responses((status = 200, description = "How it stands.", body = ApprovalView), Known, Named, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn approval(
    Anyone(caller): Anyone,
    Path(id): Path<ApprovalId>,
    Query(how): Query<How>,
    State(door): State<Door>,
) -> Result<Json<ApprovalView>, Problem> {
    let view = View::new(how.response_mode, how.select.as_deref())?;
    let stands = tokio::select! {
        stands = door.service.approval(&caller, &id, &view, how.wait_ms) => stands,
        () = door.stop.cancelled() => door.service.approval(&caller, &id, &view, 0).await,
    };
    Ok(Json(stands?))
}
