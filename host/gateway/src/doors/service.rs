//! What callers can do, whichever door they come through: find, call, wait, and, for an operator, decide.
//!
//! Each method takes the caller it acts for. An agent learns nothing of what it was not granted, nor of other agents'
//! approvals: both read as things that do not exist.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis_model::{ActionId, Code, PortSlug, Preview, Refusal};
use portcullis_policy::{Approval, ApprovalId, ApprovalState, ApprovalStore as _, Approver, Clock as _};
use portcullis_store::{ApprovalFilter, AuditFilter};
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio_util::task::TaskTracker;

use super::caller::{Agent, Caller, Operator};
use super::directory::{Directory, Entry, Latest};
use super::limits::Limits;
use super::once::{self, Before, Key, Turn};
use super::settings::{DoorSettings, MAX_WAIT_MS};
use super::token::{Token, unauthenticated};
use super::waiting::{Decisions, find};
use super::wire::{
    ActionDetail, ActionView, ApprovalLineView, ApprovalView, AuditRowView, Execute, Executed, Outcome, Pending, Plan,
    PortView, RequestView,
};
use crate::answer::Answered;
use crate::host::Host;
use crate::invoke::{self, Invocation, unknown_approval};
use crate::shape::{Kept, ResponseMode, View};

/// The host, as its doors see it.
pub struct Service {
    pub(super) host: Arc<Host>,
    directory: Latest,
    pub(super) limits: Arc<Limits>,
    decisions: Decisions,
    /// Calls run on tasks of their own: a client that goes away leaves nothing half done.
    calls: TaskTracker,
    closing: AtomicBool,
    pub(super) changes: watch::Sender<u64>,
}

impl Service {
    /// Opens the doors of a host.
    #[must_use]
    pub fn new(host: Arc<Host>) -> Arc<Self> {
        let limits = Limits::new(&host.settings().doors.limits);
        Arc::new(Self {
            host,
            directory: Latest::default(),
            limits,
            decisions: Decisions::default(),
            calls: TaskTracker::new(),
            closing: AtomicBool::new(false),
            changes: watch::Sender::new(0),
        })
    }

    /// The host behind the doors.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// `[doors]` of the settings.
    #[must_use]
    pub fn settings(&self) -> &DoorSettings {
        &self.host.settings().doors
    }

    /// Ticks when a plugin is installed, replaced or removed, by whichever process, while [`Self::tend`] runs.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Who holds this token.
    ///
    /// # Errors
    /// `unauthenticated`, in the same words whatever is wrong with it.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, Refusal> {
        let token = Token::read(token)?;
        let record = self.host.store().authenticate(&token.digest()).await.map_err(unavailable)?;
        match record {
            Some(record) if record.kind == token.kind() => Ok(Caller::new(record)),
            _ => Err(unauthenticated()),
        }
    }

    /// The ports that exist for a caller.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ports(&self, caller: &Caller) -> Result<Vec<PortView>, Refusal> {
        let directory = self.directory()?;
        let granted = |slug: &PortSlug, listed: &super::directory::Listed| {
            let ids = listed.manifest.actions().iter().map(|a| ActionId { port: slug.clone(), action: a.slug.clone() });
            ids.filter(|id| may(caller, id)).count()
        };
        let views = directory.ports().map(|(slug, listed)| PortView::new(listed, granted(slug, listed)));
        Ok(views.filter(|view| view.actions > 0 || matches!(caller, Caller::Operator(_))).collect())
    }

    /// The actions of a port that exist for a caller.
    ///
    /// # Errors
    /// `unknown-action` where there is none.
    pub fn actions(&self, caller: &Caller, port: &PortSlug) -> Result<Vec<ActionView>, Refusal> {
        let directory = self.directory()?;
        let entries = directory.entries().iter().filter(|entry| &entry.id().port == port && may(caller, entry.id()));
        let views: Vec<ActionView> = entries
            .map(|entry| ActionView::new(port.as_str(), entry.action(), self.approval_mode(entry)))
            .collect();
        let empty = views.is_empty() && !(matches!(caller, Caller::Operator(_)) && directory.port(port).is_some());
        if empty { Err(unknown_port(port)) } else { Ok(views) }
    }

    /// One action.
    ///
    /// # Errors
    /// `unknown-action` where it does not exist for the caller.
    pub fn action(&self, caller: &Caller, id: &ActionId) -> Result<ActionDetail, Refusal> {
        let directory = self.directory()?;
        let entry = directory.entries().iter().find(|entry| entry.id() == id && may(caller, id));
        let entry = entry.ok_or_else(|| unknown_action(id))?;
        Ok(ActionDetail::new(id.port.as_str(), entry.action(), self.approval_mode(entry)))
    }

    /// Every action that exists for an agent, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tools(&self, agent: &Agent) -> Result<Vec<Arc<Entry>>, Refusal> {
        let directory = self.directory()?;
        Ok(directory.entries().iter().filter(|entry| agent.grants().allow(entry.id())).cloned().collect())
    }

    /// Makes a call, and waits for its approval for as long as was asked. The call goes on when this future is
    /// dropped.
    ///
    /// # Errors
    /// The refusal of whichever room refused; it is in the audit log.
    pub async fn execute(self: &Arc<Self>, agent: &Agent, id: &ActionId, call: Execute) -> Result<Outcome, Refusal> {
        let view = View::new(call.response_mode, call.select.as_deref())?;
        let key = call.idempotency_key.clone().map(Key::parse).transpose()?;
        if !agent.grants().allow(id) {
            return self.refuse(agent, id, unknown_action(id)).await;
        }
        let pass = match self.enter(agent, id).await {
            Ok(pass) => pass,
            Err(refusal) => return self.refuse(agent, id, refusal).await,
        };
        let wait_ms = call.wait_ms();
        let invocation = Invocation { action: id.clone(), input: call.input.to_string(), agent: agent.name().clone() };
        if call.dry_run {
            let plan = invoke::dry_run(&self.host, invocation).await.map_err(|r| disguised(r, id))?;
            return Ok(Outcome::DryRun(Plan::from(plan)));
        }
        let service = Arc::clone(self);
        let done = self.calls.spawn(async move {
            let done = service.call(invocation, key).await;
            drop(pass);
            done
        });
        match done.await.map_err(lost)? {
            Ok((Before::Done { kept }, fresh)) => {
                let mut executed = Executed::new(id.to_string(), &kept, &view);
                (executed.audit, executed.replayed) = (fresh.audit, fresh.replayed);
                Ok(Outcome::Executed(executed))
            }
            Ok((Before::Held { approval }, fresh)) => match fresh.held {
                Some(held) if wait_ms == 0 => Ok(Outcome::Pending(held)),
                _ => self.outcome(agent, &approval, &view, wait_ms).await,
            },
            Ok((Before::Refused { code, message }, _)) => Err(once::refused(&code, message)),
            Err(refusal) => Err(disguised(refusal, id)),
        }
    }

    /// How an agent's own approval stands, after waiting for at most so long.
    ///
    /// # Errors
    /// `approval-unknown` where it is not the agent's; `denied` where a person said no; `approval-expired`;
    /// `outcome-unknown`; or what stopped the send.
    pub async fn outcome(
        &self,
        agent: &Agent,
        id: &ApprovalId,
        view: &View,
        wait_ms: u32,
    ) -> Result<Outcome, Refusal> {
        self.own(agent, id).await?;
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
            ApprovalState::Expired => Err(Refusal::new(Code::ApprovalExpired, format!("nobody decided `{id}` in time"))
                .fix("make the call again")),
            ApprovalState::Failed => Err(once::refused(&reason, format!("`{id}` was approved and failed: {}", shown(&reason)))),
            ApprovalState::Unknown => Err(Refusal::new(Code::OutcomeUnknown, shown(&reason))
                .fix("look at the service whether it was done")),
        }
    }

    /// Takes back an agent's own question. `false` where it was decided already.
    ///
    /// # Errors
    /// `approval-unknown` where it is not the agent's.
    pub async fn withdraw(&self, agent: &Agent, id: &ApprovalId) -> Result<bool, Refusal> {
        self.own(agent, id).await?;
        let by = Approver::Withdrawn(agent.name().clone());
        let now_ms = self.host.clock().now_ms();
        let done = self.host.store().reject(id, "taken back by its agent", &by, now_ms).await.map_err(unavailable)?;
        self.decisions.announce();
        Ok(done)
    }

    /// An approval: an agent's own, or any for an operator, who sees that it was answered, not the answer.
    ///
    /// # Errors
    /// `approval-unknown`.
    pub async fn approval(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        view: &View,
        wait_ms: u32,
    ) -> Result<ApprovalView, Refusal> {
        if let Caller::Agent(agent) = caller {
            self.own(agent, id).await?;
        }
        let held = self.decisions.wait(&self.host, id, wait_ms.min(MAX_WAIT_MS)).await?;
        let outcome = match caller {
            Caller::Agent(_) => self.executed(&held, view),
            Caller::Operator(_) => self.executed(&held, &View { mode: ResponseMode::Ok, select: None }),
        };
        Ok(ApprovalView::new(&held, self.request(&held), outcome))
    }

    /// Approvals, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn approvals(
        &self,
        _: &Operator,
        state: Option<ApprovalState>,
        limit: usize,
    ) -> Result<Vec<ApprovalLineView>, Refusal> {
        let filter = ApprovalFilter { state, limit: Some(limit), ..ApprovalFilter::default() };
        let lines = self.host.store().list_approvals(&filter).await.map_err(unavailable)?;
        Ok(lines.into_iter().map(ApprovalLineView::from).collect())
    }

    /// Says yes, and sends.
    ///
    /// # Errors
    /// As [`invoke::approve`].
    pub async fn approve(self: &Arc<Self>, operator: &Operator, id: &ApprovalId) -> Result<ApprovalView, Refusal> {
        self.send_approved(id, Approver::Token(operator.name().clone())).await?;
        self.approval(&Caller::Operator(operator.clone()), id, &View::default(), 0).await
    }

    /// Says no.
    ///
    /// # Errors
    /// `approval-used` where it was decided already, `approval-unknown`.
    pub async fn reject(&self, operator: &Operator, id: &ApprovalId, reason: &str) -> Result<ApprovalView, Refusal> {
        let by = Approver::Token(operator.name().clone());
        let now_ms = self.host.clock().now_ms();
        let done = self.host.store().reject(id, reason, &by, now_ms).await.map_err(unavailable)?;
        self.decisions.announce();
        let held = find(&self.host, id).await?;
        if done {
            return Ok(ApprovalView::new(&held, self.request(&held), None));
        }
        Err(Refusal::new(Code::ApprovalUsed, format!("the approval is `{}` already", held.state)))
    }

    /// Sends what the agent's own host says a person approved, where the operator allowed that for this agent.
    ///
    /// # Errors
    /// `forbidden` where the operator did not; `approval-unknown`; or as [`invoke::approve`].
    pub async fn approve_by_form(
        self: &Arc<Self>,
        agent: &Agent,
        id: &ApprovalId,
        view: &View,
    ) -> Result<Outcome, Refusal> {
        if !agent.forms() {
            return Err(Refusal::new(Code::Forbidden, "this agent's host may not answer for a person"));
        }
        self.own(agent, id).await?;
        self.send_approved(id, Approver::Form(agent.name().clone())).await?;
        self.outcome(agent, id, view, 0).await
    }

    /// Rows of the audit log, newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn audit(&self, _: &Operator, filter: &AuditFilter) -> Result<Vec<AuditRowView>, Refusal> {
        let rows = tokio::task::block_in_place(|| self.host.store().audit().list(filter)).map_err(unavailable)?;
        Ok(rows.into_iter().map(AuditRowView::from).collect())
    }

    /// Lets nobody in any more; returns when every call that runs is recorded.
    pub async fn drain(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.calls.close();
        self.calls.wait().await;
    }

    /// How many calls run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.calls.len()
    }
}

/// The audit row of the outcome, and whether this is an earlier request's.
#[derive(Default)]
struct Fresh {
    audit: Option<u64>,
    held: Option<Pending>,
    replayed: bool,
}

impl Service {
    fn directory(&self) -> Result<Arc<Directory>, Refusal> {
        self.directory.get(&self.host)
    }

    /// Lets a call in: not while closing, not too often, not too many, and not onto a heap of unanswered questions.
    async fn enter(&self, agent: &Agent, id: &ActionId) -> Result<super::limits::Pass, Refusal> {
        if self.closing.load(Ordering::SeqCst) {
            return Err(Refusal::new(Code::ShuttingDown, "the host is closing its doors").retry_after_ms(5000));
        }
        let pass = self.limits.enter(agent.name(), id)?;
        let most = self.settings().limits.approvals_waiting;
        let filter = ApprovalFilter {
            state: Some(ApprovalState::Pending),
            agent: Some(agent.name().clone()),
            limit: Some(most),
            ..ApprovalFilter::default()
        };
        if self.asks(id)? && self.host.store().list_approvals(&filter).await.map_err(unavailable)?.len() >= most {
            let what = format!("{most} calls of agent `{}` wait for a person already", agent.name());
            return Err(Refusal::new(Code::TooManyCalls, what)
                .retry_after_ms(10_000)
                .fix("wait until some are decided: `portcullis approvals list`"));
        }
        Ok(pass)
    }

    /// Whether an action may need a person.
    fn asks(&self, id: &ActionId) -> Result<bool, Refusal> {
        let directory = self.directory()?;
        let entry = directory.entries().iter().find(|entry| entry.id() == id);
        Ok(entry.is_some_and(|entry| self.approval_mode(entry) != "automatic"))
    }

    fn approval_mode(&self, entry: &Entry) -> &'static str {
        self.host.approval_mode(entry.id(), entry.action())
    }

    /// The call itself, on a task of its own.
    async fn call(&self, invocation: Invocation, key: Option<Key>) -> Result<(Before, Fresh), Refusal> {
        let taken = match key {
            None => None,
            Some(key) => {
                match once::take(&self.host, &invocation.agent, key, &invocation.action, &invocation.input).await? {
                    Turn::First(taken) => Some(taken),
                    Turn::Again(before) => return Ok((before, Fresh { replayed: true, ..Fresh::default() })),
                }
            }
        };
        let answered = invoke::invoke(&self.host, invocation).await;
        if let Some(taken) = taken {
            taken.end(&self.host, &answered).await;
        }
        Ok(match answered? {
            Answered::Done(answer) => {
                let fresh = Fresh { audit: Some(answer.audit), ..Fresh::default() };
                (Before::Done { kept: Box::new(answer.into_kept()) }, fresh)
            }
            Answered::Held(held) => {
                let approval = held.approval.clone();
                (Before::Held { approval }, Fresh { held: Some(Pending::from(held)), ..Fresh::default() })
            }
        })
    }

    async fn send_approved(self: &Arc<Self>, id: &ApprovalId, by: Approver) -> Result<(), Refusal> {
        if self.closing.load(Ordering::SeqCst) {
            return Err(Refusal::new(Code::ShuttingDown, "the host is closing its doors").retry_after_ms(5000));
        }
        let (service, id) = (Arc::clone(self), id.clone());
        let sent = self.calls.spawn(async move {
            let sent = invoke::approve(&service.host, &id, &by).await;
            service.decisions.announce();
            sent
        });
        sent.await.map_err(lost)?.map(drop)
    }

    /// Whether an approval is the agent's own; another's is not there.
    async fn own(&self, agent: &Agent, id: &ApprovalId) -> Result<Approval, Refusal> {
        let held = find(&self.host, id).await?;
        if &held.agent == agent.name() { Ok(held) } else { Err(unknown_approval(id)) }
    }

    fn executed(&self, held: &Approval, view: &View) -> Option<Executed> {
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
            next: super::wire::next(held.id.as_str()),
        }
    }

    fn request(&self, held: &Approval) -> Option<RequestView> {
        self.host.routed(held).ok().map(|request| Preview::new(&request).data().into())
    }

    /// Records what was refused before the rooms saw it.
    async fn refuse(&self, agent: &Agent, id: &ActionId, refusal: Refusal) -> Result<Outcome, Refusal> {
        match self.limits.worth_noting(agent.name()) {
            None => Err(refusal),
            Some(unnoted) => Err(invoke::refused_at_door(&self.host, id, agent.name(), refusal, unnoted).await),
        }
    }
}

fn may(caller: &Caller, id: &ActionId) -> bool {
    match caller {
        Caller::Agent(agent) => agent.grants().allow(id),
        Caller::Operator(_) => true,
    }
}

fn unknown_port(port: &PortSlug) -> Refusal {
    Refusal::new(Code::UnknownAction, format!("there is no port `{port}` for this caller")).fix("list the ports")
}

fn unknown_action(id: &ActionId) -> Refusal {
    Refusal::new(Code::UnknownAction, format!("there is no action `{id}` for this caller")).fix("list the actions")
}

/// An action that is gone reads as one that was never granted.
fn disguised(refusal: Refusal, id: &ActionId) -> Refusal {
    if refusal.code() == Code::UnknownAction { unknown_action(id) } else { refusal }
}

fn shown(text: &str) -> String {
    portcullis_model::Shown::new(text).limit_bytes(1000).to_string()
}

fn unavailable(error: portcullis_policy::StoreError) -> Refusal {
    Refusal::new(Code::AuditUnavailable, error.to_string()).fix("portcullis doctor")
}

/// A call whose task ended without an answer. Its intent, if there is one, stays open and reads as unknown.
fn lost(error: JoinError) -> Refusal {
    Refusal::new(Code::OutcomeUnknown, format!("the call broke off: {error}")).fix("portcullis audit list")
}
