//! The newest index of each catalog that was seen, in its envelope.
//!
//! Which version was seen is remembered here, so that an older one is noticed whichever process gets it. Whether an index
//! is signed and in its time is asked by whoever takes it out, at every use: nothing here looks into the envelope.

use portcullis_model::Digest;
use portcullis_policy::{StoreError, TimestampMs};
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;

use crate::approval_row::parsed;
use crate::problem::Problem;
use crate::store::Store;
use crate::transaction::{Tx, read_back, stored};

/// An index as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptIndex {
    /// Its version.
    pub version: u64,
    /// Digest of what it says.
    pub digest: Digest,
    /// When it was got last.
    pub got_ms: TimestampMs,
    /// The index in its envelope.
    pub envelope: Vec<u8>,
}

/// What came of the attempt to keep an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKept {
    /// It is the newest now.
    Newer,
    /// It is the one that was known.
    Same,
    /// A newer one was seen before, or another one of the same version; nothing changed.
    Refused {
        /// The version that was seen.
        seen: u64,
    },
}

#[derive(Serialize)]
struct Taken<'a> {
    index: &'a str,
    version: u64,
    digest: Digest,
}

#[derive(Serialize)]
struct Forgotten<'a> {
    index: &'a str,
}

impl Store {
    /// The newest index of a name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn index(&self, name: &str) -> Result<Option<KeptIndex>, StoreError> {
        Ok(kept(&self.inner.reader(), name)?)
    }

    /// Keeps an index that was opened and found right. One that is older than what was seen is not kept, whoever saw it.
    /// Blocks.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn keep_index(
        &self,
        name: &str,
        version: u64,
        digest: Digest,
        envelope: &[u8],
    ) -> Result<IndexKept, StoreError> {
        Ok(self.inner.writer.run(|tx| {
            let known = kept(tx.conn(), name)?.map(|known| (known.version, known.digest));
            match known {
                Some((seen, _)) if version < seen => return Ok(IndexKept::Refused { seen }),
                Some((seen, other)) if version == seen && digest != other => return Ok(IndexKept::Refused { seen }),
                _ => put(tx, name, version, digest, envelope)?,
            }
            if known == Some((version, digest)) {
                return Ok(IndexKept::Same);
            }
            tx.append("index-taken", None, &Taken { index: name, version, digest })?;
            Ok(IndexKept::Newer)
        })?)
    }

    /// Forgets an index, and which version was seen; `false` where none is kept. The operator's act: what comes next may
    /// be older. Blocks.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_index(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.inner.writer.run(|tx| {
            let gone = tx.conn().execute("DELETE FROM indexes WHERE name = ?1", [name])? > 0;
            if gone {
                tx.append("index-forgotten", None, &Forgotten { index: name })?;
            }
            Ok(gone)
        })?)
    }
}

fn put(tx: &Tx<'_>, name: &str, version: u64, digest: Digest, envelope: &[u8]) -> Result<(), Problem> {
    let sql = "INSERT OR REPLACE INTO indexes (name, version, digest, got_ms, envelope) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.conn().execute(sql, (name, stored(version), digest.to_string(), stored(tx.now_ms()), envelope))?;
    Ok(())
}

fn kept(conn: &Connection, name: &str) -> Result<Option<KeptIndex>, Problem> {
    let sql = "SELECT version, digest, got_ms, envelope FROM indexes WHERE name = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, Vec<u8>>(3)?))
    };
    let Some((version, digest, got_ms, envelope)) = conn.prepare_cached(sql)?.query_row([name], read).optional()?
    else {
        return Ok(None);
    };
    Ok(Some(KeptIndex { version: read_back(version), digest: parsed(&digest)?, got_ms: read_back(got_ms), envelope }))
}
