//! What the operator says about actions, over what their plugins ask for.

use std::collections::BTreeMap;

use portcullis_model::ActionId;
use serde::{Deserialize, Serialize};

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

/// The operator's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    actions: BTreeMap<ActionId, OperatorApproval>,
    approval_life_ms: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self { actions: BTreeMap::new(), approval_life_ms: 10 * 60 * 1000 }
    }
}

impl Rules {
    /// Sets the operator's word on an action.
    pub fn set(&mut self, action: ActionId, approval: OperatorApproval) {
        self.actions.insert(action, approval);
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

    /// The operator's word on an action; `None` leaves it to the manifest.
    #[must_use]
    pub fn of(&self, action: &ActionId) -> Option<OperatorApproval> {
        self.actions.get(action).copied()
    }
}
