//! `PUT /v1/drafts/{id}`: other content for an agent's own draft.

use axum::Json;
use axum::extract::State;
use portcullis_policy::DraftId;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::super::auth::ByAgent;
use super::super::super::body;
use super::super::super::describe::{Called, Decided, Guarded, Known, Named, Posted};
use super::super::super::given::{NoQuery, Path};
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use crate::doors::wire::DraftView;

/// Other content.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super::super) struct Changed {
    /// The whole action template.
    #[schema(value_type = Object)]
    template: Value,
}

/// Gives a draft other content, and says what keeps it from being an action. A request to publish it is taken back. For
/// its agent.
#[utoipa::path(
    put,
    path = "/v1/drafts/{id}",
    tag = "drafts",
    operation_id = "change_draft",
    params(("id" = String, Path, description = "Name of the draft.", pattern = "^drf-[0-9a-hjkmnp-tv-z]{16}$", example = "drf-0000000000000000")),
    request_body(content = Changed, content_type = "application/json"),
    responses(
        (status = 200, description = "The draft, with every problem.", body = DraftView),
        Known, Named, Posted, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super::super) async fn change(
    ByAgent(agent): ByAgent,
    Path(id): Path<DraftId>,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(Changed { template }): body::Json<Changed>,
) -> Result<Json<DraftView>, Problem> {
    Ok(Json(door.service.change_draft(&agent, &id, &template).await?))
}
