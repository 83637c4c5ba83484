//! Request bodies: JSON only, bounded in size and in time, and read so that no two parsers could differ.
//!
//! Does not check an action's input: the schema room does.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request, State};
use axum::http::Method;
use axum::http::header::{self, HeaderMap};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::TryStreamExt as _;
use portcullis_model::{Code, Detail, Refusal, Shown, parse_strict};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::guard::single;
use super::problem::Problem;
use super::router::Door;

/// What a body may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    /// Largest body, in bytes.
    pub(super) bytes: usize,
    /// Time until its last byte.
    pub(super) time: Duration,
}

/// For handlers that are not of this door: the body of a POST is read here, within the same limits and as strictly.
pub(super) async fn bounded(State(door): State<Door>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let read = whole(&head.headers, body, door.body).await.and_then(|bytes| strict(&bytes).map(|_| bytes));
    match read {
        Ok(bytes) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Err(refusal) => Problem::from(refusal).into_response(),
    }
}

/// A body read strictly and then into its type.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Door> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, door: &Door) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let bytes = whole(&head.headers, body, door.body).await?;
        Ok(Self(parse(&bytes)?))
    }
}

async fn whole(headers: &HeaderMap, body: Body, limits: BodyLimits) -> Result<Bytes, Refusal> {
    if !single(headers, &header::CONTENT_TYPE).is_some_and(is_json) {
        let what = "expected exactly one content-type header, and in it application/json";
        return Err(Refusal::new(Code::UnsupportedMediaType, what).fix("send `content-type: application/json`"));
    }
    bytes(body, limits).await
}

/// A body of whatever type, within its limits.
pub(super) async fn bytes(body: Body, limits: BodyLimits) -> Result<Bytes, Refusal> {
    let too_large = || {
        Refusal::new(Code::RequestTooLarge, format!("the body is over {} bytes", limits.bytes))
            .fix("the operator may raise `request_bytes` under [doors.limits]")
    };
    // By what the client says it will send, before a byte of it is read.
    if body.size_hint().lower() > limits.bytes as u64 {
        return Err(too_large());
    }
    let read = async {
        let mut bytes = Vec::new();
        let mut stream = body.into_data_stream();
        let broken = |_| Refusal::new(Code::BadRequest, "the body broke off");
        while let Some(chunk) = stream.try_next().await.map_err(broken)? {
            if chunk.len() > limits.bytes - bytes.len() {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(bytes))
    };
    timeout(limits.time, read).await.unwrap_or_else(|_| {
        let what = format!("the body did not come within {} ms", limits.time.as_millis());
        Err(Refusal::new(Code::RequestTimeout, what).fix("send the whole body at once"))
    })
}

/// Whether a media type (RFC 9110, section 8.3.1) is JSON, whatever its parameters: JSON has none that mean anything
/// (RFC 8259, section 11).
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim_matches([' ', '\t']).eq_ignore_ascii_case("application/json")
}

/// Reads bytes as every JSON parser would.
fn strict(bytes: &[u8]) -> Result<Value, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::new(Code::BadRequest, "the body is not UTF-8"))?;
    parse_strict(text).map_err(|error| Refusal::new(Code::BadRequest, shown(&error)))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let unfit = |what: String| {
        Refusal::new(Code::BadRequest, "the body is not what this route takes")
            .fix("GET /openapi.json says what each route takes")
            .details([Detail { at: String::new(), what }])
    };
    let value = strict(bytes)?;
    // A derived reader would take the members of an object in their order from an array as well.
    if !value.is_object() {
        return Err(unfit("expected an object".to_owned()));
    }
    serde_json::from_value(value).map_err(|error| unfit(shown(&error)))
}

/// A parser's complaint, which may quote the client.
pub(super) fn shown(error: &impl ToString) -> String {
    Shown::new(&error.to_string()).limit_bytes(300).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_media_type() {
        for good in ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;a=b"]
        {
            assert!(is_json(good), "{good}");
        }
        for bad in ["", "text/plain", "application/jsonx", "application/json-patch+json", "text/plain;application/json"]
        {
            assert!(!is_json(bad), "{bad}");
        }
    }

    #[test]
    fn a_body_is_read_strictly() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for bad in [&b"{\"a\":1,\"a\":2}"[..], b"{", b"", b"\xff", b"{} {}", b"[]", b"null", deep.as_bytes()] {
            assert_eq!(parse::<Value>(bad).unwrap_err().code(), Code::BadRequest);
        }
        assert_eq!(parse::<Value>(b"{\"a\":[1]}").unwrap(), serde_json::json!({"a": [1]}));
    }
}
