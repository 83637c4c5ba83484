//! What a person is told: that a call waits, and what became of it.
//!
//! Made of names, the rule that asked, and times. The request itself is only there where the operator wants it.

use portcullis_policy::ApprovalState;
use portcullis_store::ApprovalLine;
use serde::Serialize;

use crate::doors::wire::RequestView;

/// One thing to tell.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct News {
    /// Which kind of message.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// Name of the approval.
    pub(crate) id: String,
    pub(crate) action: String,
    pub(crate) agent: String,
    /// `read`, `write` or `destructive`, where the action is still there to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<&'static str>,
    /// The draft that it tries, which is not installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) draft: Option<String>,
    /// Which rule asked.
    pub(crate) rule: String,
    /// Where it can be seen and decided in a browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<String>,
    /// When it was asked, and when it is too late (RFC 3339).
    pub(crate) created: String,
    pub(crate) expires: String,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<ApprovalState>,
    /// The exact request, where the operator wants it told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<RequestView>,
    #[serde(skip)]
    pub(crate) expires_ms: u64,
}

/// Kinds of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    #[serde(rename = "approval.waiting")]
    Waiting,
    #[serde(rename = "approval.decided")]
    Decided,
}

impl News {
    /// That a call waits.
    pub(crate) fn waiting(line: &ApprovalLine, page: Option<String>) -> Self {
        Self {
            kind: Kind::Waiting,
            id: line.id.to_string(),
            action: line.action.to_string(),
            agent: line.agent.to_string(),
            effect: None,
            draft: line.draft.as_ref().map(ToString::to_string),
            rule: line.rule.clone(),
            page,
            created: crate::terminal::moment(line.created_ms),
            expires: crate::terminal::moment(line.expires_ms),
            state: None,
            request: None,
            expires_ms: line.expires_ms,
        }
    }

    /// That it was decided.
    pub(crate) fn decided(&self, state: ApprovalState) -> Self {
        Self { kind: Kind::Decided, state: Some(state), request: None, ..self.clone() }
    }

    /// Names the message: the same wherever and however often it is sent, so that a receiver can tell.
    pub(crate) fn message_id(&self) -> String {
        match self.kind {
            Kind::Waiting => format!("{}.waiting", self.id),
            Kind::Decided => format!("{}.decided", self.id),
        }
    }
}
