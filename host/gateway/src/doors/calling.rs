//! Calling, and asking later how a call that was held stands.

use std::sync::Arc;

use portcullis_model::{ActionId, AgentName, Code, Preview, Refusal, Shown};
use portcullis_policy::{Approval, ApprovalId, ApprovalState};

use super::caller::Agent;
use super::limits::Pass;
use super::listing::unknown_action;
use super::once::{self, Before, Key, Turn};
use super::service::{Service, unavailable};
use super::settings::MAX_WAIT_MS;
use super::waiting::find;
use super::wire::{self, Execute, Executed, Outcome, Pending, Plan, RequestView};
use crate::answer::Answered;
use crate::invoke::{self, Invocation, unknown_approval};
use crate::refused::refused_at_door;
use crate::shape::{Kept, View};

/// The audit row of the outcome, and whether this is an earlier request's.
#[derive(Default)]
struct Fresh {
    audit: Option<u64>,
    held: Option<Pending>,
    replayed: bool,
}

impl Service {
    /// Makes a call, and waits for its approval for as long as was asked. The call goes on when this future is
    /// dropped.
    ///
    /// # Errors
    /// The refusal of whichever room refused; it is in the audit log.
    pub async fn execute(self: &Arc<Self>, agent: &Agent, id: &ActionId, call: Execute) -> Result<Outcome, Refusal> {
        let view = View::new(call.response_mode, call.select.as_deref())?;
        let key = call.idempotency_key.clone().map(Key::parse).transpose()?;
        if !agent.grants().allow(id) {
            return Err(self.noted(agent.name(), id, unknown_action(id)).await);
        }
        let pass = match self.enter(agent, id) {
            Ok(pass) => pass,
            Err(refusal) => return Err(self.noted(agent.name(), id, refusal).await),
        };
        let wait_ms = call.wait_ms();
        let invocation = Invocation { action: id.clone(), input: call.input.to_string(), agent: agent.name().clone() };
        if call.dry_run {
            let plan = invoke::dry_run(&self.host, invocation).await.map_err(|r| disguised(r, id))?;
            return Ok(Outcome::DryRun(Plan::from(plan)));
        }
        let service = Arc::clone(self);
        let called = self.apart(async move {
            let called = service.call(invocation, key).await;
            drop(pass);
            called
        });
        match called.await {
            Ok((Before::Done { kept }, fresh)) => {
                let mut executed = Executed::new(id.to_string(), &kept, &view);
                (executed.audit, executed.replayed) = (fresh.audit, fresh.replayed);
                Ok(Outcome::Executed(executed))
            }
            Ok((Before::Held { approval }, fresh)) => match fresh.held {
                Some(held) if wait_ms == 0 => Ok(Outcome::Pending(held)),
                _ => {
                    let mut outcome = self.outcome(agent, &approval, &view, wait_ms).await?;
                    if let Outcome::Executed(executed) = &mut outcome {
                        executed.replayed = fresh.replayed;
                    }
                    Ok(outcome)
                }
            },
            Ok((Before::Refused { code, message }, _)) => {
                Err(once::refused(&code, message).fix("a new key makes a new call, and may do it a second time"))
            }
            Err(refusal) => Err(disguised(refusal, id)),
        }
    }

    /// How an agent's own approval stands, after waiting for at most so long.
    ///
    /// # Errors
    /// `approval-unknown` where it is not the agent's; `denied` where a person said no; `approval-expired`;
    /// `outcome-unknown`; or what stopped the send.
    pub async fn outcome(&self, agent: &Agent, id: &ApprovalId, view: &View, wait_ms: u32) -> Result<Outcome, Refusal> {
        self.own(agent, id).await?;
        let _pass = (wait_ms > 0).then(|| self.limits.stand(agent.name())).transpose()?;
        let held = self.decisions.wait(&self.host, id, wait_ms.min(MAX_WAIT_MS)).await?;
        let reason = held.reason.clone().unwrap_or_default();
        match held.state {
            ApprovalState::Executed => self.executed(&held, view).map(Outcome::Executed).ok_or_else(|| {
                Refusal::new(Code::OutcomeUnknown, format!("`{id}` was sent; its answer is not kept any more"))
            }),
            ApprovalState::Pending | ApprovalState::Approved | ApprovalState::Executing => {
                Ok(Outcome::Pending(self.pending(&held)))
            }
            ApprovalState::Rejected => {
                Err(Refusal::new(Code::Denied, format!("a person said no to `{id}`: {}", shown(&reason))))
            }
            ApprovalState::Expired => {
                Err(Refusal::new(Code::ApprovalExpired, format!("nobody decided `{id}` in time"))
                    .fix("make the call again"))
            }
            ApprovalState::Failed => {
                Err(once::refused(&reason, format!("`{id}` was approved and failed: {}", shown(&reason))))
            }
            ApprovalState::Unknown => {
                Err(Refusal::new(Code::OutcomeUnknown, shown(&reason)).fix("look at the service whether it was done"))
            }
        }
    }

    /// Lets a call in: not while closing, not too often, not too many.
    fn enter(&self, agent: &Agent, id: &ActionId) -> Result<Pass, Refusal> {
        self.open()?;
        let known = self.directory()?.entry(id).is_some();
        self.limits.enter(agent.name(), known.then_some(id))
    }

    /// That an agent does not heap up questions. Several calls that run at the same time may pass here together, so
    /// the heap is bounded by both settings' sum.
    fn room_to_ask(&self, agent: &AgentName, id: &ActionId) -> Result<(), Refusal> {
        let directory = self.directory()?;
        let asks = directory.entry(id).is_some_and(|entry| self.approval_mode(entry) != "automatic");
        if asks { self.few_questions(agent) } else { Ok(()) }
    }

    /// That not too many calls of an agent wait for a person.
    pub(super) fn few_questions(&self, agent: &AgentName) -> Result<(), Refusal> {
        let most = self.settings().limits.approvals_waiting;
        if self.host.store().waiting_of(agent).map_err(unavailable)? < most {
            return Ok(());
        }
        let what = format!("{most} calls of agent `{agent}` wait for a person already");
        Err(Refusal::new(Code::TooManyCalls, what)
            .retry_after_ms(10_000)
            .fix("wait until some are decided: `portcullis approvals list`"))
    }

    /// The call itself, on a task of its own.
    async fn call(&self, invocation: Invocation, key: Option<Key>) -> Result<(Before, Fresh), Refusal> {
        let (agent, id) = (invocation.agent.clone(), invocation.action.clone());
        let taken = match key {
            None => None,
            Some(key) => match once::take(&self.host, &agent, key, &id, &invocation.input).await {
                Ok(Turn::First(taken)) => Some(taken),
                Ok(Turn::Again(before)) => return Ok((before, Fresh { replayed: true, ..Fresh::default() })),
                Err(refusal) => return Err(self.noted(&agent, &id, refusal).await),
            },
        };
        // After the key: what was asked before is told again, however many questions wait.
        let answered = match self.room_to_ask(&agent, &id) {
            Ok(()) => invoke::invoke(&self.host, invocation).await,
            Err(refusal) => Err(self.noted(&agent, &id, refusal).await),
        };
        if let Some(taken) = taken {
            taken.end(&self.host, &answered).await;
        }
        Ok(match answered? {
            Answered::Done(answer) => {
                let fresh = Fresh { audit: Some(answer.audit), ..Fresh::default() };
                (Before::Done { kept: Box::new(answer.kept) }, fresh)
            }
            Answered::Held(held) => {
                let approval = held.approval.clone();
                (Before::Held { approval }, Fresh { held: Some(Pending::from(held)), ..Fresh::default() })
            }
        })
    }

    /// Whether an approval is the agent's own; another's is not there.
    pub(super) async fn own(&self, agent: &Agent, id: &ApprovalId) -> Result<Approval, Refusal> {
        let held = find(&self.host, id).await?;
        if &held.agent == agent.name() { Ok(held) } else { Err(unknown_approval(id)) }
    }

    pub(super) fn executed(&self, held: &Approval, view: &View) -> Option<Executed> {
        let kept = Kept::read(held.result.as_deref()?)?;
        let mut executed = Executed::new(held.action.to_string(), &kept, view);
        executed.approval = Some(held.id.to_string());
        Some(executed)
    }

    fn pending(&self, held: &Approval) -> Pending {
        Pending {
            approval: held.id.to_string(),
            action: held.action.to_string(),
            approval_state: held.state.to_string(),
            rule: held.rule.clone(),
            expires_ms: held.expires_ms,
            request: self.request(held),
            next: wire::next(held.id.as_str()),
        }
    }

    pub(super) fn request(&self, held: &Approval) -> Option<RequestView> {
        self.host.routed(held).ok().map(|request| Preview::new(&request).data().into())
    }

    /// Records that an agent asked for what does not exist for it.
    pub(super) async fn not_there(&self, agent: &Agent, id: &ActionId) {
        drop(self.noted(agent.name(), id, unknown_action(id)).await);
    }

    /// Records what was refused before the rooms saw it.
    async fn noted(&self, agent: &AgentName, id: &ActionId, refusal: Refusal) -> Refusal {
        self.host.watching().refused_at_door(refusal.code());
        match self.limits.worth_noting(agent) {
            None => refusal,
            Some(unnoted) => refused_at_door(&self.host, id, agent, refusal, unnoted).await,
        }
    }
}

/// An action that is gone reads as one that was never granted.
fn disguised(refusal: Refusal, id: &ActionId) -> Refusal {
    if refusal.code() == Code::UnknownAction { unknown_action(id) } else { refusal }
}

fn shown(text: &str) -> String {
    Shown::new(text).limit_bytes(1000).to_string()
}
