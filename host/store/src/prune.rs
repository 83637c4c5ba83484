//! Drops what old approvals and idempotency keys held: descriptions and answers may be private. Audit rows hold neither
//! and are never touched.

use portcullis_policy::{StoreError, TimestampMs};
use serde::Serialize;

use crate::problem::Problem;
use crate::sent;
use crate::store::Store;
use crate::transaction::stored;

/// What a prune did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Approvals that hold no description and no answer any more.
    pub approvals: usize,
    /// Idempotency keys that are gone, with their outcomes.
    pub keys: usize,
}

impl Store {
    /// Drops descriptions and answers of approvals that ended and were asked for more than `keep_ms` ago, and
    /// idempotency keys as old whose call does not run any more.
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
            let sql = "UPDATE approvals SET description = NULL, result = NULL
                WHERE created_ms < ?1 AND state NOT IN ('pending', 'approved', 'executing')
                AND (description IS NOT NULL OR result IS NOT NULL)";
            let approvals = tx.conn().prepare_cached(sql)?.execute([stored(before_ms)])?;
            let sql = "DELETE FROM once WHERE created_ms < ?1 AND owner IS NULL";
            let keys = tx.conn().prepare_cached(sql)?.execute([stored(before_ms)])?;
            sent::forget(tx.conn(), tx.now_ms())?;
            Ok(Pruned { approvals, keys })
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
