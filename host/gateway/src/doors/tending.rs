//! What a door does that stays open: sees changes and what waits for a person, ends what dead processes left, forgets
//! what is old.

use std::sync::Arc;
use std::time::Duration;

use portcullis_policy::{ApprovalState, Clock as _};
use portcullis_store::ApprovalFilter;
use tokio::task::block_in_place;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::service::Service;

/// Pause between two looks at what waits and what is installed. Another process may have changed either.
const LOOK: Duration = Duration::from_millis(250);

/// Looks between two looks at the rule files.
const RULES_EVERY: u64 = 4;

/// Looks between two recoveries, and between two prunings.
const RECOVER_EVERY: u64 = 120;
const PRUNE_EVERY: u64 = 14_400;

impl Service {
    /// Runs until told to stop.
    pub async fn tend(self: Arc<Self>, stop: CancellationToken) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 1_u64.. {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = looks.tick() => {}
            }
            self.see_changes();
            self.see_waiting().await;
            if round % RULES_EVERY == 0 {
                self.see_rules().await;
            }
            if round % RECOVER_EVERY == 0 {
                self.limits.tidy();
                block_in_place(|| self.recover());
            }
            if round % PRUNE_EVERY == 0 {
                block_in_place(|| self.prune());
            }
        }
    }

    fn see_changes(&self) {
        match self.host.plugins_version() {
            Ok(version) => {
                self.changes.send_if_modified(|known| std::mem::replace(known, version) != version);
            }
            Err(refusal) => tracing::warn!(%refusal, "what is installed cannot be read"),
        }
    }

    async fn see_waiting(&self) {
        let filter = ApprovalFilter { state: Some(ApprovalState::Pending), ..ApprovalFilter::default() };
        match self.host.store().list_approvals(&filter).await {
            Ok(lines) => {
                self.waiting.send_if_modified(|known| {
                    let changed = !known.iter().map(|line| &line.id).eq(lines.iter().map(|line| &line.id));
                    if changed {
                        *known = lines.into();
                    }
                    changed
                });
            }
            Err(error) => tracing::warn!(%error, "what waits for a person cannot be read"),
        }
    }

    fn recover(&self) {
        match self.host.store().recover() {
            Ok(recovered) => tracing::debug!(?recovered, "looked for calls of processes that are gone"),
            Err(error) => tracing::warn!(%error, "calls of processes that are gone cannot be ended"),
        }
    }

    fn prune(&self) {
        if let Err(error) = self.host.store().prune(self.host.clock().now_ms(), self.host.settings().keep_ms()) {
            tracing::warn!(%error, "old approvals cannot be pruned");
        }
    }
}
