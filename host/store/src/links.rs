//! Links by which the operator signs in to the page: each good once, and for some minutes.
//!
//! Only a link's SHA-256 comes here. Whoever takes a link deletes it in the same statement, so that of two who come
//! with the same one, in whichever processes, one comes in.

use portcullis_model::Digest;
use portcullis_policy::{StoreError, TimestampMs};
use rusqlite::OptionalExtension as _;
use serde::Serialize;

use crate::problem::Problem;
use crate::store::Store;
use crate::token_row::fingerprint;
use crate::transaction::{Tx, read_back, stored};

/// What the audit log says of a link: nothing that it could be guessed from.
#[derive(Serialize)]
struct Issued {
    link: String,
    expires_ms: TimestampMs,
}

impl Store {
    /// Makes a link good until a time. Blocks.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn issue_link(&self, hash: &Digest, expires_ms: TimestampMs) -> Result<(), StoreError> {
        Ok(self.inner.writer.run(|tx| issue(tx, hash, expires_ms))?)
    }

    /// Takes a link: `true` once, and only before its time is over. Blocks.
    ///
    /// # Errors
    /// When the store cannot be written; the link counts as not taken then, and lets nobody in.
    pub fn take_link(&self, hash: &Digest) -> Result<bool, StoreError> {
        Ok(self.inner.writer.run(|tx| take(tx, hash))?)
    }
}

fn issue(tx: &mut Tx<'_>, hash: &Digest, expires_ms: TimestampMs) -> Result<(), Problem> {
    let now_ms = tx.now_ms();
    tx.conn().execute("DELETE FROM links WHERE expires_ms <= ?1", [stored(now_ms)])?;
    let sql = "INSERT INTO links (hash, expires_ms) VALUES (?1, ?2)";
    tx.conn().execute(sql, (&hash.as_bytes()[..], stored(expires_ms)))?;
    tx.append("link-issued", None, &Issued { link: fingerprint(hash), expires_ms })?;
    Ok(())
}

fn take(tx: &mut Tx<'_>, hash: &Digest) -> Result<bool, Problem> {
    let sql = "DELETE FROM links WHERE hash = ?1 RETURNING expires_ms";
    let expires_ms = tx.conn().query_row(sql, [&hash.as_bytes()[..]], |row| row.get::<_, i64>(0)).optional()?;
    Ok(expires_ms.is_some_and(|end| tx.now_ms() < read_back(end)))
}
