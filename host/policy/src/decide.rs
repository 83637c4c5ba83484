//! The decision: may this request go, must a person see it, or not at all.

use portcullis_model::{
    Action, AgentName, ApprovalMode, Code, Digest, Effect, Fingerprint, Method, Refusal, RoutedRequest,
};

use crate::approved::ApprovedRequest;
use crate::clock::TimestampMs;
use crate::ids::DraftId;
use crate::judge::{Judgement, Verdict, judge};
use crate::room_times::RoomTimes;
use crate::rule_set::RuleSet;
use crate::situation::{Sent, Situation};

/// How long an unattended request may take from decision to send, in milliseconds.
pub(crate) const AUTOMATIC_LIFE_MS: TimestampMs = 30_000;

/// What was decided.
#[derive(Debug)]
pub enum Decision {
    /// Send it.
    Allowed(ApprovedRequest),
    /// Ask a person first.
    NeedsApproval(PendingRequest),
    /// Do not send it.
    Denied(Denial),
}

/// By which rules something was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Digest of the set of rules.
    pub policy: Digest,
    /// What rules on trial would have done otherwise.
    pub shadow: Vec<String>,
}

/// A no.
#[derive(Debug)]
pub struct Denial {
    /// What the agent is told.
    pub refusal: Refusal,
    /// By which rules.
    pub basis: Basis,
}

/// A request that waits for a person.
#[derive(Debug)]
pub struct PendingRequest {
    pub(crate) request: RoutedRequest,
    pub(crate) agent: AgentName,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) rule: String,
    pub(crate) basis: Basis,
    pub(crate) input: Option<String>,
    pub(crate) rooms_us: RoomTimes,
    /// What it is that is asked.
    pub(crate) question: Option<Digest>,
    /// How many calls were sent when it was decided, if that mattered.
    pub(crate) sent: Option<Sent>,
    /// The draft that is tried.
    pub(crate) draft: Option<DraftId>,
}

impl PendingRequest {
    /// Says how long the call was in each room until now, for the record.
    pub fn timed(&mut self, rooms_us: RoomTimes) {
        self.rooms_us = rooms_us;
    }

    /// What would be sent.
    #[must_use]
    pub fn request(&self) -> &RoutedRequest {
        &self.request
    }

    /// Who asks.
    #[must_use]
    pub fn agent(&self) -> &AgentName {
        &self.agent
    }

    /// Which rule wants a person to see it.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// What an approval will be bound to.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// By which rules it was decided.
    #[must_use]
    pub fn basis(&self) -> &Basis {
        &self.basis
    }
}

/// Whether an action may run without a person where the operator says nothing. The effect is the plugin's own word,
/// so only a method that is safe by definition (RFC 9110, section 9.2.1) is taken at it.
#[must_use]
pub fn unattended_by_default(action: &Action) -> bool {
    action.approval == ApprovalMode::Automatic
        && action.effect == Effect::Read
        && matches!(action.method, Method::Get | Method::Head)
}

/// Decides about one request of one agent. A test of a draft waits for a person wherever it is not denied.
#[must_use]
pub fn decide(request: RoutedRequest, agent: AgentName, rules: &RuleSet, situation: &Situation<'_>) -> Decision {
    let Judgement { verdict, rule, question, shadow, rests_on_sent, .. } = judge(&request, &agent, rules, situation);
    let basis = Basis { policy: rules.digest(), shadow };
    let sent = situation.sent.filter(|_| rests_on_sent);
    match verdict {
        Verdict::Deny => Decision::Denied(Denial { refusal: denied(&request, &rule), basis }),
        Verdict::Ask => {
            let fingerprint = Fingerprint::of(&request, &agent);
            let input = situation.input.map(str::to_owned);
            Decision::NeedsApproval(PendingRequest {
                request,
                agent,
                fingerprint,
                rule,
                basis,
                input,
                rooms_us: RoomTimes::default(),
                question,
                sent,
                draft: situation.draft.cloned(),
            })
        }
        Verdict::Allow => {
            let expires = situation.now_ms.saturating_add(AUTOMATIC_LIFE_MS);
            Decision::Allowed(ApprovedRequest::unattended(request, agent, rule, expires, basis, sent))
        }
    }
}

/// The refusal of what rules deny.
pub(crate) fn denied(request: &RoutedRequest, rule: &str) -> Refusal {
    let id = request.binding().id();
    let fix = if rule.starts_with("portcullis.toml") {
        "the operator can change that line in portcullis.toml".to_owned()
    } else {
        format!("the operator can look into it: portcullis policy explain {id}")
    };
    Refusal::new(Code::Denied, format!("`{id}` is denied by {rule}")).fix(fix)
}
