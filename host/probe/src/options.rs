//! How much is tried.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much is tried, and from which seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Where chance begins. The same seed tries the same inputs in the same order.
    pub seed: u64,
    /// Most calls of `describe` for each action.
    pub calls_per_action: u64,
    /// Most time for all of them, in seconds.
    pub seconds: u64,
    /// Largest input that the host takes, in bytes.
    pub input_bytes: usize,
}

impl Options {
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

impl Default for Options {
    /// Some nine thousand inputs for each action, however many others there are, within forty seconds.
    fn default() -> Self {
        Self { seed: 0, calls_per_action: 20_000, seconds: 40, input_bytes: 256 << 10 }
    }
}
