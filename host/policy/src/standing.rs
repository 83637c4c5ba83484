//! Standing approvals: a person's yes to one request that also covers, for a time or a number of uses, requests that
//! differ from it in named places of the body only.
//!
//! Made only together with the yes they come from, never for what destroys, and never by an agent's own host. They turn
//! a question into a yes; what the rules deny they cannot allow.

use std::fmt;

use portcullis_model::{
    Action, ActionId, AgentName, Code, Digest, Effect, FreePlaces, Latitude, Method, Refusal, RoutedRequest, Seal,
};
use serde::{Serialize, Serializer};

use crate::approval::Approval;
use crate::approved::ApprovedRequest;
use crate::approver::Approver;
use crate::clock::TimestampMs;
use crate::decide::{Decision, PendingRequest};
use crate::ids::{ApprovalId, StandingId};
use crate::judge::Judgement;

/// How long one stands where only a number of uses was said.
const USUAL_LIFE_MS: u64 = 24 * 3600 * 1000;

/// Longest life: after a week a person looks again.
pub const LONGEST_LIFE_MS: u64 = 7 * USUAL_LIFE_MS;

/// Most uses.
pub const MOST_USES: u32 = 10_000;

/// What a person wants to allow beyond the one request, as said and not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// For how long, in milliseconds.
    pub life_ms: Option<u64>,
    /// For how many requests more.
    pub uses: Option<u32>,
    /// Which places of the body may differ.
    pub free: Vec<String>,
}

/// A standing approval that is to be kept. Only this crate makes one.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields of `StandingApproval`")]
pub struct NewStanding {
    pub id: StandingId,
    pub agent: AgentName,
    pub action: ActionId,
    pub digest: Digest,
    pub seal: Seal,
    pub free: FreePlaces,
    pub request: String,
    pub rule: String,
    pub question: Digest,
    pub approval: ApprovalId,
    pub created_ms: TimestampMs,
    pub expires_ms: TimestampMs,
    pub uses: Option<u32>,
}

/// A standing approval as stored.
#[derive(Debug, Clone)]
pub struct StandingApproval {
    /// Its name.
    pub id: StandingId,
    /// For whom.
    pub agent: AgentName,
    /// Which action.
    pub action: ActionId,
    /// Component at that time.
    pub digest: Digest,
    /// The seal on every request it covers.
    pub seal: Seal,
    /// Which places of the body may differ.
    pub free: FreePlaces,
    /// Method and URL, for people.
    pub request: String,
    /// The rules that had asked, in words.
    pub rule: String,
    /// The same by name and text. What other rules ask, or the same ones once they were changed, is another question.
    pub question: Digest,
    /// The approval it came with, which holds the whole request.
    pub approval: ApprovalId,
    /// Who made it, as the audit log writes it.
    pub by: String,
    /// When it was made.
    pub created_ms: TimestampMs,
    /// When it ends.
    pub expires_ms: TimestampMs,
    /// How many requests it covers still; `None` where they are not counted.
    pub uses_left: Option<u64>,
    /// How many requests it has covered.
    pub uses: u64,
    /// When it covered the last one.
    pub last_used_ms: Option<TimestampMs>,
    /// How it was ended before its time.
    pub revoked: Option<Revoked>,
}

/// The end of a standing approval before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// When.
    pub at_ms: TimestampMs,
    /// By whom, as the audit log writes it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// How a standing approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StandingState {
    /// It covers requests.
    Live,
    /// Its time is over.
    Expired,
    /// It covered as many as it was for.
    UsedUp,
    /// It was ended.
    Revoked,
}

impl StandingState {
    /// The state as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Expired => "expired",
            Self::UsedUp => "used-up",
            Self::Revoked => "revoked",
        }
    }
}

impl fmt::Display for StandingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for StandingState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl StandingApproval {
    /// How it stands at this time.
    #[must_use]
    pub fn state(&self, now_ms: TimestampMs) -> StandingState {
        if self.revoked.is_some() {
            StandingState::Revoked
        } else if self.uses_left == Some(0) {
            StandingState::UsedUp
        } else if now_ms >= self.expires_ms {
            StandingState::Expired
        } else {
            StandingState::Live
        }
    }

    fn covers(&self, pending: &PendingRequest, now_ms: TimestampMs) -> bool {
        let binding = pending.request.binding();
        self.state(now_ms) == StandingState::Live
            && may_stand(binding.action())
            && self.agent == pending.agent
            && self.action == binding.id()
            && self.digest == binding.digest()
            && Some(self.question) == pending.question
            && Seal::of(&pending.request, &pending.agent, &self.free) == Some(self.seal)
    }
}

/// Whether a person may say yes to an action in advance. What destroys is looked at each time, and a `DELETE` destroys
/// whatever its plugin calls it (RFC 9110, section 9.3.5).
#[must_use]
pub fn may_stand(action: &Action) -> bool {
    action.effect != Effect::Destructive && action.method != Method::Delete
}

/// What these terms would fix and leave open if an approval were given with them, for a person to see first.
///
/// # Errors
/// `forbidden` for what destroys and for a test of a draft, `bad-request` where the terms cannot hold.
pub fn latitude(held: &Approval, request: &RoutedRequest, terms: &Terms) -> Result<Latitude, Refusal> {
    if held.draft.is_some() {
        return Err(not_for_drafts());
    }
    let (free, _) = check(request, terms)?;
    Ok(Latitude::new(request, &held.agent, &free))
}

/// A person looks at each request of what is not installed.
pub(crate) fn not_for_drafts() -> Refusal {
    Refusal::new(Code::Forbidden, "a test of a draft is approved once, and never in advance")
        .fix("approve this one request only")
}

/// Makes the standing approval that goes with a yes.
///
/// # Errors
/// `forbidden` for what destroys or for whoever may not, `bad-request` where the terms cannot hold.
pub(crate) fn make(
    id: StandingId,
    held: &Approval,
    request: &RoutedRequest,
    by: &Approver,
    terms: &Terms,
    judged: &Judgement,
    now_ms: TimestampMs,
) -> Result<NewStanding, Refusal> {
    if !by.may_stand() {
        return Err(Refusal::new(Code::Forbidden, format!("`{by}` can approve one request, and none in advance"))
            .fix(format!("portcullis approvals approve {} --for 30m", held.id)));
    }
    let (free, life_ms) = check(request, terms)?;
    // The person read which rules asked; a yes to what others ask would be a yes to what nobody read.
    let question = judged.question.filter(|_| judged.rule == held.rule).ok_or_else(|| {
        Refusal::new(Code::BadRequest, "other rules decide about this now than when it was asked")
            .fix("approve this one request only, or make the call again")
    })?;
    let seal = Seal::of(request, &held.agent, &free)
        .ok_or_else(|| Refusal::new(Code::BadRequest, "the body cannot be compared with another"))?;
    Ok(NewStanding {
        id,
        agent: held.agent.clone(),
        action: request.binding().id(),
        digest: request.binding().digest(),
        seal,
        free,
        request: format!("{} {}", request.method(), request.url()),
        rule: held.rule.clone(),
        question,
        approval: held.id.clone(),
        created_ms: now_ms,
        expires_ms: now_ms.saturating_add(life_ms),
        uses: terms.uses,
    })
}

fn check(request: &RoutedRequest, terms: &Terms) -> Result<(FreePlaces, u64), Refusal> {
    let action = request.binding().action();
    if !may_stand(action) {
        let what = format!(
            "`{}` may destroy something (it is `{}` and sends {}), so a person approves each request",
            request.binding().id(),
            action.effect,
            action.method
        );
        return Err(Refusal::new(Code::Forbidden, what).fix("approve this one request only"));
    }
    let bad = |what: &str| Refusal::new(Code::BadRequest, what).fix("say such as 30 minutes, 5 uses, or both");
    if terms.life_ms.is_none() && terms.uses.is_none() {
        return Err(bad("a standing approval needs an end: expected a time, a number of uses, or both"));
    }
    if terms.uses.is_some_and(|uses| !(1..=MOST_USES).contains(&uses)) {
        return Err(bad(&format!("expected 1 to {MOST_USES} uses")));
    }
    let life_ms = terms.life_ms.unwrap_or(USUAL_LIFE_MS);
    if !(1..=LONGEST_LIFE_MS).contains(&life_ms) {
        return Err(bad("expected a time of at most 7 days"));
    }
    Ok((FreePlaces::of(request, &terms.free)?, life_ms))
}

/// Answers a question with a standing approval that covers it; otherwise it stays a question. The use is spent when the
/// intent is written.
#[must_use]
pub fn stand_in(pending: PendingRequest, standing: &[StandingApproval], now_ms: TimestampMs) -> Decision {
    match standing.iter().find(|standing| standing.covers(&pending, now_ms)) {
        Some(found) => {
            Decision::Allowed(ApprovedRequest::stood_for(pending, found.id.clone(), found.expires_ms, now_ms))
        }
        None => Decision::NeedsApproval(pending),
    }
}
