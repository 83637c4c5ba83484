//! `POST /v1/drafts/{id}/publish`: the operator's yes, to exactly what was looked at. No agent's token comes in here.

use axum::Json;
use axum::extract::State;
use portcullis_model::Digest;
use portcullis_policy::DraftId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::super::auth::ByOperator;
use super::super::super::body;
use super::super::super::describe::{Called, Decided, Guarded, Known, Named, Posted};
use super::super::super::given::{NoQuery, Path};
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use crate::doors::wire::DraftView;

/// A yes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super::super) struct Publish {
    /// SHA-256 of the content that was looked at, as `diff` gives it.
    #[schema(value_type = String, pattern = "^sha256:[0-9a-f]{64}$")]
    digest: Digest,
}

/// Makes an action of a draft that was requested, if it still says what was looked at. For an operator.
#[utoipa::path(
    post,
    path = "/v1/drafts/{id}/publish",
    tag = "drafts",
    operation_id = "publish_draft",
    params(("id" = String, Path, description = "Name of the draft.", pattern = "^drf-[0-9a-hjkmnp-tv-z]{16}$", example = "drf-0000000000000000")),
    request_body(content = Publish, content_type = "application/json"),
    responses(
        (status = 200, description = "It is an action now.", body = DraftView),
        Known, Named, Posted, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super::super) async fn publish(
    ByOperator(operator): ByOperator,
    Path(id): Path<DraftId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(Publish { digest }): body::Json<Publish>,
) -> Result<Json<DraftView>, Problem> {
    Ok(Json(door.service.publish_draft(&operator, &id, digest).await?))
}
