//! When to write down that a token was used: at most once a minute each, so that authenticating stays a read.
//!
//! What is kept here is lost with the process; nothing but a time in a list hangs on it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use portcullis_model::AgentName;
use portcullis_policy::TimestampMs;

use crate::tokens::{TokenKind, TokenRecord};

/// Least time between two writes about one token.
const EVERY_MS: u64 = 60_000;

/// When this process last meant to write, by token. As many entries at most as there are tokens.
#[derive(Default)]
pub(crate) struct LastUse(Mutex<HashMap<(TokenKind, AgentName), TimestampMs>>);

impl LastUse {
    /// Whether a use now should be written; says yes once, also where that write is late or fails.
    pub(crate) fn due(&self, token: &TokenRecord, now_ms: TimestampMs) -> bool {
        // By distance, so that a clock that was set back does not end it for good.
        let recent = |at_ms: TimestampMs| now_ms.abs_diff(at_ms) < EVERY_MS;
        if token.last_used_ms.is_some_and(recent) {
            return false;
        }
        let mut meant = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (token.kind, token.name.clone());
        if meant.get(&key).copied().is_some_and(recent) {
            return false;
        }
        meant.insert(key, now_ms);
        true
    }
}
