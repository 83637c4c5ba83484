//! What a decision is made on besides the request: when, with which input, after how many calls.
//!
//! What is not told here is not known: a rule that asks for it makes the call wait.

use serde::{Deserialize, Serialize};

use crate::clock::TimestampMs;
use crate::ids::DraftId;

/// How often something was sent, by whole minutes: each figure may count a call up to a minute longer, never shorter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Windows {
    /// In the last 60 seconds.
    pub minute: u64,
    /// In the last 60 minutes.
    pub hour: u64,
    /// In the last 24 hours.
    pub day: u64,
}

impl Windows {
    fn exceeds(&self, other: &Self) -> bool {
        self.minute > other.minute || self.hour > other.hour || self.day > other.day
    }
}

/// How many calls of an agent were sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Sent {
    /// Of the action in question.
    pub calls: Windows,
    /// Of any action.
    pub calls_of_agent: Windows,
}

impl Sent {
    /// Whether any figure is higher than it was.
    #[must_use]
    pub fn exceeds(&self, before: &Self) -> bool {
        self.calls.exceeds(&before.calls) || self.calls_of_agent.exceeds(&before.calls_of_agent)
    }
}

/// The circumstances of one decision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Situation<'a> {
    /// When.
    pub now_ms: TimestampMs,
    /// The checked input, as JSON text.
    pub input: Option<&'a str>,
    /// How the plugin is shut in: `sealed` or `inert`.
    pub tier: Option<&'static str>,
    /// How many calls were sent before.
    pub sent: Option<Sent>,
    /// The draft that is tried: what its agent declares of it counts for nothing, so that it never goes unattended.
    pub draft: Option<&'a DraftId>,
}

impl Situation<'_> {
    /// Only the time is known.
    #[must_use]
    pub fn at(now_ms: TimestampMs) -> Self {
        Self { now_ms, ..Self::default() }
    }
}
