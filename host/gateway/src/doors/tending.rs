//! What a door does that stays open: sees changes, ends what dead processes left, forgets what is old.

use std::sync::Arc;
use std::time::Duration;

use portcullis_policy::Clock as _;
use tokio::task::block_in_place;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::service::Service;

/// Pause between two looks at what is installed.
const LOOK: Duration = Duration::from_secs(1);

/// Looks between two recoveries, and between two prunings.
const RECOVER_EVERY: u64 = 30;
const PRUNE_EVERY: u64 = 3600;

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
