//! Who may see a page, and whether a form is this page's own. Stands before every route but the sign-in.
//!
//! A form counts where the browser says that it comes from here, its session lives, and it holds that session's own
//! token; all of it is looked at before any handler sees the request.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use portcullis_model::{Code, Digest, Refusal};
use subtle::ConstantTimeEq as _;

use super::super::guard::{FETCH_SITE, single};
use super::Desk;
use super::cookie;
use super::fields::Fields;
use super::frame::Failure;
use super::sessions::{Session, Way};
use super::sign;
use crate::doors::Operator;

/// Whoever is signed in, and what their forms must hold.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) operator: Operator,
    pub(super) session: Session,
    pub(super) csrf: String,
}

/// Lets those who are signed in pass.
pub(super) async fn admit(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let Some(signed) = signed(&desk, request.headers()).await else {
        return sign::asked(request.method(), request.uri(), request.headers());
    };
    match checked(&desk, &signed, request).await {
        Ok(mut request) => {
            request.extensions_mut().insert(signed);
            next.run(request).await
        }
        Err(refusal) => Failure(refusal).into_response(),
    }
}

/// The session of a request, while it and the token that it rests on are good.
pub(super) async fn signed(desk: &Desk, headers: &HeaderMap) -> Option<Signed> {
    let shown = cookie::read(headers, desk.0.tls)?;
    let session = desk.0.sessions.find(shown.id, shown.secure, Instant::now())?;
    let operator = operator(desk, &session).await?;
    // Bound to the secret of the session and of no use to find it: nothing has to be kept for it.
    let csrf = Digest::of(format!("portcullis/csrf/v1 {}", shown.id).as_bytes()).to_hex();
    Some(Signed { operator, session, csrf })
}

/// For whom a session acts; nobody, and no session any more, where its token has ended.
pub(super) async fn operator(desk: &Desk, session: &Session) -> Option<Operator> {
    let operator = match &session.way {
        Way::Link => Some(Operator::at_page(session.name.clone(), session.expires_ms)),
        Way::Token(hash) => desk.0.door.service.operator_of(hash).await.ok(),
    };
    if operator.is_none() {
        desk.0.sessions.end(&session.key);
    }
    operator
}

/// A request that changes something, with its form read and found to be ours; any other as it is.
async fn checked(desk: &Desk, signed: &Signed, request: Request) -> Result<Request, Refusal> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(request);
    }
    from_here(request.headers())?;
    let (mut head, body) = request.into_parts();
    let mut fields = Fields::read(&head.headers, body, desk.0.door.body).await?;
    let csrf = fields.take("csrf");
    if !bool::from(csrf.as_bytes().ct_eq(signed.csrf.as_bytes())) {
        return Err(Refusal::new(Code::Forbidden, "the form is not one of this session")
            .fix("go back, reload the page and try again"));
    }
    head.extensions.insert(fields);
    Ok(Request::from_parts(head, axum::body::Body::empty()))
}

/// That a browser says a form comes from this very page. What it says was compared before, see `guard`; here it must
/// have said something.
pub(super) fn from_here(headers: &HeaderMap) -> Result<(), Refusal> {
    const ORIGIN: HeaderName = header::ORIGIN;
    if single(headers, &ORIGIN).is_some() || single(headers, &FETCH_SITE) == Some("same-origin") {
        return Ok(());
    }
    Err(Refusal::new(Code::OriginRefused, "nothing says that the form comes from this page")
        .fix("use a browser that sends `Origin`, or the API with an operator's token"))
}

/// The status of a request that nobody is signed in for.
pub(super) const NOBODY: StatusCode = StatusCode::UNAUTHORIZED;
