//! The seal on one exact request: change anything about it and the fingerprint is another.

use std::fmt;

use crate::{AgentName, Auth, Digest, Hasher, Line, RoutedRequest, WireHeader};

/// SHA-256 over everything an approval is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    /// Fingerprint of a request for an agent: plugin digest, action, origin, credential slot and header, method, path,
    /// query, headers, body, agent.
    #[must_use]
    pub fn of(request: &RoutedRequest, agent: &AgentName) -> Self {
        let headers = request.headers().iter().collect();
        let mut hasher = bound(Hasher::new("portcullis/fingerprint/v1"), request, headers);
        hasher = match request.body() {
            Some(body) => hasher.count(1).field(body.content_type().as_bytes()).field(body.bytes()),
            None => hasher.count(0),
        };
        Self(hasher.field(agent.as_str().as_bytes()).finish())
    }

    /// A fingerprint that was stored.
    #[must_use]
    pub fn from_digest(digest: Digest) -> Self {
        Self(digest)
    }

    /// As a digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Adds all of a request but its body and its agent: plugin digest, action, origin, credential slot and header, method,
/// path, query and these of its headers.
pub(crate) fn bound(hasher: Hasher, request: &RoutedRequest, headers: Vec<&WireHeader>) -> Hasher {
    let binding = request.binding();
    let mut hasher = hasher
        .field(binding.digest().as_bytes())
        .field(binding.id().to_string().as_bytes())
        .field(binding.origin().to_string().as_bytes())
        .field(binding.slot().as_str().as_bytes());
    hasher = match binding.auth() {
        Auth::Header(header) => {
            hasher.count(1).field(header.name().as_str().as_bytes()).field(header.prefix().as_bytes())
        }
        Auth::None => hasher.count(0),
    };
    hasher = hasher.field(request.method().as_str().as_bytes()).field(request.path().as_bytes());
    hasher = match request.query() {
        Some(query) => hasher.count(1).field(query.as_bytes()),
        None => hasher.count(0),
    };
    hasher = hasher.count(headers.len());
    for header in headers {
        hasher = hasher.field(header.name.as_str().as_bytes());
        hasher = match &header.value {
            Line::Sent(value) => hasher.count(1).field(value.as_bytes()),
            Line::Credential { prefix } => hasher.count(0).field(prefix.as_bytes()),
        };
    }
    hasher
}
