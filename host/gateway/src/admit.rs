//! From a checked request to a permit whose intent is in the audit log, or to the reason why there is none.
//!
//! A question that a standing approval answers is asked of nobody. Where rules count calls, the calls of one agent are decided one after the other in this process; another process may
//! still send in between, and then it is decided again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use portcullis_model::{AgentName, Code, Refusal, RoutedRequest};
use portcullis_policy::{
    Approval, ApprovedRequest, AuditTicket, Basis, CallId, Clock as _, Decision, DraftId, Opening, PendingRequest,
    RuleSet, Sent, Situation, approved_again, decide, stand_in,
};
use tokio::sync::OwnedMutexGuard;

use crate::host::Host;
use crate::refused::Turned;
use crate::watch::{Decided, Lap, Stopwatch};

/// How often a decision is made again because what it rests on has changed meanwhile. After that a person is asked.
const TRIES: usize = 8;

/// Where a request stands after policy.
pub(crate) enum Admitted {
    /// It may be sent.
    Open(AuditTicket),
    /// A person must see it.
    Held(PendingRequest),
}

/// Decides, and opens the audit log where nobody need be asked.
pub(crate) async fn admit(
    host: &Host,
    call: &CallId,
    mut request: RoutedRequest,
    agent: &AgentName,
    input: &str,
    watch: &mut Stopwatch,
) -> Result<Admitted, Turned> {
    let rules = host.rules_in_force().await?;
    let action = request.binding().id();
    let tier = host.tier(&action.port)?;
    let turn = turn(host, &rules, &request, agent, None).await?;
    let counts = turn.is_some();
    for left in (0..TRIES).rev() {
        let now_ms = host.clock().now_ms();
        let sent = if counts && left > 0 { Some(sent(host, agent, &request, now_ms)?) } else { None };
        let situation = Situation { now_ms, input: Some(input), tier, sent, draft: None };
        let mut decision = decide(request, agent.clone(), &rules, &situation);
        // The last try asks a person: one standing approval after the other may have ended meanwhile.
        if left > 0
            && let Decision::NeedsApproval(pending) = decision
        {
            decision = stood_in(host, pending)?;
        }
        watch.lap(Lap::Policy);
        match decision {
            Decision::Allowed(approved) => {
                watch.decided(if approved.standing().is_some() { Decided::Standing } else { Decided::Automatic });
                if approved.standing().is_some() {
                    // No use is spent where there is no credential.
                    host.egress().ready(approved.request().binding()).await?;
                }
                let (stands, basis) = (approved.standing().is_some(), approved.basis().clone());
                let opened = AuditTicket::try_open(host.store(), call.clone(), approved, host.clock().now_ms()).await?;
                watch.lap(Lap::AuditOpen);
                match opened {
                    Opening::Open(ticket) => {
                        tell_shadow(host, &basis);
                        if stands {
                            host.watching().standing(&action);
                        }
                        return Ok(Admitted::Open(ticket));
                    }
                    Opening::Moved(back) => request = back,
                }
            }
            Decision::NeedsApproval(pending) => {
                watch.decided(Decided::Held);
                tell_shadow(host, pending.basis());
                return Ok(Admitted::Held(pending));
            }
            Decision::Denied(denial) => {
                watch.decided(Decided::Denied);
                tell_shadow(host, &denial.basis);
                return Err(Turned { refusal: denial.refusal, basis: Some(denial.basis), by: None });
            }
        }
    }
    // The last try was made without a count, and a decision that rests on none cannot move.
    Err(Refusal::new(Code::AuditUnavailable, "too many calls at once to count them").fix("make the call again").into())
}

/// The turn of an agent whose calls rules count; nothing where they do not.
pub(crate) async fn turn(
    host: &Host,
    rules: &RuleSet,
    request: &RoutedRequest,
    agent: &AgentName,
    draft: Option<&DraftId>,
) -> Result<Option<OwnedMutexGuard<()>>, Refusal> {
    let tier = host.tier(&request.binding().id().port)?;
    Ok(if counts(rules, request, agent, tier, draft) { Some(host.turns().of(agent).await) } else { None })
}

/// Opens the audit log for what a person approved. A rule that counts calls may have come to deny it by then.
pub(crate) async fn open(
    host: &Host,
    call: &CallId,
    held: &Approval,
    mut approved: ApprovedRequest,
) -> Result<AuditTicket, Refusal> {
    for _ in 0..TRIES {
        match AuditTicket::try_open(host.store(), call.clone(), approved, host.clock().now_ms()).await? {
            Opening::Open(ticket) => return Ok(ticket),
            Opening::Moved(request) => {
                let rules = host.rules_in_force().await?;
                let draft = held.draft.as_ref();
                let situation = situation(host, &rules, &request, &held.agent, held.input.as_deref(), draft)?;
                approved = approved_again(held, request, &rules, &situation)?;
            }
        }
    }
    Err(Refusal::new(Code::AuditUnavailable, "too many calls at once to count them").fix("make the call again"))
}

/// Counts what rules on trial would have done otherwise.
pub(crate) fn tell_shadow(host: &Host, basis: &Basis) {
    for (rule, would) in basis.shadow.iter().filter_map(|note| note.rsplit_once(": ")) {
        host.watching().shadow(rule, would);
    }
}

/// Whether something stands for a question, so that nobody need be asked.
pub(crate) fn stood_in(host: &Host, pending: PendingRequest) -> Result<Decision, Refusal> {
    let standing = host.store().standing_for(pending.agent(), &pending.request().binding().id());
    let standing = standing.map_err(|error| Refusal::new(Code::AuditUnavailable, error.to_string()))?;
    Ok(stand_in(pending, &standing, host.clock().now_ms()))
}

/// The circumstances of a decision that is only looked at, or that a person makes.
pub(crate) fn situation<'a>(
    host: &Host,
    rules: &RuleSet,
    request: &RoutedRequest,
    agent: &AgentName,
    input: Option<&'a str>,
    draft: Option<&'a DraftId>,
) -> Result<Situation<'a>, Refusal> {
    let now_ms = host.clock().now_ms();
    let tier = host.tier(&request.binding().id().port)?;
    let counted = counts(rules, request, agent, tier, draft);
    let sent = counted.then(|| sent(host, agent, request, now_ms)).transpose()?;
    Ok(Situation { now_ms, input, tier, sent, draft })
}

/// Whether calls have to be counted for a decision. About a draft nothing is known beforehand.
fn counts(
    rules: &RuleSet,
    request: &RoutedRequest,
    agent: &AgentName,
    tier: Option<&'static str>,
    draft: Option<&DraftId>,
) -> bool {
    draft.is_some() || rules.reads_sent(request, agent, tier)
}

fn sent(host: &Host, agent: &AgentName, request: &RoutedRequest, now_ms: u64) -> Result<Sent, Refusal> {
    let counted = host.store().sent(agent, &request.binding().id(), now_ms);
    counted.map_err(|error| Refusal::new(Code::AuditUnavailable, error.to_string()).fix("portcullis doctor"))
}

/// One turn after the other for each agent whose calls are counted.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<AgentName, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    async fn of(&self, agent: &AgentName) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(agent.clone()).or_default().clone()
        };
        turn.lock_owned().await
    }
}
