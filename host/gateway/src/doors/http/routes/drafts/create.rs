//! `POST /v1/drafts`: an agent proposes an action.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use portcullis_model::PortSlug;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::super::auth::ByAgent;
use super::super::super::body;
use super::super::super::describe::{Called, Decided, Guarded, Known, Named, Posted};
use super::super::super::given::NoQuery;
use super::super::super::problem::Problem;
use super::super::super::router::Door;
use crate::doors::wire::DraftView;

/// A proposal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super::super) struct NewDraft {
    /// The installed port under which the action is to be.
    #[schema(value_type = String, max_length = 63, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "mistral")]
    port: PortSlug,
    /// The action template, as in an integration document: at most 64 KiB, no other members, and nothing like a
    /// credential.
    #[schema(value_type = Object)]
    template: Value,
}

/// Makes a draft, and says what keeps it from being an action. For an agent that may propose.
#[utoipa::path(
    post,
    path = "/v1/drafts",
    tag = "drafts",
    operation_id = "create_draft",
    request_body(content = NewDraft, content_type = "application/json"),
    responses(
        (status = 201, description = "The draft, with every problem.", body = DraftView,
            headers(("Location" = String, description = "The draft."))),
        Known, Named, Posted, Decided, Called, Guarded
    ),
    security(("token" = []))
)]
pub(in super::super::super) async fn create(
    ByAgent(agent): ByAgent,
    _: NoQuery,
    State(door): State<Door>,
    body::Json(NewDraft { port, template }): body::Json<NewDraft>,
) -> Result<Response, Problem> {
    let draft = door.service.create_draft(&agent, &port, &template).await?;
    let location = [(header::LOCATION, format!("/v1/drafts/{}", draft.line.id))];
    Ok((StatusCode::CREATED, location, Json(draft)).into_response())
}
