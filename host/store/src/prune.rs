//! Drops what old approvals, drafts and idempotency keys held: descriptions and answers may be private. Audit rows hold
//! neither and are never touched.

use portcullis_policy::{StoreError, TimestampMs};
use serde::Serialize;

use crate::problem::Problem;
use crate::sent;
use crate::standing;
use crate::store::Store;
use crate::transaction::stored;

/// What a prune did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Approvals that hold no description and no answer any more.
    pub approvals: usize,
    /// Idempotency keys that are gone, with their outcomes.
    pub keys: usize,
    /// Standing approvals that ended and are gone.
    pub standing: usize,
    /// Rejected drafts that hold no content any more.
    pub drafts: usize,
}

impl Store {
    /// Drops descriptions and answers of approvals that ended and were asked for more than `keep_ms` ago, standing
    /// approvals as old that ended, contents of drafts rejected as long ago, and idempotency keys as old whose call does not run any more. What an approval
    /// that stands still was given for is kept until that ends.
    ///
    /// Blocks; call it where that is allowed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn prune(&self, now_ms: TimestampMs, keep_ms: u64) -> Result<Pruned, StoreError> {
        Ok(self.prune_before(now_ms.saturating_sub(keep_ms))?)
    }

    fn prune_before(&self, before_ms: TimestampMs) -> Result<Pruned, Problem> {
        let pruned = self.inner.writer.run(|tx| {
            let sql = format!(
                "DELETE FROM standing WHERE created_ms < ?1 AND NOT ({})",
                standing::LIVE.replace("?now", "?2")
            );
            let standing = tx.conn().prepare_cached(&sql)?.execute((stored(before_ms), stored(tx.now_ms())))?;
            // What still stands is read in the request it came with.
            let sql = "UPDATE approvals SET result = NULL, description =
                    CASE WHEN id IN (SELECT approval FROM standing) THEN description END
                WHERE created_ms < ?1 AND state NOT IN ('pending', 'approved', 'executing')
                AND (result IS NOT NULL OR description IS NOT NULL AND id NOT IN (SELECT approval FROM standing))";
            let approvals = tx.conn().prepare_cached(sql)?.execute([stored(before_ms)])?;
            let sql = "DELETE FROM once WHERE created_ms < ?1 AND owner IS NULL";
            let keys = tx.conn().prepare_cached(sql)?.execute([stored(before_ms)])?;
            let sql = "UPDATE drafts SET template = NULL
                WHERE updated_ms < ?1 AND state = 'rejected' AND template IS NOT NULL";
            let drafts = tx.conn().prepare_cached(sql)?.execute([stored(before_ms)])?;
            sent::forget(tx.conn(), tx.now_ms())?;
            Ok(Pruned { approvals, keys, standing, drafts })
        })?;
        if pruned != Pruned::default() {
            // The log still holds the old pages; a reader in the way leaves them for the next checkpoint.
            self.inner.writer.between(|conn| {
                Ok(conn.connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?)
            })?;
        }
        Ok(pruned)
    }
}
