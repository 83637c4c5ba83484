//! `POST /v1/approvals/{id}/approve`: the operator's yes to exactly what was shown, and, where terms come along, to
//! what differs from it in the places they name.

use axum::Json;
use axum::extract::State;
use portcullis_policy::{ApprovalId, LONGEST_LIFE_MS, MOST_USES, Terms};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use utoipa::ToSchema;

use super::super::auth::ByOperator;
use super::super::body;
use super::super::describe::{Called, Decided, Guarded, Known, Named, Posted};
use super::super::given::{NoQuery, Path};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::ApprovalView;

/// A yes: to this one request where the object is empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Yes {
    /// Present where the yes is to stand for requests like this one too.
    #[serde(rename = "for")]
    terms: Option<For>,
}

/// For how long or how often a yes stands, and what may differ. Everything else is fixed: agent, action, plugin, origin,
/// credential, path, query, headers, and the rest of the body. Not for what destroys.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct For {
    /// For so many minutes; a day where only `uses` is given. One of the two must be.
    #[serde(default, deserialize_with = "minutes")]
    #[schema(minimum = 1, maximum = 10080)]
    minutes: Option<u32>,
    /// For so many requests more.
    #[serde(default, deserialize_with = "uses")]
    #[schema(minimum = 1, maximum = 10000)]
    uses: Option<u32>,
    /// Places of the body that may differ or be left out: JSON Pointers (RFC 6901), or names of form fields.
    #[serde(default, deserialize_with = "free")]
    #[schema(max_items = 16, required = false)]
    free: Vec<FreePlace>,
}

/// A place of a body.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 256, example = "/messages")]
struct FreePlace(String);

impl From<For> for Terms {
    fn from(said: For) -> Self {
        Self {
            life_ms: said.minutes.map(|minutes| u64::from(minutes) * 60_000),
            uses: said.uses,
            free: said.free.into_iter().map(|FreePlace(place)| place).collect(),
        }
    }
}

fn minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    within(deserializer, LONGEST_LIFE_MS / 60_000, "minutes")
}

fn uses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    within(deserializer, MOST_USES.into(), "uses")
}

fn within<'de, D: Deserializer<'de>>(deserializer: D, most: u64, what: &str) -> Result<Option<u32>, D::Error> {
    match Option::<u32>::deserialize(deserializer)? {
        Some(number) if !(1..=most).contains(&u64::from(number)) => {
            Err(D::Error::custom(format_args!("expected 1 to {most} {what}")))
        }
        number => Ok(number),
    }
}

fn free<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<FreePlace>, D::Error> {
    let places = Vec::<FreePlace>::deserialize(deserializer)?;
    if places.len() > 16 || places.iter().any(|FreePlace(place)| !(1..=256).contains(&place.chars().count())) {
        return Err(D::Error::custom("free: expected at most 16 places of 1 to 256 characters"));
    }
    Ok(places)
}

/// Approves, and sends; with `for`, approves requests like it in advance. For an operator, who sees that it was answered, not the answer.
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
    body::Json(yes): body::Json<Yes>,
) -> Result<Json<ApprovalView>, Problem> {
    Ok(Json(door.service.approve(&operator, &id, yes.terms.map(Terms::from)).await?))
}
