//! A decision laid open: every rule that made it, what could not be evaluated, and what the rules saw.
//!
//! For the operator: it quotes the input. Nothing is sent and nothing recorded.

use portcullis_model::{AgentName, Digest, RoutedRequest};
use serde::Serialize;
use serde_json::Value;

use crate::judge::{Judgement, Verdict, judge};
use crate::rule_set::RuleSet;
use crate::side::Fired;
use crate::situation::Situation;

/// A decision and where it comes from.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// `allowed`, `needs-approval` or `denied`.
    pub decision: &'static str,
    /// The rules behind it, as an agent or a person is told.
    pub rule: String,
    /// Digest of the set of rules.
    pub policy: Digest,
    /// What rules say about asking for it at all.
    pub invoke: Voices,
    /// What they say about sending it without a person.
    pub unattended: Voices,
    /// Rules that could not be evaluated, and why; with any of them nothing goes unattended.
    pub errors: Vec<String>,
    /// What a rule reads and Cedar cannot hold, and why; with any of it nothing goes unattended.
    pub unheld: Vec<String>,
    /// What rules on trial would have done otherwise.
    pub shadow: Vec<String>,
    /// What the rules saw of the call, in Cedar's JSON form. Only what some rule reads is built.
    pub context: Value,
}

/// The rules that fired about one verb.
#[derive(Debug, Clone, Serialize)]
pub struct Voices {
    /// Whether it is permitted.
    pub permitted: bool,
    /// Those for it.
    pub permits: Vec<String>,
    /// Those against it: one is enough.
    pub forbids: Vec<String>,
}

impl Voices {
    fn new(fired: Fired) -> Self {
        Self { permitted: fired.permitted(), permits: fired.permits, forbids: fired.forbids }
    }
}

/// Decides, and says how. What comes of it is no permit.
#[must_use]
pub fn explain(request: &RoutedRequest, agent: &AgentName, rules: &RuleSet, situation: &Situation<'_>) -> Explanation {
    let Judgement { verdict, rule, shadow, invoke, unattended, seen, .. } = judge(request, agent, rules, situation);
    let mut errors: Vec<String> =
        invoke.errors.iter().chain(&unattended.errors).map(|e| format!("{}: {}", e.rule, e.what)).collect();
    errors.sort_unstable();
    errors.dedup();
    Explanation {
        decision: match verdict {
            Verdict::Allow => "allowed",
            Verdict::Ask => "needs-approval",
            Verdict::Deny => "denied",
        },
        rule,
        policy: rules.digest(),
        invoke: Voices::new(invoke),
        unattended: Voices::new(unattended),
        errors,
        unheld: seen.unheld.iter().map(|u| format!("context.{} {}", u.path.join("."), u.why)).collect(),
        shadow,
        context: seen.context.to_json_value().unwrap_or(Value::Null),
    }
}
