//! The loopback Mistral in this process, for tests that are not asynchronous themselves.

use portcullis_gateway::{Seen, Upstream};
use tokio::runtime::{Builder, Runtime};

use crate::home::random;

/// A running service and the token it wants.
pub(crate) struct Mistral {
    upstream: Upstream,
    token: String,
    _runtime: Runtime,
}

impl Mistral {
    /// Starts one that wants a token nobody else has.
    pub(crate) fn start() -> Self {
        Self::wanting(&format!("mistral-{}", random()))
    }

    pub(crate) fn wanting(token: &str) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let upstream = runtime.block_on(Upstream::start(token)).unwrap();
        Self { upstream, token: token.to_owned(), _runtime: runtime }
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn origin(&self) -> String {
        self.upstream.origin()
    }

    /// What arrived, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.upstream.seen()
    }

    /// How many requests arrived.
    pub(crate) fn count(&self) -> usize {
        self.seen().len()
    }
}
