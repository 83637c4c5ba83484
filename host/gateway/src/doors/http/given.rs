//! What a request names in its path and its query, read into types. A name that cannot be one, a query key that the
//! route does not know, and one that comes twice are refused.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use portcullis_model::{Code, Refusal};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};

use super::body::shown;
use super::problem::Problem;
use crate::doors::MAX_WAIT_MS;

/// What is wrong, without the library's own words before it.
fn unfit(what: &str, words: &str) -> Problem {
    let what = shown(&what.strip_prefix(words).unwrap_or(what));
    Refusal::new(Code::BadRequest, what).fix("GET /openapi.json says what each route takes").into()
}

/// Names in the path.
pub(super) struct Path<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(names)) => Ok(Self(names)),
            Err(error) => Err(unfit(&error.body_text(), "Invalid URL: ")),
        }
    }
}

/// The query.
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(error) => Err(unfit(&error.body_text(), "Failed to deserialize query string: ")),
        }
    }
}

/// That there is no query.
pub(super) struct NoQuery;

impl<S: Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.uri.query() {
            None | Some("") => Ok(Self),
            Some(_) => Err(Refusal::new(Code::BadRequest, "this route takes no query").into()),
        }
    }
}

/// Reads a wait in milliseconds, within its bound.
pub(super) fn wait_ms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let wait = u32::deserialize(deserializer)?;
    if wait > MAX_WAIT_MS {
        return Err(D::Error::custom(format_args!("expected 0 to {MAX_WAIT_MS} milliseconds")));
    }
    Ok(wait)
}

/// Reads the number of rows that are wanted.
pub(super) fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let limit = usize::deserialize(deserializer)?;
    if !(1..=1000).contains(&limit) {
        return Err(D::Error::custom("expected 1 to 1000 rows"));
    }
    Ok(limit)
}

/// Reads the number of a row: one that any JSON parser reads exactly (RFC 7493, section 2.2).
pub(super) fn row<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Option::<u64>::deserialize(deserializer)? {
        Some(row) if row >= 1 << 53 => Err(D::Error::custom("expected the number of a row")),
        row => Ok(row),
    }
}

/// Rows given where nobody said how many.
pub(super) fn usual_limit() -> usize {
    100
}
