//! Deciding: the operator's yes and no, an agent's taking back of its own question.

use std::sync::Arc;

use portcullis_model::{Code, Refusal};
use portcullis_policy::{ApprovalId, ApprovalState, ApprovalStore as _, Approver, Clock as _, Terms};
use portcullis_store::ApprovalFilter;

use super::caller::{Agent, Caller, Operator};
use super::service::{Service, unavailable};
use super::settings::MAX_WAIT_MS;
use super::waiting::find;
use super::wire::{ApprovalLineView, ApprovalView, Outcome};
use crate::invoke;
use crate::shape::{ResponseMode, View};

impl Service {
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
        let mut _pass = None;
        if let Caller::Agent(agent) = caller {
            self.limits.look(agent.name())?;
            self.own(agent, id).await?;
            _pass = (wait_ms > 0).then(|| self.limits.stand(agent.name())).transpose()?;
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

    /// Says yes, and sends; with terms, says yes to requests like it in advance.
    ///
    /// # Errors
    /// As [`invoke::approve_for`].
    pub async fn approve(
        self: &Arc<Self>,
        operator: &Operator,
        id: &ApprovalId,
        terms: Option<Terms>,
    ) -> Result<ApprovalView, Refusal> {
        self.send_approved(id, operator.approver(), terms).await?;
        self.approval(&Caller::Operator(operator.clone()), id, &View::default(), 0).await
    }

    /// Says no.
    ///
    /// # Errors
    /// `approval-used` where it was decided already, `approval-unknown`.
    pub async fn reject(&self, operator: &Operator, id: &ApprovalId, reason: &str) -> Result<ApprovalView, Refusal> {
        let by = operator.approver();
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
        self.send_approved(id, Approver::Form(agent.name().clone()), None).await?;
        self.outcome(agent, id, view, 0).await
    }

    async fn send_approved(
        self: &Arc<Self>,
        id: &ApprovalId,
        by: Approver,
        terms: Option<Terms>,
    ) -> Result<(), Refusal> {
        self.open()?;
        let (service, id) = (Arc::clone(self), id.clone());
        let sent = self.apart(async move {
            let sent = invoke::approve_for(&service.host, &id, &by, terms.as_ref()).await;
            service.decisions.announce();
            sent
        });
        sent.await.map(drop)
    }
}
