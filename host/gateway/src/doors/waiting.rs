//! Waiting for a person: until an approval is decided and, if the answer was yes, until its call has ended.
//!
//! Another process may decide it, so the store is looked at now and then; what this process decides wakes at once.

use std::time::{Duration, Instant};

use portcullis_model::{Code, Refusal};
use portcullis_policy::{Approval, ApprovalId, ApprovalState, ApprovalStore as _};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::host::Host;
use crate::invoke::unknown_approval;

/// Pause between two looks at the store.
const LOOK: Duration = Duration::from_millis(100);

/// Wakes those who wait for an approval.
#[derive(Default)]
pub(crate) struct Decisions(Notify);

impl Decisions {
    /// Something was decided here.
    pub(crate) fn announce(&self) {
        self.0.notify_waiters();
    }

    /// The approval as soon as nothing more will become of it, or as it is when the time is over.
    pub(crate) async fn wait(&self, host: &Host, id: &ApprovalId, wait_ms: u32) -> Result<Approval, Refusal> {
        let until = Instant::now() + Duration::from_millis(u64::from(wait_ms));
        loop {
            let woken = self.0.notified();
            let held = find(host, id).await?;
            let left = until.saturating_duration_since(Instant::now());
            if is_final(held.state) || left.is_zero() {
                return Ok(held);
            }
            // Being woken and having waited come to the same: look again.
            drop(timeout(left.min(LOOK), woken).await);
        }
    }
}

/// An approval.
pub(crate) async fn find(host: &Host, id: &ApprovalId) -> Result<Approval, Refusal> {
    let held = host.store().get(id).await.map_err(|e| Refusal::new(Code::AuditUnavailable, e.to_string()))?;
    held.ok_or_else(|| unknown_approval(id))
}

fn is_final(state: ApprovalState) -> bool {
    !matches!(state, ApprovalState::Pending | ApprovalState::Approved | ApprovalState::Executing)
}
