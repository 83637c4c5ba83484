//! Limits of a send.

use std::collections::BTreeMap;

use portcullis_model::FixedOrigin;
use thiserror::Error;

/// How long and how much. The defaults suit a service that thinks for a minute and answers in text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressConfig {
    /// For the name, the connection and TLS together.
    pub connect_timeout_ms: u64,
    /// From the start of a try to the answer's status line.
    pub first_byte_timeout_ms: u64,
    /// From the start of the send to the answer's end, retries and waiting included.
    pub whole_timeout_ms: u64,
    /// Largest body of an answer.
    pub max_response_bytes: usize,
    /// Most retries of a read that was answered with 429 or 503.
    pub max_retries: u32,
    /// Where registries give out tokens, beside themselves: by host and port, as the operator says. A registry's
    /// credential goes nowhere else.
    pub registry_logins: BTreeMap<String, FixedOrigin>,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            first_byte_timeout_ms: 90_000,
            whole_timeout_ms: 120_000,
            max_response_bytes: 10 << 20,
            max_retries: 2,
            registry_logins: BTreeMap::new(),
        }
    }
}

/// A limit that would let nothing through.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is 0: expected at least 1")]
pub struct ConfigProblem(&'static str);

impl EgressConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigProblem> {
        let limits = [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("first_byte_timeout_ms", self.first_byte_timeout_ms),
            ("whole_timeout_ms", self.whole_timeout_ms),
            ("max_response_bytes", self.max_response_bytes as u64),
        ];
        match limits.into_iter().find(|(_, limit)| *limit == 0) {
            Some((name, _)) => Err(ConfigProblem(name)),
            None => Ok(()),
        }
    }
}
