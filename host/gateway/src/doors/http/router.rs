//! Which paths there are, and who stands before them.
//!
//! From the outside in: the guard sees everything, `auth` all but health and the description, then the route.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use portcullis_model::{Code, Refusal};
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{self, BodyLimits};
use super::describe::Described;
use super::names::Names;
use super::problem::Problem;
use super::{auth, guard, page, routes as at};
use crate::doors::{Service, mcp};

/// What the routes work with.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) service: Arc<Service>,
    pub(super) body: BodyLimits,
    /// The door closes: whoever waits for a person is told how it stands.
    pub(super) stop: CancellationToken,
}

impl Door {
    pub(super) fn new(service: Arc<Service>, stop: CancellationToken) -> Self {
        let limits = service.settings().limits;
        let body = BodyLimits { bytes: limits.request_bytes, time: Duration::from_millis(limits.body_ms) };
        Self { service, body, stop }
    }
}

pub(super) fn router(door: &Door, names: Names, desk: Option<&page::Desk>) -> Router {
    let known = OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(at::status::status))
        .routes(routes!(at::ports::ports))
        .routes(routes!(at::actions::actions))
        .routes(routes!(at::action::action))
        .routes(routes!(at::execute::execute))
        .routes(routes!(at::approvals::approvals))
        .routes(routes!(at::approval::approval))
        .routes(routes!(at::approve::approve))
        .routes(routes!(at::reject::reject))
        .routes(routes!(at::standing::standing))
        .routes(routes!(at::revoke::revoke))
        .routes(routes!(at::audit::audit))
        .routes(routes!(at::drafts::list::list, at::drafts::create::create))
        .routes(routes!(at::drafts::show::show, at::drafts::change::change))
        .routes(routes!(at::drafts::validate::validate))
        .routes(routes!(at::drafts::test::test))
        .routes(routes!(at::drafts::request::request))
        .routes(routes!(at::drafts::withdraw::withdraw))
        .routes(routes!(at::drafts::diff::diff))
        .routes(routes!(at::drafts::publish::publish))
        .routes(routes!(at::drafts::reject::reject));
    let open = OpenApiRouter::new().routes(routes!(at::health::health));
    let (known, open) = if door.service.host().settings().metrics.open {
        (known, open.routes(routes!(at::metrics::for_all)))
    } else {
        (known.routes(routes!(at::metrics::metrics)), open)
    };
    let (known, mut described) = known.split_for_parts();
    let (open, more) = open.split_for_parts();
    described.merge(more);
    // A document of plain data: it can always be written.
    let document: Arc<str> = described.to_json().unwrap_or_default().into();
    let openapi = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document.to_string()) });
    let mcp = mcp::router(Arc::clone(&door.service), door.stop.clone());
    let mcp = mcp.layer(from_fn_with_state(door.clone(), body::bounded)).with_state(());
    known
        .method_not_allowed_fallback(no_method)
        .nest("/mcp", mcp)
        .route_layer(from_fn_with_state(door.clone(), auth::known))
        .merge(open.route("/openapi.json", openapi).method_not_allowed_fallback(no_method))
        .merge(desk.map(|desk| page::router(desk).with_state(())).unwrap_or_default())
        .fallback(no_route)
        .layer(from_fn_with_state(Arc::new(names), guard::guard))
        .with_state(door.clone())
}

async fn no_route() -> impl IntoResponse {
    Problem::from(Refusal::new(Code::NotFound, "there is no such route").fix("GET /openapi.json lists the routes"))
}

pub(super) async fn no_method() -> impl IntoResponse {
    Problem::from(Refusal::new(Code::MethodNotAllowed, "the route has no such method").fix("see the header `allow`"))
}
