//! Proposing: what an agent with that right does with its drafts, and what an operator decides about them.
//!
//! An agent's own drafts are all there are to it. Nothing here sends: a test waits for a person.

use std::sync::Arc;

use portcullis_model::{Code, Detail, Digest, PortSlug, Refusal};
use portcullis_policy::DraftId;
use portcullis_store::{Draft, DraftContent, DraftError, DraftFilter, DraftLine, DraftState};
use serde_json::Value;
use tokio::task::block_in_place;

use super::caller::{Agent, Caller, Operator};
use super::limits::Pass;
use super::service::{Service, unavailable};
use super::wire::{DifferenceView, DraftLineView, DraftView, Outcome, Pending, Plan, Test};
use crate::drafts::{self, Proposal, Trial, refusal, unfit};
use crate::refused::refused_draft;

impl Service {
    /// Makes a draft of an agent's; says what keeps it from being an action.
    ///
    /// # Errors
    /// `forbidden` without the right; `unknown-action` for a port it is not for; `bad-document` for what is no template
    /// or carries a credential; `request-too-large`, `too-many-calls`, `rate-limited`.
    pub async fn create_draft(&self, agent: &Agent, port: &PortSlug, template: &Value) -> Result<DraftView, Refusal> {
        let made = async {
            let _pass = self.to_propose(agent)?;
            if !agent.propose().holds(port) || self.host.manifest(port)?.is_none() {
                return Err(refusal(DraftError::NotAllowed(port.clone()), None));
            }
            let (proposal, problems) = block_in_place(|| self.read(port, template))?;
            let (id, content) = (self.host.new_draft()?, proposal.content);
            let line = self.host.store().create_draft(id, port, agent.name(), content.clone()).await;
            let line = line.map_err(|error| refusal(error, None))?;
            Ok(view(line, content, problems))
        };
        self.told(agent, None, made.await).await
    }

    /// Gives an agent's draft other content. One that was requested is open again.
    ///
    /// # Errors
    /// As [`Self::create_draft`]; `draft-unknown`, or `draft-state` where it was decided.
    pub async fn change_draft(&self, agent: &Agent, id: &DraftId, template: &Value) -> Result<DraftView, Refusal> {
        let changed = async {
            let _pass = self.to_propose(agent)?;
            let port = self.own_draft(agent, id)?.line.port;
            let (proposal, problems) = block_in_place(|| self.read(&port, template))?;
            let content = proposal.content;
            let line = self.host.store().change_draft(id, agent.name(), content.clone()).await;
            let line = line.map_err(|error| refusal(error, Some(id)))?;
            Ok(view(line, content, problems))
        };
        self.told(agent, Some(id), changed.await).await
    }

    /// Holds a draft to every rule of an installed action, and tries its example.
    ///
    /// # Errors
    /// `draft-unknown`, `forbidden`, `rate-limited`; or where the sandbox cannot be used.
    pub async fn validate_draft(&self, agent: &Agent, id: &DraftId) -> Result<DraftView, Refusal> {
        let validated = async {
            let _pass = self.to_propose(agent)?;
            let draft = self.undecided_draft(agent, id)?;
            let problems = match block_in_place(|| drafts::examined(&self.host, &draft))? {
                Ok(_) => Vec::new(),
                Err(problems) => problems,
            };
            Ok(DraftView::new(draft, Some(problems)))
        };
        self.told(agent, Some(id), validated.await).await
    }

    /// Describes a call of a draft and decides about it; with `live`, asks a person to let it go, once.
    ///
    /// # Errors
    /// `bad-document` where it is no action yet; or the refusal of whichever room refused.
    pub async fn test_draft(self: &Arc<Self>, agent: &Agent, id: &DraftId, test: Test) -> Result<Outcome, Refusal> {
        let ready = async {
            let pass = self.to_propose(agent)?;
            let draft = self.undecided_draft(agent, id)?;
            let bound = block_in_place(|| drafts::examined(&self.host, &draft))?.map_err(|found| unfit(id, found))?;
            if test.live {
                self.few_questions(agent.name())?;
            }
            Ok((pass, bound))
        };
        let (pass, bound) = self.told(agent, Some(id), ready.await).await?;
        let input = test.input.to_string();
        if !test.live {
            let trial = Trial { draft: id, bound: &bound, input: &input, agent: agent.name() };
            return Ok(Outcome::DryRun(Plan::from(drafts::dry_run(&self.host, trial)?)));
        }
        let (service, id, agent) = (Arc::clone(self), id.clone(), agent.name().clone());
        let asked = self.apart(async move {
            let trial = Trial { draft: &id, bound: &bound, input: &input, agent: &agent };
            let asked = drafts::ask(&service.host, trial).await;
            drop(pass);
            asked
        });
        Ok(Outcome::Pending(Pending::from(asked.await?)))
    }

    /// Asks an operator to publish an agent's draft, just as it is.
    ///
    /// # Errors
    /// `bad-document` where it is no action yet; `draft-state`; `draft-unknown`.
    pub async fn request_draft(&self, agent: &Agent, id: &DraftId) -> Result<DraftView, Refusal> {
        let requested = async {
            let _pass = self.to_propose(agent)?;
            let draft = self.undecided_draft(agent, id)?;
            block_in_place(|| drafts::examined(&self.host, &draft))?.map_err(|found| unfit(id, found))?;
            let line = self.host.store().request_draft(id, agent.name(), draft.line.digest).await;
            let line = line.map_err(|error| refusal(error, Some(id)))?;
            Ok(DraftView::new(Draft { line, ..draft }, None))
        };
        self.told(agent, Some(id), requested.await).await
    }

    /// Takes an agent's draft back. Its content is gone.
    ///
    /// # Errors
    /// `draft-unknown`; `draft-state` where it was decided.
    pub async fn withdraw_draft(&self, agent: &Agent, id: &DraftId) -> Result<DraftView, Refusal> {
        let withdrawn = async {
            let _pass = self.to_propose(agent)?;
            let line = self.host.store().withdraw_draft(id, agent.name()).await;
            let line = line.map_err(|error| refusal(error, Some(id)))?;
            Ok(DraftView::new(Draft { line, template: None }, None))
        };
        self.told(agent, Some(id), withdrawn.await).await
    }

    /// Drafts in short, newest first: an agent's own, or all for an operator.
    ///
    /// # Errors
    /// `forbidden` for an agent without the right; `rate-limited`.
    pub fn drafts(
        &self,
        caller: &Caller,
        state: Option<DraftState>,
        limit: usize,
    ) -> Result<Vec<DraftLineView>, Refusal> {
        let agent = match caller {
            Caller::Agent(agent) => {
                may_propose(agent)?;
                self.look(agent)?;
                Some(agent.name().clone())
            }
            Caller::Operator(_) => None,
        };
        let lines = self.host.store().drafts(&DraftFilter { state, agent, limit: Some(limit) }).map_err(unavailable)?;
        Ok(lines.into_iter().map(DraftLineView::from).collect())
    }

    /// A draft: an agent's own, or any for an operator.
    ///
    /// # Errors
    /// `draft-unknown`; `forbidden` for an agent without the right; `rate-limited`.
    pub fn draft(&self, caller: &Caller, id: &DraftId) -> Result<DraftView, Refusal> {
        let draft = match caller {
            Caller::Agent(agent) => {
                may_propose(agent)?;
                self.look(agent)?;
                self.own_draft(agent, id)?
            }
            Caller::Operator(_) => drafts::find(&self.host, id)?,
        };
        Ok(DraftView::new(draft, None))
    }

    /// A draft beside what is live under its name.
    ///
    /// # Errors
    /// `draft-unknown`; `draft-state` where it was decided; `bad-document` where it is no action.
    pub fn difference(&self, _: &Operator, id: &DraftId) -> Result<DifferenceView, Refusal> {
        Ok(block_in_place(|| drafts::compared(&self.host, id))?.into())
    }

    /// Makes an action of a draft that was requested, where it says what the operator looked at.
    ///
    /// # Errors
    /// `draft-unknown`, `draft-state`, or `bad-document` where it breaks a rule of what is installed now.
    pub async fn publish_draft(&self, operator: &Operator, id: &DraftId, seen: Digest) -> Result<DraftView, Refusal> {
        self.open()?;
        drafts::publish(&self.host, id, seen, &operator.approver()).await?;
        Ok(DraftView::new(drafts::find(&self.host, id)?, None))
    }

    /// Says no to a draft.
    ///
    /// # Errors
    /// `draft-unknown`, or `draft-state` where it was decided already.
    pub async fn reject_draft(&self, operator: &Operator, id: &DraftId, reason: &str) -> Result<DraftView, Refusal> {
        drafts::reject(&self.host, id, &operator.approver(), reason).await?;
        Ok(DraftView::new(drafts::find(&self.host, id)?, None))
    }

    /// Lets an agent's work on its drafts in, at the rates of calls.
    fn to_propose(&self, agent: &Agent) -> Result<Pass, Refusal> {
        self.open()?;
        may_propose(agent)?;
        self.limits.enter(agent.name(), None)
    }

    /// A template with everything that keeps it from being an action.
    fn read(&self, port: &PortSlug, template: &Value) -> Result<(Proposal, Vec<Detail>), Refusal> {
        let mut proposal = Proposal::read(&template.to_string())?;
        let mut problems = std::mem::take(&mut proposal.problems);
        if problems.is_empty()
            && let Err(found) = drafts::examine(&self.host, port, &proposal.template)?
        {
            problems = found;
        }
        Ok((proposal, problems))
    }

    fn own_draft(&self, agent: &Agent, id: &DraftId) -> Result<Draft, Refusal> {
        let draft = drafts::find(&self.host, id)?;
        if &draft.line.agent == agent.name() { Ok(draft) } else { Err(refusal(DraftError::Unknown, Some(id))) }
    }

    fn undecided_draft(&self, agent: &Agent, id: &DraftId) -> Result<Draft, Refusal> {
        let draft = self.own_draft(agent, id)?;
        if !draft.line.state.is_undecided() {
            return Err(refusal(DraftError::State(draft.line.state), Some(id)));
        }
        if !agent.propose().holds(&draft.line.port) {
            return Err(refusal(DraftError::NotAllowed(draft.line.port), Some(id)));
        }
        Ok(draft)
    }

    /// Records what was refused about drafts, as what was refused about calls.
    async fn told<T>(&self, agent: &Agent, id: Option<&DraftId>, done: Result<T, Refusal>) -> Result<T, Refusal> {
        match done {
            Ok(done) => Ok(done),
            Err(refusal) => Err(match self.limits.worth_noting(agent.name()) {
                None => refusal,
                Some(unnoted) => refused_draft(&self.host, id, agent.name(), refusal, unnoted).await,
            }),
        }
    }
}

fn may_propose(agent: &Agent) -> Result<(), Refusal> {
    if !agent.propose().is_empty() {
        return Ok(());
    }
    Err(Refusal::new(Code::Forbidden, "this agent may not propose actions")
        .fix("ask the operator: `portcullis agent create NAME --propose PORT`"))
}

fn view(line: DraftLine, content: DraftContent, problems: Vec<Detail>) -> DraftView {
    DraftView::new(Draft { line, template: Some(content.template) }, Some(problems))
}
