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

/// The version this code writes.
const VERSION: i64 = 1;

/// An approval's description and answer stand last: a list reads the columns before them and never their pages.
/// `audit` has no second index: one over random names would make each append dirty a random page of the whole log.
const TABLES: &str = "
CREATE TABLE head (
    only INTEGER PRIMARY KEY CHECK (only = 1), rows INTEGER NOT NULL, last BLOB NOT NULL, seal BLOB NOT NULL
) STRICT;
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, call TEXT, body TEXT NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE TABLE open_calls (
    call TEXT PRIMARY KEY, intent INTEGER NOT NULL, approval TEXT, owner TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE approvals (
    id TEXT PRIMARY KEY, action TEXT NOT NULL, agent TEXT NOT NULL, digest TEXT NOT NULL, fingerprint TEXT NOT NULL,
    rule TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, state TEXT NOT NULL,
    decided_ms INTEGER, reason TEXT, owner TEXT, description TEXT, result TEXT
) STRICT;
CREATE INDEX approvals_undecided ON approvals (state, expires_ms) WHERE state IN ('pending', 'approved');
CREATE INDEX approvals_by_age ON approvals (created_ms);
CREATE TABLE plugins (
    port TEXT PRIMARY KEY, digest TEXT NOT NULL, tier TEXT NOT NULL, version TEXT NOT NULL,
    installed_ms INTEGER NOT NULL, source TEXT NOT NULL, manifest TEXT NOT NULL
) STRICT;
CREATE INDEX plugins_by_digest ON plugins (digest);
";

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

/// Refuses a database of another version, without writing.
pub(crate) fn check(conn: &Connection) -> Result<(), Problem> {
    match version(conn)? {
        VERSION => Ok(()),
        _ => Err(Problem::said("the data folder has no audit log yet: make a call first")),
    }
}

/// Brings a database to this version. The caller holds the gate, so no other process does the same.
pub(crate) fn migrate(conn: &mut Connection, key: &ChainKey) -> Result<(), Problem> {
    if version(conn)? == VERSION {
        return Ok(());
    }
    conn.pragma_update(None, "page_size", PAGE_BYTES)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(TABLES)?;
    StoredHead::write(&tx, Head { rows: 0, last: key.genesis() }, key)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}

/// A commit writes and sums up three or four pages whole, so that smaller ones are cheaper; an intent has some 700
/// bytes and should not spill over. Measured: 4096 costs a fifth more a commit, 1024 is no better alone.
const PAGE_BYTES: u32 = 2048;
