//! The permit to send one exact request. Only this crate can make one.

use portcullis_model::{AgentName, Code, Effect, Fingerprint, Refusal, RoutedRequest};

use crate::approval::{Approval, ApprovalState, ApprovalStore};
use crate::approver::Approver;
use crate::clock::TimestampMs;
use crate::decide::{AUTOMATIC_LIFE_MS, PendingRequest};
use crate::ids::{ApprovalId, StandingId};
use crate::rules::{OperatorApproval, Rules};
use crate::standing::{self, Terms};

/// A request that may be sent once, until it expires. Not `Clone`: a permit that is spent is gone.
#[derive(Debug)]
pub struct ApprovedRequest {
    request: RoutedRequest,
    agent: AgentName,
    fingerprint: Fingerprint,
    rule: String,
    approval: Option<ApprovalId>,
    stand: Option<Stand>,
    expires_ms: TimestampMs,
}

/// A yes that was given in advance.
#[derive(Debug)]
pub(crate) struct Stand {
    pub(crate) id: StandingId,
    /// The rule that would have a person asked.
    pub(crate) asked: String,
}

impl ApprovedRequest {
    pub(crate) fn unattended(request: RoutedRequest, agent: AgentName, rule: String, expires_ms: TimestampMs) -> Self {
        let fingerprint = Fingerprint::of(&request, &agent);
        Self { request, agent, fingerprint, rule, approval: None, stand: None, expires_ms }
    }

    pub(crate) fn stood_for(
        request: RoutedRequest,
        agent: AgentName,
        fingerprint: Fingerprint,
        stand: Stand,
        ends_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> Self {
        let rule = format!("standing approval {} (asked for by {})", stand.id, stand.asked);
        let expires_ms = now_ms.saturating_add(AUTOMATIC_LIFE_MS).min(ends_ms);
        Self { request, agent, fingerprint, rule, approval: None, stand: Some(stand), expires_ms }
    }

    /// The question again that a standing approval answered; otherwise nothing.
    pub(crate) fn into_question(self) -> Option<PendingRequest> {
        let Self { request, agent, fingerprint, stand, .. } = self;
        Some(PendingRequest { request, agent, fingerprint, rule: stand?.asked })
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
        self.stand.as_ref().map(|stand| &stand.id)
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
/// was held, in time, and undecided.
///
/// # Errors
/// `forbidden`, `approval-expired`, `approval-used`, `approval-mismatch`, `denied`, or `audit-unavailable` when the store fails.
pub async fn approve<S: ApprovalStore>(
    store: &S,
    held: &Approval,
    request: RoutedRequest,
    by: &Approver,
    rules: &Rules,
    now_ms: TimestampMs,
) -> Result<ApprovedRequest, Refusal> {
    approve_for(store, held, request, by, rules, now_ms, None).await
}

/// As [`approve`], and where terms come along, the yes stands for other requests too from now on.
///
/// # Errors
/// As [`approve`]; `forbidden` for what destroys, `bad-request` where the terms cannot hold. The approval still waits
/// then.
pub async fn approve_for<S: ApprovalStore>(
    store: &S,
    held: &Approval,
    request: RoutedRequest,
    by: &Approver,
    rules: &Rules,
    now_ms: TimestampMs,
    terms: Option<(StandingId, &Terms)>,
) -> Result<ApprovedRequest, Refusal> {
    if !by.may_approve(&held.agent) {
        return Err(Refusal::new(Code::Forbidden, format!("`{by}` cannot approve what `{}` asks for", held.agent))
            .fix(format!("portcullis approvals approve {}", held.id)));
    }
    still_waits(held, now_ms)?;
    if Fingerprint::of(&request, &held.agent) != held.fingerprint {
        let what = "the plugin, its origin or the request is not what was shown when the approval was asked for";
        return Err(Refusal::new(Code::ApprovalMismatch, what).fix("make the call again and approve what it shows"));
    }
    if rules.of(&request.binding().id()) == Some(OperatorApproval::Deny) {
        return Err(Refusal::new(Code::Denied, format!("`{}` has been denied since", request.binding().id())));
    }
    let stands = terms.map(|(id, terms)| standing::make(id, held, &request, by, terms, now_ms)).transpose()?;
    match store.approve(&held.id, by, now_ms, stands).await {
        Ok(true) => Ok(ApprovedRequest {
            request,
            agent: held.agent.clone(),
            fingerprint: held.fingerprint,
            rule: held.rule.clone(),
            approval: Some(held.id.clone()),
            stand: None,
            expires_ms: held.expires_ms,
        }),
        Ok(false) => {
            let state = store.get(&held.id).await.ok().flatten().map_or(ApprovalState::Executing, |a| a.state);
            Err(if state == ApprovalState::Expired { expired() } else { used(state) })
        }
        Err(error) => Err(Refusal::new(Code::AuditUnavailable, error.to_string())),
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
