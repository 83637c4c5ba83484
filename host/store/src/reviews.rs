//! Reviews of plugins, as they were handed in.
//!
//! Whether one counts is asked by whoever takes it out, at every use: nothing here looks into an envelope.

use portcullis_model::Digest;
use portcullis_policy::StoreError;
use serde::Serialize;

use crate::store::Store;
use crate::transaction::stored;

/// Most reviews that are kept of one plugin; the oldest goes.
const MAX_REVIEWS: i64 = 8;

#[derive(Serialize)]
struct Kept<'a> {
    digest: Digest,
    review: Digest,
    reviewer: &'a str,
}

impl Store {
    /// Keeps a review that was opened and found right; `reviewer` is recorded. Blocks.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn keep_review(&self, digest: Digest, reviewer: &str, envelope: &[u8]) -> Result<(), StoreError> {
        let seal = Digest::of(envelope);
        Ok(self.inner.writer.run(|tx| {
            let put = "INSERT OR IGNORE INTO reviews (digest, seal, kept_ms, envelope) VALUES (?1, ?2, ?3, ?4)";
            let new =
                tx.conn().execute(put, (digest.to_string(), seal.to_string(), stored(tx.now_ms()), envelope))? > 0;
            if new {
                let prune = "DELETE FROM reviews WHERE digest = ?1 AND seal NOT IN
                    (SELECT seal FROM reviews WHERE digest = ?1 ORDER BY kept_ms DESC, seal LIMIT ?2)";
                tx.conn().execute(prune, (digest.to_string(), MAX_REVIEWS))?;
                tx.append("review-kept", None, &Kept { digest, review: seal, reviewer })?;
            }
            Ok(())
        })?)
    }

    /// Every review of a plugin that is kept, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn reviews(&self, digest: Digest) -> Result<Vec<Vec<u8>>, StoreError> {
        let conn = self.inner.reader();
        Ok(read(&conn, digest)?)
    }
}

fn read(conn: &rusqlite::Connection, digest: Digest) -> Result<Vec<Vec<u8>>, crate::problem::Problem> {
    let sql = "SELECT envelope FROM reviews WHERE digest = ?1 ORDER BY kept_ms DESC, seal";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([digest.to_string()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
