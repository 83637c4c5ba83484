//! Whether and when a refused read is tried again.
//!
//! Writes are never tried again, and nothing is after a broken connection: nobody knows what the service made of it.

use std::time::{Duration, UNIX_EPOCH};

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use portcullis_model::Method;
use portcullis_policy::{ApprovedRequest, TimestampMs};

/// Whether a request may be sent more than once.
pub(crate) fn may_repeat(approved: &ApprovedRequest) -> bool {
    !approved.changes_something() && matches!(approved.request().method(), Method::Get | Method::Head)
}

/// How long the service asks to wait, if it asks for another try at all (RFC 9110, section 10.2.3).
pub(crate) fn pause(status: StatusCode, headers: &HeaderMap, now_ms: TimestampMs) -> Option<Duration> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let then = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(then.saturating_sub(Duration::from_millis(now_ms)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_says_how_long() {
        let asked = |status: u16, value: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, http::HeaderValue::from_static(value))]);
            pause(StatusCode::from_u16(status).unwrap_or_default(), &headers, 784_111_777_000)
        };
        assert_eq!(asked(429, "7"), Some(Duration::from_secs(7)));
        assert_eq!(asked(503, "0"), Some(Duration::ZERO));
        assert_eq!(asked(503, "Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(asked(503, "Sun, 06 Nov 1994 08:49:27 GMT"), Some(Duration::ZERO));
        for (status, value) in [
            (500, "1"),
            (200, "1"),
            (429, ""),
            (429, "-1"),
            (429, "1.5"),
            (429, "soon"),
            (429, "99999999999999999999999"),
        ] {
            assert_eq!(asked(status, value), None, "{status} {value}");
        }
        assert_eq!(pause(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), 0), None);
    }
}
