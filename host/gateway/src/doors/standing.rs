//! What the operator said yes to in advance: seen before it is said, listed, and ended.

use std::sync::Arc;

use portcullis_model::{Code, Latitude, Refusal};
use portcullis_policy::{ApprovalId, Approver, Clock as _, StandingId, Terms, latitude};

use super::caller::Operator;
use super::service::{Service, unavailable};
use super::waiting::find;
use super::wire::StandingView;
use crate::host::Host;

impl Service {
    /// What stands, newest first; with `all`, also what ended and is not forgotten yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standing(&self, _: &Operator, all: bool) -> Result<Vec<StandingView>, Refusal> {
        let now_ms = self.host.clock().now_ms();
        let standing = self.host.store().list_standing(all).map_err(unavailable)?;
        Ok(standing.into_iter().map(|standing| StandingView::new(standing, now_ms)).collect())
    }

    /// Ends a standing approval: the next such request asks a person again.
    ///
    /// # Errors
    /// `approval-unknown`; `approval-used` where it ended before.
    pub async fn end_standing(self: &Arc<Self>, operator: &Operator, id: &StandingId) -> Result<StandingView, Refusal> {
        end(&self.host, id, &operator.approver()).await
    }

    /// What terms would fix and leave open if the approval were given with them. Without free places, the fixed parts
    /// of a body are those that could be free.
    ///
    /// # Errors
    /// `approval-unknown`, `approval-mismatch`; `forbidden` or `bad-request` for terms that cannot hold.
    pub async fn latitude(&self, _: &Operator, id: &ApprovalId, terms: &Terms) -> Result<Latitude, Refusal> {
        let held = find(&self.host, id).await?;
        latitude(&held, &self.host.routed(&held)?, terms)
    }
}

/// Ends one, for a person.
pub(crate) async fn end(host: &Host, id: &StandingId, by: &Approver) -> Result<StandingView, Refusal> {
    let ended = host.store().end_standing(id, by, "revoked").await.map_err(unavailable)?;
    let standing = host.store().standing(id).map_err(unavailable)?;
    let standing = standing.ok_or_else(|| {
        let what = format!("there is no standing approval `{id}`");
        Refusal::new(Code::ApprovalUnknown, what).fix("portcullis approvals standing")
    })?;
    let view = StandingView::new(standing, host.clock().now_ms());
    if ended {
        return Ok(view);
    }
    Err(Refusal::new(Code::ApprovalUsed, format!("the standing approval is `{}` already", view.state))
        .fix("portcullis approvals standing --all"))
}
