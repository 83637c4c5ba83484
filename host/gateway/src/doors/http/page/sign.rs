//! Signing in, by a link or an operator's token, and out again.
//!
//! The secret of a link comes after a `#`, which a browser keeps to itself; a script sends it in a form. Whatever is
//! wrong with a secret, the answer is the same.

use std::time::Instant;

use askama::Template;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use portcullis_model::{Code, Refusal};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_store::TokenKind;
use serde_json::json;

use super::super::guard::{FETCH_SITE, single};
use super::Desk;
use super::admit::{NOBODY, Signed, from_here, operator, signed};
use super::cookie;
use super::fields::Fields;
use super::frame::{Failure, html};
use super::sessions::{Session, Way};
use crate::doors::link::{is_link, spend};
use crate::doors::{Operator, Token};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    /// Where to go afterwards.
    next: String,
    /// What was wrong.
    problem: Option<&'static str>,
    /// Whether to look again: a browser brings no cookie along when it follows a link from another site.
    again: bool,
}

/// The page to sign in at.
pub(super) async fn page() -> Response {
    html(StatusCode::OK, &SignIn { next: "/".to_owned(), problem: None, again: false })
}

/// The same, in the place of a page that nobody is signed in for.
pub(super) fn asked(method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let again = single(headers, &FETCH_SITE).is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let next = if *method == Method::GET { uri.path() } else { "/" };
    html(NOBODY, &SignIn { next: local(next), problem: None, again })
}

/// Lets somebody in.
pub(super) async fn sign_in(State(desk): State<Desk>, request: Request) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    from_here(&head.headers)?;
    let (secret, next) = typed(&desk, &head.headers, body).await?;
    let Some(way) = way(&desk, &secret).await? else {
        // Only what is wrong is counted: nobody who has a secret can be kept out by those who guess.
        if desk.0.attempts.check().is_err() {
            let refusal = Refusal::new(Code::RateLimited, "too many have failed to sign in within the last minute");
            return Err(refusal.retry_after_ms(5000).fix("wait a few seconds").into());
        }
        let problem = Some("That is no link or token that is good now.");
        return Ok(html(NOBODY, &SignIn { next, problem, again: false }));
    };
    let before = signed(&desk, &head.headers).await;
    let (cookie, session, operator) = begin(&desk, way, &head.headers).await?;
    record(&desk, "signed-in", &session, &operator).await.inspect_err(|_| desk.0.sessions.end(&session.key))?;
    if let Some(before) = before {
        desk.0.sessions.end(&before.session.key);
    }
    let mut response = Redirect::to(&next).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn typed(desk: &Desk, headers: &HeaderMap, body: Body) -> Result<(String, String), Refusal> {
    let mut fields = Fields::read(headers, body, desk.0.door.body).await?;
    let (typed, next) = (fields.take("token"), local(&fields.take("next")));
    fields.end()?;
    // A person may paste the whole link.
    let secret = typed.rsplit('#').next().unwrap_or_default().trim().to_owned();
    Ok((secret, next))
}

/// What a secret is good for, now.
async fn way(desk: &Desk, secret: &str) -> Result<Option<Way>, Refusal> {
    let service = &desk.0.door.service;
    if is_link(secret) {
        let good = tokio::task::block_in_place(|| spend(service.host(), secret))?;
        return Ok(good.then_some(Way::Link));
    }
    let Ok(token) = Token::read(secret) else { return Ok(None) };
    if token.kind() != TokenKind::Operator {
        return Ok(None);
    }
    match service.operator_of(&token.digest()).await {
        Ok(_) => Ok(Some(Way::Token(token.digest()))),
        Err(refusal) if refusal.code() == Code::Unauthenticated => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

async fn begin(desk: &Desk, way: Way, headers: &HeaderMap) -> Result<(HeaderValue, Session, Operator), Refusal> {
    // Behind a proxy with TLS, the browser's own word says which it is.
    let secure = desk.0.tls || single(headers, &header::ORIGIN).is_some_and(|origin| origin.starts_with("https://"));
    let (id, session) = desk.0.sessions.begin(way, secure, desk.0.door.service.now_ms(), Instant::now())?;
    let over = || Refusal::new(Code::Unauthenticated, "the token has just ended");
    let operator = operator(desk, &session).await.ok_or_else(over)?;
    let cookie = cookie::set(&id, secure).ok_or_else(|| Refusal::new(Code::Internal, "a session has no cookie"))?;
    Ok((cookie, session, operator))
}

/// Ends the session, in every tab.
pub(super) async fn sign_out(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Failure> {
    fields.end()?;
    // First of all, whatever becomes of the record.
    desk.0.sessions.end(&signed.session.key);
    record(&desk, "signed-out", &signed.session, &signed.operator).await?;
    let mut response = Redirect::to("/sign-in").into_response();
    if let Some(cookie) = cookie::clear(signed.session.secure) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn record(desk: &Desk, kind: &'static str, session: &Session, operator: &Operator) -> Result<(), Refusal> {
    let facts = json!({ "by": operator.approver().to_string(), "session": session.name });
    let noted = desk.0.door.service.host().store().note(Event { kind, call: None, facts }).await;
    noted.map(drop).map_err(|error| Refusal::new(Code::AuditUnavailable, error.to_string()).fix("portcullis doctor"))
}

/// A path of this page, and of nothing else; its start where it is anything else.
fn local(path: &str) -> String {
    let plain = path.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'/' || b == b'-');
    let ours = plain && path.starts_with('/') && !path.contains("//") && path != "/sign-in" && path != "/live";
    if ours { path.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_sent_elsewhere() {
        for path in ["/", "/activity", "/approvals/apr-0000000000000000"] {
            assert_eq!(local(path), path);
        }
        for path in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a//b", "/sign-in", "/a?b", "/A"]
        {
            assert_eq!(local(path), "/", "{path}");
        }
    }
}
