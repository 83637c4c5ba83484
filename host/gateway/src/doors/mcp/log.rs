//! What a client is told while a call runs, where it asked for that: that it started, waits, was answered or refused.
//!
//! Names, states, times and codes only: never an input, a body, a header or a token.

// The protocol keeps logging for older clients and will drop it later.
#![expect(deprecated, reason = "clients of every revision still ask for log messages")]

use std::sync::{Mutex, PoisonError};

use portcullis_model::{ActionId, Refusal};
use portcullis_policy::ApprovalId;
use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam, SetLevelRequestParams};
use rmcp::service::RequestContext;
use rmcp::{Peer, RoleServer};
use serde_json::{Value, json};

/// The least level that a session asked for. Nothing is sent before it asks.
#[derive(Default)]
pub(super) struct Level(Mutex<Option<LoggingLevel>>);

impl Level {
    pub(super) fn set(&self, request: &SetLevelRequestParams) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(request.level);
    }

    /// The log of one request: by its own level in the revision that has one, by the session's before.
    pub(super) fn log(&self, context: &RequestContext<RoleServer>) -> Log {
        let session = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Log { least: context.meta.log_level().or(session), peer: context.peer.clone() }
    }
}

/// The log of one request.
pub(super) struct Log {
    least: Option<LoggingLevel>,
    peer: Peer<RoleServer>,
}

impl Log {
    pub(super) async fn started(&self, action: &ActionId) {
        self.send(LoggingLevel::Info, || json!({"event": "started", "action": action})).await;
    }

    pub(super) async fn waits(&self, action: &ActionId, approval: &ApprovalId) {
        let data = || json!({"event": "waits for approval", "action": action, "approval": approval});
        self.send(LoggingLevel::Notice, data).await;
    }

    pub(super) async fn answered(&self, action: &ActionId, status: u16, duration_us: u64) {
        let data = || json!({"event": "answered", "action": action, "status": status, "ms": duration_us / 1000});
        self.send(LoggingLevel::Info, data).await;
    }

    pub(super) async fn refused(&self, action: &ActionId, refusal: &Refusal) {
        let data = || json!({"event": "refused", "action": action, "code": refusal.code().as_str()});
        self.send(LoggingLevel::Warning, data).await;
    }

    async fn send(&self, level: LoggingLevel, data: impl FnOnce() -> Value) {
        if self.least.is_none_or(|least| (level as u8) < (least as u8)) {
            return;
        }
        let message = LoggingMessageNotificationParam::new(level, data()).with_logger("portcullis");
        if self.peer.notify_logging_message(message).await.is_err() {
            tracing::debug!("a client went away before its log message");
        }
    }
}
