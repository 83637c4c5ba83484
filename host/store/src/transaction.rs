//! One write transaction: what a batch of jobs sees, and the only place where audit rows are appended.
//!
//! The head is read at its start and written at its end, so that a batch pays for it once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_policy::{Clock, Durability, Seq, TimestampMs};
use rusqlite::Connection;
use serde::Serialize;

use crate::chain_key::{ChainKey, Sealed};
use crate::head::{Head, StoredHead};
use crate::problem::{Problem, is_busy};

/// The one connection of a store that writes.
pub(crate) struct WriteConn {
    conn: Connection,
    key: Arc<ChainKey>,
    clock: Arc<dyn Clock>,
    /// The head as this connection saw it last, its seal checked: it need not be checked again.
    trusted: Option<StoredHead>,
    syncs: bool,
}

/// An open transaction.
pub(crate) struct Tx<'a> {
    conn: &'a Connection,
    key: &'a ChainKey,
    head: Head,
    now_ms: TimestampMs,
}

/// How long to wait for other processes' transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Not at all.
    No,
    /// This long.
    Upto(Duration),
}

/// First pause between two attempts to begin, and the longest. SQLite's own first pause is a millisecond, a hundred
/// commits long.
const PAUSE: Duration = Duration::from_micros(40);
const LONGEST_PAUSE: Duration = Duration::from_millis(2);

impl WriteConn {
    /// Takes over a connection.
    pub(crate) fn new(conn: Connection, key: Arc<ChainKey>, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        // Waiting is done in `begin`: the busy handler of SQLite sleeps on whatever thread it is called.
        conn.busy_timeout(Duration::ZERO)?;
        Ok(Self { conn, key, clock, trusted: None, syncs: false })
    }

    /// Runs work in one transaction and commits it: all of it is durable, or none of it happened.
    pub(crate) fn transaction<T>(
        &mut self,
        durability: Durability,
        wait: Wait,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.sync(durability)?;
        self.begin(wait)?;
        let done = self.work_and_commit(work);
        if done.is_err() && !self.conn.is_autocommit() {
            self.conn.prepare_cached("ROLLBACK")?.execute(())?;
        }
        let (value, head) = done?;
        self.trusted = Some(head);
        Ok(value)
    }

    fn work_and_commit<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem>,
    ) -> Result<(T, StoredHead), Problem> {
        let stored = StoredHead::read(&self.conn)?.ok_or_else(tampered)?;
        let head =
            if self.trusted == Some(stored) { stored.head } else { stored.checked(&self.key).ok_or_else(tampered)? };
        let mut tx = Tx { conn: &self.conn, key: &self.key, head, now_ms: self.clock.now_ms() };
        let value = work(&mut tx)?;
        let after = tx.head;
        let stored = if after == head { stored } else { StoredHead::write(&self.conn, after, &self.key)? };
        self.conn.prepare_cached("COMMIT")?.execute(())?;
        Ok((value, stored))
    }

    /// NORMAL leaves the log in the system's cache: it outlives this process, not the loss of power. FULL syncs it.
    fn sync(&mut self, durability: Durability) -> Result<(), Problem> {
        let syncs = durability == Durability::Power;
        if syncs != self.syncs {
            self.conn.pragma_update(None, "synchronous", if syncs { "FULL" } else { "NORMAL" })?;
            self.syncs = syncs;
        }
        Ok(())
    }

    fn begin(&self, wait: Wait) -> Result<(), Problem> {
        let give_up = match wait {
            Wait::No => None,
            Wait::Upto(patience) => Some(Instant::now() + patience),
        };
        if !self.conn.is_autocommit() {
            // A panic in the middle of an earlier transaction left it open.
            self.conn.execute_batch("ROLLBACK")?;
        }
        let mut pause = PAUSE;
        loop {
            match self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute(()) {
                Ok(_) => return Ok(()),
                Err(error) if !is_busy(&error) => return Err(error.into()),
                Err(_) if give_up.is_none_or(|at| Instant::now() >= at) => return Err(Problem::Busy),
                Err(_) => std::thread::sleep(pause),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// For the checkpoint at the end of a prune.
    pub(crate) fn connection(&self) -> &Connection {
        &self.conn
    }
}

fn tampered() -> Problem {
    Problem::said("the head of the audit log was changed by something else: run `portcullis audit verify`")
}

impl Tx<'_> {
    /// The connection, for everything but the audit log.
    pub(crate) fn conn(&self) -> &Connection {
        self.conn
    }

    /// When this transaction began.
    pub(crate) fn now_ms(&self) -> TimestampMs {
        self.now_ms
    }

    /// Appends a row to the audit log.
    pub(crate) fn append(&mut self, kind: &str, call: Option<&str>, body: &impl Serialize) -> Result<Seq, Problem> {
        let body = serde_json::to_string(body).map_err(|_| Problem::said("an audit row cannot be written as JSON"))?;
        let seq = self.head.rows + 1;
        // Stored as a signed integer, and sealed as stored.
        let at_ms = self.now_ms.min(i64::MAX.cast_unsigned());
        let row = Sealed { seq, at_ms, kind: kind.as_bytes(), call: call.map(str::as_bytes), body: body.as_bytes() };
        let mac = self.key.row(&self.head.last, &row);
        self.conn
            .prepare_cached("INSERT INTO audit (seq, at_ms, kind, call, body, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute((stored(seq), stored(at_ms), kind, call, &body, &mac[..]))?;
        self.head = Head { rows: seq, last: mac };
        Ok(seq)
    }
}

/// A number as SQLite keeps it; times beyond its range mean never and stay so.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number as it was stored; a negative one was not stored here and reads as zero.
pub(crate) fn read_back(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
