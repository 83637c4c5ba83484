//! One measured figure and what it may be.

use serde::Serialize;

/// What a figure may be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Budget {
    AtMost(f64),
    AtLeast(f64),
    /// Reported only.
    None,
}

/// A figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) budget: Budget,
    pub(crate) measured: f64,
    /// `x` for a ratio; else the unit.
    pub(crate) unit: &'static str,
    /// What was measured beside it in the same run, and the noise of both.
    pub(crate) baseline: String,
}

impl Figure {
    /// Whether the budget is met; `None` where there is none.
    pub(crate) fn met(&self) -> Option<bool> {
        match self.budget {
            Budget::AtMost(limit) => Some(self.measured <= limit),
            Budget::AtLeast(limit) => Some(self.measured >= limit),
            Budget::None => None,
        }
    }
}
