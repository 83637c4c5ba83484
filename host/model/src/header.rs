//! Header names an action may declare, values it may give, and the header that carries the credential.
//!
//! Names come from the IANA HTTP Field Name Registry and from common practice.

use std::fmt;

use http::{HeaderName, HeaderValue};
use serde::Serialize;
use thiserror::Error;

use crate::Shown;
use crate::query::names_a_credential;

/// Names that route, frame, authenticate or re-interpret a request. Only the host writes these. `range` would let an
/// answer be read in pieces too small for the scrubber to know the credential in.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "a-im", "accept-charset", "accept-encoding", "alt-used", "authentication-info", "cdn-loop", "connection",
    "content-encoding", "content-length", "content-location", "content-range", "content-transfer-encoding",
    "content-type", "cookie", "cookie2", "destination", "dpop", "early-data", "expect", "from", "http2-settings",
    "if-range", "keep-alive", "max-forwards", "origin", "pragma", "range", "referer", "set-cookie", "te", "trailer",
    "transfer-encoding", "translate", "upgrade", "upgrade-insecure-requests", "user-agent", "via", "www-authenticate",
    "x-csrf-token", "x-http-destinationurl", "x-scheme", "x-url-scheme", "x-xsrf-token",
];

/// Beginnings of reserved names: of browsers, and of what stands between the host and a service.
#[rustfmt::skip]
const RESERVED_PREFIXES: &[&str] = &[
    "cf-", "fastly-", "sec-", "x-accel-", "x-amz-security", "x-amzn-", "x-appengine-", "x-arr-", "x-envoy-",
    "x-forwarded", "x-middleware-", "x-proxy",
];

/// Words that, anywhere in a name, mean routing, a caller's address or another method.
#[rustfmt::skip]
const RESERVED_WORDS: &[&str] = &[
    "authenticated", "forward", "forwarded", "host", "ip", "method", "original", "override", "proxy", "remote",
    "rewrite", "verb",
];

/// Last words of the names that services read a credential from, such as `x-goog-api-key`: a plugin with a credential
/// of its own could have the operator's data kept in a stranger's account.
#[rustfmt::skip]
const CREDENTIAL_WORDS: &[&str] = &[
    "apikey", "assertion", "auth", "authorization", "cookie", "credential", "credentials", "jwt", "key", "passwd",
    "password", "secret", "session", "signature", "token",
];

/// Ends in such a word and carries none (draft-ietf-httpapi-idempotency-key-header).
const NO_CREDENTIAL: &[&str] = &["idempotency-key", "x-idempotency-key"];

/// Longest value in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// Why a header cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeaderProblem {
    /// Not a lower-case field name.
    #[error("`{0}` is not a header name: expected 1 to 128 lower-case letters, digits and dashes")]
    NotAName(String),
    /// Only the host writes it.
    #[error("header `{0}` routes, frames or authenticates: only the host writes it")]
    Reserved(String),
    /// The value is not plain.
    #[error(
        "the value of header `{0}` holds something else than visible ASCII and inner spaces, or is empty or over 4096 bytes"
    )]
    BadValue(String),
}

/// Letters, digits, `-` and `_`: the rest of RFC 9110's token characters are in no name in use, and gateways that turn
/// them into `_` would read another name.
fn token(text: &str) -> Result<HeaderName, HeaderProblem> {
    let bad = || HeaderProblem::NotAName(Shown::new(text).to_string());
    let plain = text.len() <= 128
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if !plain {
        return Err(bad());
    }
    HeaderName::from_lowercase(text.as_bytes()).map_err(|_| bad())
}

/// How CGI and its heirs read a name (RFC 3875, section 4.1.18): `_` and `-` are one.
fn dashed(name: &str) -> String {
    name.replace('_', "-")
}

fn reserved(name: &str) -> bool {
    let name = dashed(name);
    RESERVED.contains(&name.as_str())
        || RESERVED_PREFIXES.iter().any(|p| name.starts_with(p))
        || name.split('-').any(|word| RESERVED_WORDS.contains(&word))
}

fn credential(name: &str) -> bool {
    let last = name.rsplit('-').next().unwrap_or_default();
    !NO_CREDENTIAL.contains(&name) && (names_a_credential(name) || CREDENTIAL_WORDS.contains(&last))
}

/// A header name that an action declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredHeader(HeaderName);

impl fmt::Display for DeclaredHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Ord for DeclaredHeader {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for DeclaredHeader {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl DeclaredHeader {
    /// Checks a declared name.
    ///
    /// # Errors
    /// When it is malformed or reserved for the host.
    pub fn parse(text: &str) -> Result<Self, HeaderProblem> {
        let name = token(text)?;
        if reserved(text) || credential(text) {
            return Err(HeaderProblem::Reserved(text.to_owned()));
        }
        // `x_real_ip` is `x-real-ip` to whoever passes headers on as variables.
        if text.contains('_') {
            return Err(HeaderProblem::NotAName(text.to_owned()));
        }
        Ok(Self(name))
    }

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The name as a type of `http`.
    #[must_use]
    pub fn name(&self) -> &HeaderName {
        &self.0
    }

    /// Checks a value for this header.
    ///
    /// # Errors
    /// When the value is not visible ASCII with inner spaces.
    pub fn value(&self, text: &str) -> Result<HeaderValue, HeaderProblem> {
        plain_value(self.as_str(), text)
    }
}

impl Serialize for DeclaredHeader {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

fn plain_value(name: &str, text: &str) -> Result<HeaderValue, HeaderProblem> {
    let bad = || HeaderProblem::BadValue(name.to_owned());
    let plain = !text.is_empty()
        && text.len() <= MAX_VALUE_BYTES
        && text.bytes().all(|b| (0x20..=0x7e).contains(&b))
        && !text.starts_with(' ')
        && !text.ends_with(' ');
    if !plain {
        return Err(bad());
    }
    HeaderValue::from_str(text).map_err(|_| bad())
}

/// The header that carries the credential, and what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthHeader {
    name: HeaderName,
    prefix: String,
}

impl AuthHeader {
    /// `authorization: Bearer …` (RFC 6750, section 2.1).
    #[must_use]
    pub fn bearer() -> Self {
        Self { name: http::header::AUTHORIZATION, prefix: "Bearer ".to_owned() }
    }

    /// Another header. `authorization` is allowed; anything else that the host writes or reserves is not.
    ///
    /// # Errors
    /// When the name is malformed or reserved, or the prefix is not visible ASCII and spaces of at most 64 bytes.
    pub fn parse(name: &str, prefix: &str) -> Result<Self, HeaderProblem> {
        let parsed = token(name)?;
        // The host writes `accept` itself.
        if name != "authorization" && (reserved(name) || name == "accept") {
            return Err(HeaderProblem::Reserved(name.to_owned()));
        }
        if prefix.len() > 64 || prefix.starts_with(' ') || !prefix.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
            return Err(HeaderProblem::BadValue(name.to_owned()));
        }
        Ok(Self { name: parsed, prefix: prefix.to_owned() })
    }

    /// The header's name.
    #[must_use]
    pub fn name(&self) -> &HeaderName {
        &self.name
    }

    /// Whether a declared header would be taken for this one.
    pub(crate) fn collides_with(&self, declared: &DeclaredHeader) -> bool {
        dashed(self.name.as_str()) == declared.as_str()
    }

    /// What stands before the credential, with any space.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl fmt::Display for AuthHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.prefix)
    }
}
