//! The decision: may this request go, must a person see it, or not at all.

use portcullis_model::{
    Action, AgentName, ApprovalMode, Binding, Code, Effect, Fingerprint, Method, Refusal, RoutedRequest,
};

use crate::approved::ApprovedRequest;
use crate::clock::TimestampMs;
use crate::rules::{OperatorApproval, Rules};

/// How long an unattended request may take from decision to send, in milliseconds.
pub(crate) const AUTOMATIC_LIFE_MS: u64 = 30_000;

/// What was decided.
#[derive(Debug)]
pub enum Decision {
    /// Send it.
    Allowed(ApprovedRequest),
    /// Ask a person first.
    NeedsApproval(PendingRequest),
    /// Do not send it.
    Denied(Refusal),
}

/// A request that waits for a person.
#[derive(Debug)]
pub struct PendingRequest {
    pub(crate) request: RoutedRequest,
    pub(crate) agent: AgentName,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) rule: String,
}

impl PendingRequest {
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
}

enum Verdict {
    Allow,
    Ask,
    Deny,
}

/// Whether an action may run without a person where the operator says nothing. The effect is the plugin's own word,
/// so only a method that is safe by definition (RFC 9110, section 9.2.1) is taken at it.
#[must_use]
pub fn unattended_by_default(action: &Action) -> bool {
    action.approval == ApprovalMode::Automatic
        && action.effect == Effect::Read
        && matches!(action.method, Method::Get | Method::Head)
}

fn rule(binding: &Binding, rules: &Rules) -> (Verdict, String) {
    let id = binding.id();
    let action = binding.action();
    let setting =
        |word: &str| format!("portcullis.toml [ports.{}.actions.{}] approval = \"{word}\"", id.port, id.action);
    match (rules.of(&id), action.approval, action.effect) {
        (Some(OperatorApproval::Deny), ..) => (Verdict::Deny, setting("deny")),
        (Some(OperatorApproval::RequireApproval), ..) => (Verdict::Ask, setting("require_approval")),
        (Some(OperatorApproval::Automatic), ..) => (Verdict::Allow, setting("automatic")),
        (None, ..) if unattended_by_default(action) => (Verdict::Allow, "manifest: automatic read".to_owned()),
        (None, ApprovalMode::Automatic, Effect::Read) => (
            Verdict::Ask,
            format!("default: a {} is approved by a person, whatever its plugin calls it", action.method),
        ),
        (None, ApprovalMode::Automatic, effect) => {
            (Verdict::Ask, format!("default: a {effect} action that declares itself automatic is approved by a person"))
        }
        (None, ApprovalMode::RequireApproval, _) => (Verdict::Ask, "manifest: require_approval".to_owned()),
    }
}

/// Decides about one request of one agent.
#[must_use]
pub fn decide(request: RoutedRequest, agent: AgentName, rules: &Rules, now_ms: TimestampMs) -> Decision {
    let (verdict, rule) = rule(request.binding(), rules);
    match verdict {
        Verdict::Deny => {
            let id = request.binding().id();
            Decision::Denied(
                Refusal::new(Code::Denied, format!("`{id}` is denied by {rule}"))
                    .fix("the operator can change that line in portcullis.toml"),
            )
        }
        Verdict::Ask => {
            let fingerprint = Fingerprint::of(&request, &agent);
            Decision::NeedsApproval(PendingRequest { request, agent, fingerprint, rule })
        }
        Verdict::Allow => {
            let expires = now_ms.saturating_add(AUTOMATIC_LIFE_MS);
            Decision::Allowed(ApprovedRequest::unattended(request, agent, rule, expires))
        }
    }
}
