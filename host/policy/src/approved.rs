//! The permit to send one exact request. Only this crate can make one.

use portcullis_model::{AgentName, Code, Effect, Fingerprint, Refusal, RoutedRequest};

use crate::approval::{Approval, ApprovalState, ApprovalStore};
use crate::approver::Approver;
use crate::clock::TimestampMs;
use crate::decide::{AUTOMATIC_LIFE_MS, Basis, PendingRequest, denied};
use crate::ids::{ApprovalId, DraftId, StandingId};
use crate::judge::{Judgement, Verdict, judge};
use crate::rule_set::RuleSet;
use crate::situation::{Sent, Situation};
use crate::standing::{self, Terms};

/// A request that may be sent once, until it expires. Not `Clone`: a permit that is spent is gone.
#[derive(Debug)]
pub struct ApprovedRequest {
    request: RoutedRequest,
    agent: AgentName,
    fingerprint: Fingerprint,
    rule: String,
    approval: Option<ApprovalId>,
    stand: Option<StandingId>,
    expires_ms: TimestampMs,
    basis: Basis,
    sent: Option<Sent>,
    draft: Option<DraftId>,
}

impl ApprovedRequest {
    pub(crate) fn unattended(
        request: RoutedRequest,
        agent: AgentName,
        rule: String,
        expires_ms: TimestampMs,
        basis: Basis,
        sent: Option<Sent>,
    ) -> Self {
        let fingerprint = Fingerprint::of(&request, &agent);
        Self { request, agent, fingerprint, rule, approval: None, stand: None, expires_ms, basis, sent, draft: None }
    }

    /// A permit for a question that a standing approval answers.
    pub(crate) fn stood_for(
        pending: PendingRequest,
        stand: StandingId,
        ends_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> Self {
        let PendingRequest { request, agent, fingerprint, rule, basis, sent, .. } = pending;
        let rule = format!("standing approval {stand} (asked for by {rule})");
        let expires_ms = now_ms.saturating_add(AUTOMATIC_LIFE_MS).min(ends_ms);
        let stand = Some(stand);
        Self { request, agent, fingerprint, rule, approval: None, stand, expires_ms, basis, sent, draft: None }
    }

    /// The request back, where the permit came to nothing.
    pub(crate) fn into_request(self) -> RoutedRequest {
        self.request
    }

    /// What will be sent.
    #[must_use]
    pub fn request(&self) -> &RoutedRequest {
        &self.request
    }

    /// For whom.
    #[must_use]
    pub fn agent(&self) -> &AgentName {
        &self.agent
    }

    /// The seal on it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The rule that let it through.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The approval it spends, if a person gave one.
    #[must_use]
    pub fn approval(&self) -> Option<&ApprovalId> {
        self.approval.as_ref()
    }

    /// The standing approval it uses, if one stood in for a person.
    #[must_use]
    pub fn standing(&self) -> Option<&StandingId> {
        self.stand.as_ref()
    }

    /// The draft that it tries.
    #[must_use]
    pub fn draft(&self) -> Option<&DraftId> {
        self.draft.as_ref()
    }

    /// By which rules it was decided.
    #[must_use]
    pub fn basis(&self) -> &Basis {
        &self.basis
    }

    /// How many calls were sent when it was let through, if that mattered.
    #[must_use]
    pub fn sent(&self) -> Option<Sent> {
        self.sent
    }

    /// Whether sending it changes something.
    #[must_use]
    pub fn changes_something(&self) -> bool {
        self.request.binding().action().effect != Effect::Read
    }

    /// The permit's last moment.
    ///
    /// # Errors
    /// `approval-expired` when that is past.
    pub fn still_good(&self, now_ms: TimestampMs) -> Result<(), Refusal> {
        if now_ms < self.expires_ms { Ok(()) } else { Err(expired()) }
    }
}

fn expired() -> Refusal {
    Refusal::new(Code::ApprovalExpired, "the approval's time is over").fix("make the call again")
}

/// That an approval still waits for its answer.
///
/// # Errors
/// `approval-expired` or `approval-used`.
pub fn still_waits(held: &Approval, now_ms: TimestampMs) -> Result<(), Refusal> {
    match held.state {
        ApprovalState::Pending if now_ms < held.expires_ms => Ok(()),
        ApprovalState::Pending | ApprovalState::Expired => Err(expired()),
        state => Err(used(state)),
    }
}

/// Turns a person's yes into a permit: the request, made again from what the person saw, must be the very one that
/// was held, in time, undecided, and not denied by the rules that hold now.
///
/// # Errors
/// `forbidden`, `approval-expired`, `approval-used`, `approval-mismatch`, `denied`, or `audit-unavailable` when the store fails.
pub async fn approve<S: ApprovalStore>(
    store: &S,
    held: &Approval,
    request: RoutedRequest,
    by: &Approver,
    rules: &RuleSet,
    situation: &Situation<'_>,
) -> Result<ApprovedRequest, Refusal> {
    approve_for(store, held, request, by, rules, situation, None).await
}

/// As [`approve`], and where terms come along, the yes stands for other requests too from now on.
///
/// # Errors
/// As [`approve`]; `forbidden` for what destroys and for a test of a draft, `bad-request` where the terms cannot hold. The approval still waits
/// then.
pub async fn approve_for<S: ApprovalStore>(
    store: &S,
    held: &Approval,
    request: RoutedRequest,
    by: &Approver,
    rules: &RuleSet,
    situation: &Situation<'_>,
    terms: Option<(StandingId, &Terms)>,
) -> Result<ApprovedRequest, Refusal> {
    if !by.may_approve(&held.agent) {
        return Err(Refusal::new(Code::Forbidden, format!("`{by}` cannot approve what `{}` asks for", held.agent))
            .fix(format!("portcullis approvals approve {}", held.id)));
    }
    if held.draft.is_some() && !by.may_decide_drafts() {
        return Err(Refusal::new(Code::Forbidden, format!("`{by}` cannot approve a test of a draft"))
            .fix(format!("portcullis approvals approve {}", held.id)));
    }
    if held.draft.is_some() && terms.is_some() {
        return Err(standing::not_for_drafts());
    }
    let now_ms = situation.now_ms;
    still_waits(held, now_ms)?;
    if Fingerprint::of(&request, &held.agent) != held.fingerprint {
        let what = "the plugin, its origin or the request is not what was shown when the approval was asked for";
        return Err(Refusal::new(Code::ApprovalMismatch, what).fix("make the call again and approve what it shows"));
    }
    let judged = judge(&request, &held.agent, rules, &of_held(held, situation));
    if judged.verdict == Verdict::Deny {
        return Err(denied(&request, &judged.rule));
    }
    let stands = match terms {
        Some((id, terms)) => Some(standing::make(id, held, &request, by, terms, &judged, now_ms)?),
        None => None,
    };
    match store.approve(&held.id, by, now_ms, stands).await {
        Ok(true) => Ok(permit(held, request, rules, judged, situation)),
        Ok(false) => {
            let state = store.get(&held.id).await.ok().flatten().map_or(ApprovalState::Executing, |a| a.state);
            Err(if state == ApprovalState::Expired { expired() } else { used(state) })
        }
        Err(error) => Err(Refusal::new(Code::AuditUnavailable, error.to_string())),
    }
}

/// The permit once more for what a person approved, where the calls that were counted have become more since. It is worth
/// nothing unless a yes is on record that was not spent: the intent's own transaction looks.
///
/// # Errors
/// `denied` by the rules that hold now.
pub fn approved_again(
    held: &Approval,
    request: RoutedRequest,
    rules: &RuleSet,
    situation: &Situation<'_>,
) -> Result<ApprovedRequest, Refusal> {
    let judged = judge(&request, &held.agent, rules, &of_held(held, situation));
    match judged.verdict {
        Verdict::Deny => Err(denied(&request, &judged.rule)),
        _ => Ok(permit(held, request, rules, judged, situation)),
    }
}

/// A situation with what the approval knows of its call.
fn of_held<'a>(held: &'a Approval, situation: &Situation<'a>) -> Situation<'a> {
    Situation { input: held.input.as_deref(), draft: held.draft.as_ref(), ..*situation }
}

fn permit(
    held: &Approval,
    request: RoutedRequest,
    rules: &RuleSet,
    judged: Judgement,
    situation: &Situation<'_>,
) -> ApprovedRequest {
    ApprovedRequest {
        fingerprint: Fingerprint::of(&request, &held.agent),
        request,
        agent: held.agent.clone(),
        rule: held.rule.clone(),
        approval: Some(held.id.clone()),
        stand: None,
        expires_ms: held.expires_ms,
        basis: Basis { policy: rules.digest(), shadow: judged.shadow },
        sent: situation.sent.filter(|_| judged.rests_on_sent),
        draft: held.draft.clone(),
    }
}

/// What was sent, or perhaps sent, or refused by a person is not to be asked for again just so.
fn used(state: ApprovalState) -> Refusal {
    let refusal = Refusal::new(Code::ApprovalUsed, format!("the approval is `{state}` already"));
    match state {
        ApprovalState::Failed | ApprovalState::Expired => refusal.fix("make the call again"),
        _ => refusal.fix("portcullis approvals list --all"),
    }
}
