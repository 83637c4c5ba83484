//! Waiting for a person, with signs of life for the client.
//!
//! A client that takes its call back takes the question back. One whose connection or host merely ends does not: the
//! person may still decide, and the agent fetches the outcome later.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_model::{Code, Refusal};
use portcullis_policy::ApprovalId;
use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use tokio_util::sync::CancellationToken;

use super::elicit::{Asked, Question};
use crate::doors::wire::{Outcome, Pending};
use crate::doors::{Agent, MAX_WAIT_MS, Service};
use crate::shape::View;

/// Time between two signs of life.
const BEAT: Duration = Duration::from_secs(2);

/// A wait.
pub(super) struct Wait<'a> {
    pub(super) service: &'a Arc<Service>,
    pub(super) closing: &'a CancellationToken,
    pub(super) agent: &'a Agent,
    pub(super) context: &'a RequestContext<RoleServer>,
    pub(super) id: &'a ApprovalId,
    pub(super) view: &'a View,
    pub(super) wait_ms: u32,
    /// The request that waits is the call itself: cancelling it takes the question back.
    pub(super) own_call: bool,
}

impl Wait<'_> {
    /// Waits until a person decided and, if they said yes, the call has ended; or until the time is over.
    pub(super) async fn until_decided(&self, question: Option<Question>) -> Result<Outcome, Refusal> {
        let mut asked = match question {
            Some(question) => question.put(&self.context.peer).await,
            None => None,
        };
        let done = self.decided(&mut asked).await;
        if let Some(asked) = asked {
            asked.end(&self.context.peer, self.id).await;
        }
        done
    }

    async fn decided(&self, asked: &mut Option<Asked>) -> Result<Outcome, Refusal> {
        let begun = Instant::now();
        let wait = Duration::from_millis(u64::from(self.wait_ms.min(MAX_WAIT_MS)));
        loop {
            let left = wait.saturating_sub(begun.elapsed());
            let beat = u32::try_from(left.min(BEAT).as_millis()).unwrap_or(0);
            let outcome = tokio::select! {
                biased;
                () = self.context.ct.cancelled() => return self.given_up().await,
                () = self.closing.cancelled() => return self.now().await,
                () = Asked::yes(asked.as_mut()) => {
                    return self.service.approve_by_form(self.agent, self.id, self.view).await;
                }
                outcome = self.service.outcome(self.agent, self.id, self.view, beat) => outcome,
            };
            let outcome = match outcome {
                // Too many of this agent's requests wait already: this one does not, and its question stays.
                Err(refusal) if refusal.code() == Code::TooManyCalls => return self.now().await,
                outcome => outcome?,
            };
            match outcome {
                Outcome::Pending(pending) if beat > 0 => self.alive(&pending, begun.elapsed()).await,
                outcome => return Ok(outcome),
            }
        }
    }

    /// The client does not want the call any more. What is being sent is finished and recorded all the same.
    async fn given_up(&self) -> Result<Outcome, Refusal> {
        if self.own_call && self.service.withdraw(self.agent, self.id).await? {
            tracing::debug!(approval = %self.id, "taken back by its agent");
        }
        self.now().await
    }

    async fn now(&self) -> Result<Outcome, Refusal> {
        self.service.outcome(self.agent, self.id, self.view, 0).await
    }

    async fn alive(&self, pending: &Pending, since: Duration) {
        let Some(token) = self.context.meta.get_progress_token() else { return };
        let what = if pending.approval_state == "pending" { "waits for a person" } else { "is being sent" };
        let progress = ProgressNotificationParam::new(token, since.as_secs_f64())
            .with_message(format!("{} {what} ({})", pending.action, self.id));
        if self.context.peer.notify_progress(progress).await.is_err() {
            tracing::debug!("a client went away while its call waits");
        }
    }
}
