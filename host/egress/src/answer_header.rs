//! Which headers of an answer a caller gets to see.
//!
//! The rest (cookies, challenges, server internals) stays here. Does not scrub; `answer` does, after this.

use http::{HeaderMap, HeaderName};
use portcullis_model::FixedOrigin;
use url::Url;

/// Passed on as they are.
const KEPT: &[&str] = &[
    "age",
    "allow",
    "cache-control",
    "content-disposition",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "deprecation",
    "etag",
    "expires",
    "last-modified",
    "link",
    "request-id",
    "retry-after",
    "sunset",
    "vary",
    "x-request-id",
    "x-total-count",
];

/// Beginnings of headers that count requests.
const RATE_LIMITS: &[&str] = &["ratelimit", "x-ratelimit", "x-rate-limit", "x-ratelimitbysize"];

/// What may follow. By word, so that a name cannot itself carry something out: the scrubber reads values only.
const RATE_WORDS: &[&str] = &[
    "bucket",
    "cost",
    "day",
    "hour",
    "input",
    "limit",
    "minute",
    "month",
    "output",
    "policy",
    "query",
    "remaining",
    "req",
    "requests",
    "reset",
    "resource",
    "second",
    "tokens",
    "used",
];

/// Stands for the address of a redirect elsewhere.
const ELSEWHERE: &str = "[removed: another origin]";

/// Longest value passed on, in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// Most headers passed on.
const MAX_HEADERS: usize = 64;

/// The headers that are passed on, in the order received.
pub(crate) fn kept(headers: &HeaderMap, url: &Url, origin: &FixedOrigin) -> Vec<(String, String)> {
    let mut kept = Vec::new();
    for (name, value) in headers {
        // Text without controls only: neither a terminal nor a log should be steered by a header.
        let Some(value) = std::str::from_utf8(value.as_bytes()).ok().filter(|v| v.len() <= MAX_VALUE_BYTES) else {
            continue;
        };
        if value.chars().any(char::is_control) || kept.len() == MAX_HEADERS {
            continue;
        }
        if is_location(name) {
            kept.push((name.as_str().to_owned(), location(value, url, origin)));
        } else if passes(name.as_str()) {
            kept.push((name.as_str().to_owned(), value.to_owned()));
        }
    }
    kept
}

fn passes(name: &str) -> bool {
    KEPT.contains(&name)
        || RATE_LIMITS.iter().any(|start| match name.strip_prefix(start) {
            Some("") => true,
            Some(rest) => {
                rest.strip_prefix('-').is_some_and(|rest| rest.split('-').all(|word| RATE_WORDS.contains(&word)))
            }
            None => false,
        })
}

fn is_location(name: &HeaderName) -> bool {
    name == http::header::LOCATION || name == http::header::CONTENT_LOCATION
}

/// An address on the same origin stays; another could be a lure for whoever reads the answer.
fn location(value: &str, url: &Url, origin: &FixedOrigin) -> String {
    match url.join(value) {
        Ok(target) if origin.covers(&target) => value.to_owned(),
        _ => ELSEWHERE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_limits_pass_by_word() {
        for name in [
            "ratelimit",
            "ratelimit-policy",
            "x-ratelimit-limit-requests",
            "x-ratelimitbysize-remaining-minute",
            "etag",
        ] {
            assert!(passes(name), "{name}");
        }
        for name in [
            "set-cookie",
            "x-ratelimit-",
            "x-ratelimit-deadbeef",
            "ratelimiter",
            "x-ratelimit-limit-sk",
            "server",
            "www-authenticate",
        ] {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn a_location_stays_only_on_its_origin() -> Result<(), Box<dyn std::error::Error>> {
        let origin = FixedOrigin::declared("https://api.example.com")?;
        let url = "https://api.example.com/v1/a?b=c".parse()?;
        for kept in ["/v2", "b", "?x", "https://api.example.com/z", "//api.example.com/z"] {
            assert_eq!(location(kept, &url, &origin), kept);
        }
        for gone in [
            "https://evil.test/",
            "//evil.test/a",
            "http://api.example.com/z",
            "https://api.example.com:8443/",
            "javascript:a",
            "https://a@api.example.com/",
            "\\\\evil.test",
        ] {
            assert_eq!(location(gone, &url, &origin), ELSEWHERE, "{gone}");
        }
        Ok(())
    }
}
