//! The head of the audit chain: how many rows there are and the last one's seal, under a seal of its own.
//!
//! Without it, taking rows off the end would leave a chain that checks.

use rusqlite::{Connection, OptionalExtension as _};

use crate::chain_key::{ChainKey, Seal};
use crate::problem::Problem;

/// Where the chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) rows: u64,
    pub(crate) last: Seal,
}

/// The head as stored, with the seal that should be on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredHead {
    pub(crate) head: Head,
    pub(crate) seal: Seal,
}

impl StoredHead {
    /// Reads it. `None` where it is missing or not of the kind that is written.
    pub(crate) fn read(conn: &Connection) -> Result<Option<Self>, Problem> {
        let found = conn
            .prepare_cached("SELECT rows, last, seal FROM head WHERE only = 1")?
            .query_row((), |row| {
                let rows = row.get_ref(0)?.as_i64().ok().and_then(|n| u64::try_from(n).ok());
                let seal = |index| row.get_ref(index).map(|v| v.as_blob().ok().and_then(|b| Seal::try_from(b).ok()));
                Ok((rows, seal(1)?, seal(2)?))
            })
            .optional()?;
        Ok(match found {
            Some((Some(rows), Some(last), Some(seal))) => Some(Self { head: Head { rows, last }, seal }),
            _ => None,
        })
    }

    /// The head, if its seal is right.
    pub(crate) fn checked(self, key: &ChainKey) -> Option<Head> {
        (key.head(&self.head) == self.seal).then_some(self.head)
    }

    /// Puts a head in its place.
    pub(crate) fn write(conn: &Connection, head: Head, key: &ChainKey) -> Result<Self, Problem> {
        let seal = key.head(&head);
        let rows = i64::try_from(head.rows).map_err(|_| Problem::said("the audit log is at its end"))?;
        conn.prepare_cached("INSERT OR REPLACE INTO head (only, rows, last, seal) VALUES (1, ?1, ?2, ?3)")?
            .execute((rows, &head.last[..], &seal[..]))?;
        Ok(Self { head, seal })
    }
}
