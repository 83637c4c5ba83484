//! What is looked at before anything else: is the request meant for this server, and does it come from a page of
//! another site?
//!
//! Permission to read across sites (CORS) is never given. Does not know who is asking: see `auth`.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use portcullis_model::{Code, Refusal, Shown};

use super::names::Names;
use super::problem::Problem;

/// Fetch metadata: which relation the page that asks has to this server.
pub(super) const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Fetch metadata: whether somebody follows a link, or a script asks.
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// On every answer: nothing is kept, guessed at, framed, or told to other sites.
const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// Where a route has no such policy of its own. A form of the page has: with this one, browsers send `Origin: null`.
const REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// Where a route has no policy of its own: an answer is data, and a browser that takes it for a page may do nothing.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Lets a request pass, or answers it here.
pub(super) async fn guard(State(names): State<Arc<Names>>, request: Request, next: Next) -> Response {
    let mut response = match check(&names, &request) {
        // A fault of ours ends this one request, and its client is told so.
        Ok(()) => AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| broken()),
        Err(refusal) => Problem::from(refusal).into_response(),
    };
    let headers = response.headers_mut();
    // Over what a handler may have said: `extend` would put a second line beside it.
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    headers.entry(header::REFERRER_POLICY).or_insert(REFERRER);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(POLICY);
    response
}

fn check(names: &Names, request: &Request) -> Result<(), Refusal> {
    let (headers, uri) = (request.headers(), request.uri());
    let host = single(headers, &header::HOST)
        .filter(|host| names.know(host))
        // A target in absolute form names a host too, and it would be the one that counts (RFC 9112, section 3.2.2).
        .filter(|host| uri.authority().is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(host)))
        .ok_or_else(|| refuse_host(headers))?;
    if headers.contains_key(header::ORIGIN)
        && !single(headers, &header::ORIGIN).is_some_and(|origin| names.same_origin(origin, host))
    {
        return Err(refuse_origin("the request comes from a page of another origin"));
    }
    // A page may link to that of an approval, which cannot be framed and takes no cookie along from another site.
    let followed = matches!(*request.method(), Method::GET | Method::HEAD)
        && uri.path().strip_prefix("/approvals/").is_some_and(|id| !id.contains('/'))
        && single(headers, &FETCH_MODE) == Some("navigate");
    if headers.contains_key(FETCH_SITE)
        && !followed
        && !matches!(single(headers, &FETCH_SITE), Some("same-origin" | "none"))
    {
        return Err(refuse_origin("a browser says that the request comes from a page of another site"));
    }
    Ok(())
}

fn broken() -> Response {
    Problem::from(
        Refusal::new(Code::Internal, "the host failed; its own log says where")
            .fix("report it: this is a fault of portcullis"),
    )
    .into_response()
}

/// The value of a header that is there exactly once.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn refuse_host(headers: &HeaderMap) -> Refusal {
    let what = match single(headers, &header::HOST) {
        Some(host) => format!("`{}` is not a name of this server", Shown::new(host)),
        None => "expected exactly one host header".to_owned(),
    };
    Refusal::new(Code::HostRefused, what)
        .fix("use the address that `portcullis serve` printed, or add the name to `hosts` under [doors]")
}

fn refuse_origin(what: &str) -> Refusal {
    Refusal::new(Code::OriginRefused, what).fix("call from a program, not from a page of another site")
}
