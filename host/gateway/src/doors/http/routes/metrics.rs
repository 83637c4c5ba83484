//! `GET /metrics`: what is counted and timed, in the text format of Prometheus.
//!
//! For an operator's token, or for everyone who reaches the door where the operator says so: it tells which actions
//! there are and how much is done with them, and nothing of what is in a call.

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderName};

use super::super::auth::ByOperator;
use super::super::describe::{Guarded, Known};
use super::super::given::NoQuery;
use super::super::problem::Problem;
use super::super::router::Door;

/// What a scraper takes, with its version.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

type Text = ([(HeaderName, &'static str); 1], String);

/// What is counted and timed. For an operator.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "host",
    responses((status = 200, description = "Every instrument.", body = String, content_type = "text/plain"), Known, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn metrics(ByOperator(_): ByOperator, _: NoQuery, State(door): State<Door>) -> Text {
    text(&door)
}

/// What is counted and timed. Open to all, as the operator set it.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "host",
    responses((status = 200, description = "Every instrument.", body = String, content_type = "text/plain"), (status = 400, description = "The request is malformed.", body = Problem, content_type = "application/problem+json"), Guarded),
    security(())
)]
pub(in super::super) async fn for_all(_: NoQuery, State(door): State<Door>) -> Text {
    text(&door)
}

fn text(door: &Door) -> Text {
    ([(CONTENT_TYPE, TEXT)], door.service.host().watching().text())
}
