//! The door at `/mcp` of the HTTP server: sessions for the older revisions, none for that of 2026.
//!
//! Stands behind the HTTP door's own guards, which have found out who is asking.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;

use super::server::{Server, Who};
use super::session::{Owner, Sessions};
use crate::doors::{Caller, DoorSettings, Service};

/// Time between the last recorded call and the end of the streams that are still open, for its answer to get out.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Names of this machine for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The door.
pub fn router(service: Arc<Service>, stop: CancellationToken) -> Router {
    let sessions = Arc::new(Sessions::new());
    let over = CancellationToken::new();
    let config = config(service.settings()).with_cancellation_token(over.clone());
    let who = Arc::new(Who::Request);
    let (connecting, closing) = (Arc::clone(&service), stop.clone());
    let server = move || Ok(Server::new(Arc::clone(&connecting), Arc::clone(&who), closing.clone()));
    let streamable = StreamableHttpService::new(server, Arc::clone(&sessions), config);
    tokio::spawn(async move {
        stop.cancelled().await;
        service.drain().await;
        tokio::time::sleep(LAST_WORDS).await;
        over.cancel();
    });
    Router::new().route_service("/", streamable).layer(middleware::from_fn_with_state(sessions, guard))
}

/// The protocol library's own guards, beside those of the HTTP door.
fn config(settings: &DoorSettings) -> StreamableHttpServerConfig {
    let hosts: Vec<String> = LOOPBACK
        .iter()
        .map(|name| (*name).to_owned())
        .chain([settings.listen.ip().to_string()])
        .chain(settings.hosts.iter().cloned())
        .collect();
    let origins: Vec<String> = hosts.iter().flat_map(|host| origins(host)).collect();
    StreamableHttpServerConfig::default()
        .with_allowed_hosts(hosts)
        .with_allowed_origins(origins)
        .enforce_origin_validation()
        .with_json_response(true)
        .with_max_request_body_bytes(settings.limits.request_bytes)
}

/// The origins of a host: with its port where it names one, with any where it does not.
fn origins(host: &str) -> Vec<String> {
    let bracketed = if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() };
    let named = bracketed.parse::<http::uri::Authority>().is_ok_and(|authority| authority.port().is_some());
    let port = if named { "" } else { ":*" };
    ["http", "https"].map(|scheme| format!("{scheme}://{bracketed}{port}")).to_vec()
}

/// Lets an agent in, and into no session but its own.
async fn guard(State(sessions): State<Arc<Sessions>>, request: Request, next: Next) -> Response {
    let Some(caller) = request.extensions().get::<Caller>() else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let Ok(agent) = caller.agent() else {
        return (StatusCode::FORBIDDEN, "an operator's token cannot call actions").into_response();
    };
    let owner = Owner::of(agent);
    let mut named = request.headers().get_all("mcp-session-id").iter();
    if !named.all(|id| id.to_str().is_ok_and(|id| sessions.use_by(id, &owner))) {
        return (StatusCode::NOT_FOUND, "Not Found: Session not found").into_response();
    }
    Sessions::within(owner, next.run(request)).await
}
