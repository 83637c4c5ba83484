//! The seal on many requests: it holds for each that differs from the approved one in free places only.

use std::fmt;

use http::header::CONTENT_LENGTH;

use crate::fingerprint::bound;
use crate::free::FreePlaces;
use crate::tree::Tree;
use crate::{AgentName, Body, Digest, Hasher, RoutedRequest};

/// SHA-256 over everything a standing approval is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal(Digest);

impl Seal {
    /// Seal of a request for an agent: all that a [`Fingerprint`](crate::Fingerprint) covers, the free places
    /// themselves, and of the body what is left without them. The length of the body is not in it.
    ///
    /// `None` where the body cannot be compared; no approval stands for it then.
    #[must_use]
    pub fn of(request: &RoutedRequest, agent: &AgentName, free: &FreePlaces) -> Option<Self> {
        let headers = request.headers().iter().filter(|header| header.name != CONTENT_LENGTH);
        let mut hasher = bound(Hasher::new("portcullis/standing/v1"), request, headers.collect());
        hasher = match &request.description().body {
            None => hasher.count(0),
            Some(Body::Json(text)) => {
                let mut tree = Tree::read(text)?;
                for steps in free.steps()? {
                    tree.clear(&steps);
                }
                tree.hash(hasher.count(1))
            }
            Some(Body::Form(fields)) => {
                let fixed: Vec<_> = fields.iter().filter(|(name, _)| !free.as_slice().contains(name)).collect();
                fixed.iter().fold(hasher.count(2).count(fixed.len()), |hasher, (name, value)| {
                    hasher.field(name.as_bytes()).field(value.as_bytes())
                })
            }
            Some(Body::Text(text)) => hasher.count(3).field(text.as_bytes()),
        };
        hasher = free
            .as_slice()
            .iter()
            .fold(hasher.count(free.as_slice().len()), |hasher, place| hasher.field(place.as_bytes()));
        Some(Self(hasher.field(agent.as_str().as_bytes()).finish()))
    }

    /// A seal that was stored.
    #[must_use]
    pub fn from_digest(digest: Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
