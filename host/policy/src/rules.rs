//! What `portcullis.toml` says about actions, agents and time: the operator's words beside the rule files.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use portcullis_model::{ActionId, AgentName};
use serde::{Deserialize, Serialize};

use crate::clock::TimestampMs;

/// The operator's word on one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorApproval {
    /// May run unattended, whatever its effect.
    Automatic,
    /// A person must approve each request.
    RequireApproval,
    /// May not run.
    Deny,
}

impl OperatorApproval {
    /// The word as written in `portcullis.toml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::RequireApproval => "require_approval",
            Self::Deny => "deny",
        }
    }
}

/// The operator's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    actions: BTreeMap<ActionId, OperatorApproval>,
    groups: BTreeMap<String, BTreeSet<AgentName>>,
    zone_name: String,
    zone: TimeZone,
    approval_life_ms: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            actions: BTreeMap::new(),
            groups: BTreeMap::new(),
            zone_name: "UTC".to_owned(),
            zone: TimeZone::UTC,
            approval_life_ms: 10 * 60 * 1000,
        }
    }
}

impl Rules {
    /// Sets the operator's word on an action.
    pub fn set(&mut self, action: ActionId, approval: OperatorApproval) {
        self.actions.insert(action, approval);
    }

    /// Sets who is in a group.
    pub fn set_group(&mut self, group: String, agents: BTreeSet<AgentName>) {
        self.groups.insert(group, agents);
    }

    /// Sets the zone whose hours and days rules speak of. UTC by default.
    pub fn set_timezone(&mut self, name: String, zone: TimeZone) {
        (self.zone_name, self.zone) = (name, zone);
    }

    /// Sets how long an approval waits and lasts, in milliseconds.
    pub fn set_approval_life_ms(&mut self, life_ms: u64) {
        self.approval_life_ms = life_ms;
    }

    /// How long an approval waits and lasts, in milliseconds. Ten minutes by default.
    #[must_use]
    pub fn approval_life_ms(&self) -> u64 {
        self.approval_life_ms
    }

    /// The operator's word on an action; `None` leaves it to the manifest and the rule files.
    #[must_use]
    pub fn of(&self, action: &ActionId) -> Option<OperatorApproval> {
        self.actions.get(action).copied()
    }

    /// Every word on an action.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&ActionId, OperatorApproval)> {
        self.actions.iter().map(|(id, word)| (id, *word))
    }

    /// Every group with its agents.
    #[must_use]
    pub fn groups(&self) -> &BTreeMap<String, BTreeSet<AgentName>> {
        &self.groups
    }

    /// The groups an agent is in.
    pub(crate) fn groups_of<'a>(&'a self, agent: &AgentName) -> impl Iterator<Item = &'a str> {
        self.groups.iter().filter(move |(_, agents)| agents.contains(agent)).map(|(group, _)| group.as_str())
    }

    /// Name of the time zone.
    #[must_use]
    pub fn timezone(&self) -> &str {
        &self.zone_name
    }

    /// A moment as a person writes it: with an offset (`2026-01-31T09:30:00Z`), or else in the rules' time zone.
    #[must_use]
    pub fn moment(&self, text: &str) -> Option<TimestampMs> {
        let moment = text.parse::<Timestamp>().ok().or_else(|| {
            let there: DateTime = text.parse().ok()?;
            Some(there.to_zoned(self.zone.clone()).ok()?.timestamp())
        })?;
        TimestampMs::try_from(moment.as_millisecond()).ok()
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }
}
