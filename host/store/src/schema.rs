//! Connections and the shape of the database.
//!
//! `PRAGMA user_version` is the shape's version. A newer one is refused: reading it wrongly could send twice.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::chain_key::ChainKey;
use crate::head::{Head, StoredHead};
use crate::problem::Problem;
use crate::steps::{STEPS, VERSION};

/// Whom a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
}

/// Opens a connection to a database that is there.
pub(crate) fn connect(path: &Path, access: Access, patience: Duration) -> Result<Connection, Problem> {
    // Read and write even for readers: a reader of a WAL database has to keep its place in the shared index.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(patience)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_prepared_statement_cache_capacity(64);
    // Without a cap, a log that once grew large would stay so.
    conn.pragma_update(None, "journal_size_limit", 32 * 1024 * 1024)?;
    // Checkpoints have a thread of their own: here they would stall whichever caller crosses the line.
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    // What a prune takes out is overwritten, not only unlinked.
    conn.pragma_update(None, "secure_delete", true)?;
    // Closing would sync three times, and so would the next first commit; see `checkpoint` for when it is done.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if access == Access::Read {
        conn.pragma_update(None, "query_only", true)?;
    }
    Ok(conn)
}

fn version(conn: &Connection) -> Result<i64, Problem> {
    let version: i64 = conn.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    if !(0..=VERSION).contains(&version) {
        return Err(Problem::said(format!(
            "the data folder has schema {version}, and this version knows up to {VERSION}: use the newer portcullis that wrote it"
        )));
    }
    Ok(version)
}

/// Refuses a database without an audit log or of a newer version, without writing. The log has the same shape in every
/// version so far, so an older one is read as it is.
pub(crate) fn check(conn: &Connection) -> Result<(), Problem> {
    match version(conn)? {
        0 => Err(Problem::said("the data folder has no audit log yet: make a call first")),
        _ => Ok(()),
    }
}

/// Brings a database to this version, step by step, all steps or none. The caller holds the gate, so no other process
/// does the same.
pub(crate) fn migrate(conn: &mut Connection, key: &ChainKey) -> Result<(), Problem> {
    let from = version(conn)?;
    if from == VERSION {
        return Ok(());
    }
    if from == 0 {
        conn.pragma_update(None, "page_size", PAGE_BYTES)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in STEPS.iter().skip(usize::try_from(from).unwrap_or_default()) {
        tx.execute_batch(step)?;
    }
    if from == 0 {
        StoredHead::write(&tx, Head { rows: 0, last: key.genesis() }, key)?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}

/// A commit writes and sums up three or four pages whole, so that smaller ones are cheaper; an intent has some 700
/// bytes and should not spill over. Measured: 4096 costs a fifth more a commit, 1024 is no better alone.
const PAGE_BYTES: u32 = 2048;
