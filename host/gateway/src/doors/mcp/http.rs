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
use crate::doors::{Caller, Service};

/// Time between the last recorded call and the end of the streams that are still open, for its answer to get out.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The door.
pub fn router(service: Arc<Service>, stop: CancellationToken) -> Router {
    let sessions = Arc::new(Sessions::new());
    let over = CancellationToken::new();
    // Hosts and origins are the HTTP door's to judge, by the name that the request was made to; the library's own lists
    // know neither the address that the door listens on nor which origin is its own.
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_json_response(true)
        .with_max_request_body_bytes(service.settings().limits.request_bytes)
        .with_cancellation_token(over.clone());
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
