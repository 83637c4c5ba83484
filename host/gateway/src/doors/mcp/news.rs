//! Tells clients that the list of tools is another one now.

use rmcp::service::SubscriptionContext;
use rmcp::{Peer, RoleServer};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Tells a session of an older revision, until it is over.
pub(super) fn tell(peer: Peer<RoleServer>, mut changes: watch::Receiver<u64>, gone: CancellationToken) {
    tokio::spawn(gone.run_until_cancelled_owned(async move {
        while changes.changed().await.is_ok() {
            if peer.notify_tool_list_changed().await.is_err() {
                return;
            }
        }
    }));
}

/// Tells a subscription of the revision of 2026, until its client ends it or the door closes.
pub(super) async fn stream(
    subscription: &SubscriptionContext,
    mut changes: watch::Receiver<u64>,
    closing: &CancellationToken,
) {
    loop {
        tokio::select! {
            () = subscription.cancelled() => return,
            () = closing.cancelled() => return,
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                if subscription.accepted().tools_list_changed == Some(true)
                    && subscription.sink().notify_tool_list_changed().await.is_err()
                {
                    return;
                }
            }
        }
    }
}
