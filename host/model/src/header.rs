//! Header names an action may declare, values it may give, and the header that carries the credential.
//!
//! Names come from the IANA HTTP Field Name Registry and from common practice.

use std::fmt;

use http::{HeaderName, HeaderValue};
use serde::Serialize;
use thiserror::Error;

use crate::Shown;
use crate::query::names_a_credential;

/// Names that route, frame, authenticate or re-interpret a request. Only the host writes these.
const RESERVED: &[&str] = &[
    "accept-charset", "accept-encoding", "alt-used", "authentication-info", "authorization", "connection",
    "content-encoding", "content-length", "content-location", "content-range", "content-type", "cookie", "cookie2",
    "dpop", "early-data", "expect", "forwarded", "from", "host", "http2-settings", "keep-alive", "max-forwards",
    "origin", "pragma", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade",
    "upgrade-insecure-requests", "user-agent", "via", "www-authenticate", "x-client-ip", "x-cluster-client-ip",
    "x-csrf-token", "x-host", "x-http-host-override", "x-http-method", "x-http-method-override", "x-method",
    "x-method-override", "x-original-host", "x-original-method", "x-original-uri", "x-original-url", "x-real-ip",
    "x-rewrite-url", "x-xsrf-token", "client-ip", "true-client-ip",
];

/// Beginnings of reserved names.
const RESERVED_PREFIXES: &[&str] = &["proxy-", "x-forwarded", "x-proxy", "sec-", "cf-", "x-amz-security"];

/// Longest value in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// Why a header cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeaderProblem {
    /// Not a lower-case field name.
    #[error("`{0}` is not a header name: expected a lower-case token of RFC 9110, section 5.6.2")]
    NotAName(String),
    /// Only the host writes it.
    #[error("header `{0}` routes, frames or authenticates: only the host writes it")]
    Reserved(String),
    /// The value is not plain.
    #[error("the value of header `{0}` holds something else than visible ASCII and inner spaces, or is empty or over 4096 bytes")]
    BadValue(String),
}

fn token(text: &str) -> Result<HeaderName, HeaderProblem> {
    // `from_lowercase` alone would also take an upper-case name on some inputs as an error only; the explicit
    // check keeps declared and described names comparable byte for byte.
    if text.bytes().any(|b| b.is_ascii_uppercase()) || text.len() > 128 {
        return Err(HeaderProblem::NotAName(Shown::new(text).to_string()));
    }
    HeaderName::from_lowercase(text.as_bytes()).map_err(|_| HeaderProblem::NotAName(Shown::new(text).to_string()))
}

fn reserved(name: &str) -> bool {
    RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(|p| name.starts_with(p))
}

/// Whether a name, with or without the customary `x-`, is one that services read a credential from.
fn credential(name: &str) -> bool {
    names_a_credential(name) || name.strip_prefix("x-").is_some_and(names_a_credential)
}

/// A header name that an action declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredHeader(HeaderName);

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

    /// Another header. `authorization` is allowed, anything else reserved is not.
    ///
    /// # Errors
    /// When the name is malformed or reserved, or the prefix is not visible ASCII and spaces of at most 64 bytes.
    pub fn parse(name: &str, prefix: &str) -> Result<Self, HeaderProblem> {
        let parsed = token(name)?;
        if name != "authorization" && reserved(name) {
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
