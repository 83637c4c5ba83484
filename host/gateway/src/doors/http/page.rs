//! The page of one approval: what would be sent, and a yes or a no, for whoever holds an operator's token.
//!
//! The page itself holds nothing: it is the same for every approval, and its script asks the API with the token that
//! is typed in. The token stays in the page's memory.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

/// Only its own script and style, only its own API, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// The page and what it is made of.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/approvals/{id}", get(|| file("text/html; charset=utf-8", include_str!("page/approval.html"))))
        .route("/page/approval.css", get(|| file("text/css; charset=utf-8", include_str!("page/approval.css"))))
        .route("/page/approval.js", get(|| file("text/javascript; charset=utf-8", include_str!("page/approval.js"))))
}

async fn file(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, media_type), (CONTENT_SECURITY_POLICY, POLICY)], text)
}
