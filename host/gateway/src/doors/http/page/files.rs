//! The files that pages are made of: style, script, icons. The same for everybody, and with nothing of anybody in them.

use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::frame::nothing_here;

/// Gives one by its name.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        "desk.css" => ("text/css; charset=utf-8", include_str!("files/desk.css")),
        "desk.js" => ("text/javascript; charset=utf-8", include_str!("files/desk.js")),
        "live.js" => ("text/javascript; charset=utf-8", include_str!("files/live.js")),
        "sign-in.js" => ("text/javascript; charset=utf-8", include_str!("files/sign-in.js")),
        "icon.svg" => ("image/svg+xml", include_str!("files/icon.svg")),
        "icon-waiting.svg" => ("image/svg+xml", include_str!("files/icon-waiting.svg")),
        _ => return nothing_here().into_response(),
    };
    ([(CONTENT_TYPE, kind)], text).into_response()
}
