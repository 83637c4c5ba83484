//! Who is asking: a bearer token (RFC 6750, section 2.1), looked up before any handler begins.
//!
//! A token in a query or a body is not one: addresses end up in logs. What a caller may do is the service's to say.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use portcullis_model::{Code, Refusal};

use super::guard::single;
use super::problem::Problem;
use super::router::Door;
use crate::doors::{Agent, Caller, Operator};

/// Lets callers with a live token pass, and says who they are.
pub(super) async fn known(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let caller = match bearer(request.headers()) {
        Ok(token) => door.service.authenticate(token).await,
        Err(refusal) => Err(refusal),
    };
    match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => {
            door.service.host().watching().refused_at_door(refusal.code());
            Problem::from(refusal).into_response()
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    single(headers, &header::AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim_matches(' '))
        .filter(|token| !token.is_empty())
        .ok_or_else(unknown)
}

fn unknown() -> Refusal {
    Refusal::new(Code::Unauthenticated, "expected exactly one authorization header, and in it a bearer token")
        .fix("send `authorization: Bearer TOKEN`; the operator makes one: portcullis agent create NAME")
}

fn caller(parts: &Parts) -> Result<&Caller, Refusal> {
    // Only a route that `known` does not stand before comes here without one.
    parts.extensions.get().ok_or_else(unknown)
}

/// Whoever asks.
pub(super) struct Anyone(pub(super) Caller);

/// An agent.
pub(super) struct ByAgent(pub(super) Agent);

/// An operator.
pub(super) struct ByOperator(pub(super) Operator);

impl<S: Sync> FromRequestParts<S> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(caller(parts)?.clone()))
    }
}

impl<S: Sync> FromRequestParts<S> for ByAgent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(caller(parts)?.agent()?.clone()))
    }
}

impl<S: Sync> FromRequestParts<S> for ByOperator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(caller(parts)?.operator()?.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_token_is_read_and_nothing_else() {
        let read = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, header::HeaderValue::from_static(value));
            }
            bearer(&headers).ok().map(str::to_owned)
        };
        for good in [["Bearer abc"], ["bearer abc"], ["BEARER  abc "]] {
            assert_eq!(read(&good).as_deref(), Some("abc"), "{good:?}");
        }
        for bad in [&[][..], &["Bearer"], &["Bearer "], &["Basic abc"], &["abc"], &["Bearer abc", "Bearer abc"]] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
