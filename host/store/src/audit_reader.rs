//! Reads the audit log. Never writes, recovers or migrates, so that it also works on a log that cannot be written.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use portcullis_model::{ActionId, AgentName};
use portcullis_policy::{ApprovalId, CallId, Seq, StoreError, TimestampMs};
use rusqlite::{Connection, OptionalExtension as _, Statement};
use serde_json::Value;

use crate::audit_row::{AuditRow, COLUMNS, export};
use crate::breach::{ChainHead, Verdict};
use crate::chain_key::ChainKey;
use crate::config::StoreConfig;
use crate::home::Home;
use crate::problem::Problem;
use crate::schema::{Access, check, connect};
use crate::transaction::{read_back, stored};
use crate::verify;

/// The audit log, to read. Each question opens a connection of its own and blocks.
#[derive(Clone)]
pub struct AuditReader {
    home: Home,
    key: Arc<ChainKey>,
    patience: Duration,
}

/// Which rows to list. Empty fields let everything through.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Kind of the row.
    pub kind: Option<String>,
    /// Action of the row, or of the intent that an outcome belongs to.
    pub action: Option<ActionId>,
    /// Agent, likewise.
    pub agent: Option<AgentName>,
    /// The call.
    pub call: Option<CallId>,
    /// Written at this time or later.
    pub since_ms: Option<TimestampMs>,
    /// Only rows with a smaller number: the last one seen, to go on from there.
    pub before: Option<Seq>,
    /// At most this many, newest first.
    pub limit: Option<usize>,
}

impl AuditReader {
    /// Opens the log of a folder without changing anything there.
    ///
    /// # Errors
    /// When there is no log or no key, or the database is of another version.
    pub fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let home = Home::at(&config.dir);
        let missing = |path: &Path| !path.try_exists().unwrap_or(false);
        if missing(&home.database()) {
            return Err(StoreError::new("the data folder has no audit log yet: make a call first"));
        }
        let key = Arc::new(ChainKey::load(&home)?);
        let reader = Self::new(home, key, Duration::from_millis(config.patience_ms));
        check(&reader.connect()?)?;
        Ok(reader)
    }

    pub(crate) fn new(home: Home, key: Arc<ChainKey>, patience: Duration) -> Self {
        Self { home, key, patience }
    }

    fn connect(&self) -> Result<Connection, Problem> {
        connect(&self.home.database(), Access::Read, self.patience)
    }

    /// Checks every row and the head.
    ///
    /// # Errors
    /// When the log cannot be read at all; a log that was changed is a [`Verdict`].
    pub fn verify(&self) -> Result<Verdict, StoreError> {
        Ok(verify::verify(&self.connect()?, &self.key, None)?)
    }

    /// Checks every row and the head, and that the log still holds what it held when `noted` was noted. Finds what
    /// `verify` cannot: the whole folder set back to an older copy.
    ///
    /// # Errors
    /// When the log cannot be read at all.
    pub fn verify_against(&self, noted: &ChainHead) -> Result<Verdict, StoreError> {
        Ok(verify::verify(&self.connect()?, &self.key, Some(noted))?)
    }

    /// Rows that pass the filter, newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn list(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        Ok(list(&self.connect()?, filter)?)
    }

    /// Number of the newest row; 0 where there is none.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn last(&self) -> Result<Seq, StoreError> {
        Ok(last(&self.connect()?)?)
    }

    /// Rows after one that was seen, oldest first, as far as they pass the filter, whose limit and bounds are not looked
    /// at; and up to which row that was looked for. Rows are written in the order of their numbers, so going on from
    /// there misses none.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn following(&self, seen: Seq, filter: &AuditFilter) -> Result<(Vec<AuditRow>, Seq), StoreError> {
        Ok(following(&self.connect()?, seen, filter)?)
    }

    /// One row.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn row(&self, seq: Seq) -> Result<Option<AuditRow>, StoreError> {
        let conn = self.connect()?;
        Ok(row(&mut by_seq(&conn)?, seq)?)
    }

    /// Every row of a call, oldest first, and those of the approval that it spent. Reads the whole log: it has no index
    /// that appends would pay for.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn call(&self, call: &CallId) -> Result<Vec<AuditRow>, StoreError> {
        let mut rows = self.list(&AuditFilter { call: Some(call.clone()), ..AuditFilter::default() })?;
        let spent = rows.iter().find_map(|row| row.body.get("approval")?.as_str()?.parse().ok());
        if let Some(approval) = spent {
            rows.extend(of_approval(&self.connect()?, &approval)?);
            rows.sort_by_key(|row| row.seq);
            rows.dedup_by_key(|row| row.seq);
        } else {
            rows.reverse();
        }
        Ok(rows)
    }

    /// Writes every row as a line of JSON, oldest first; gives how many.
    ///
    /// # Errors
    /// When the log cannot be read or the writer fails.
    pub fn export(&self, out: &mut impl Write) -> Result<u64, StoreError> {
        Ok(export_all(&self.connect()?, out)?)
    }
}

fn list(conn: &Connection, filter: &AuditFilter) -> Result<Vec<AuditRow>, Problem> {
    let sql = format!(
        "SELECT {COLUMNS} FROM audit
        WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR call = ?2) AND (?3 IS NULL OR at_ms >= ?3) AND seq < ?4
        ORDER BY seq DESC"
    );
    let mut statement = conn.prepare(&sql)?;
    let mut intents = by_seq(conn)?;
    let call = filter.call.as_ref().map(CallId::as_str);
    let mut rows = statement.query((
        &filter.kind,
        call,
        filter.since_ms.map(stored),
        // A plain comparison, so that a page far back is found by its key.
        filter.before.map_or(i64::MAX, stored),
    ))?;
    let mut found = Vec::new();
    while found.len() < filter.limit.unwrap_or(usize::MAX) {
        let Some(next) = rows.next()? else { break };
        let next = AuditRow::from_row(next)?;
        if concerns(&next, filter, &mut intents)? {
            found.push(next);
        }
    }
    Ok(found)
}

/// Rows that one look for new ones goes over at most.
const LOOK: i64 = 1_000;

fn last(conn: &Connection) -> Result<Seq, Problem> {
    Ok(read_back(conn.query_row("SELECT coalesce(max(seq), 0) FROM audit", (), |row| row.get(0))?))
}

fn following(conn: &Connection, seen: Seq, filter: &AuditFilter) -> Result<(Vec<AuditRow>, Seq), Problem> {
    let sql = format!("SELECT {COLUMNS} FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let mut statement = conn.prepare(&sql)?;
    let mut intents = by_seq(conn)?;
    let mut rows = statement.query((stored(seen), LOOK))?;
    let (mut found, mut looked_at) = (Vec::new(), seen);
    while let Some(next) = rows.next()? {
        let next = AuditRow::from_row(next)?;
        looked_at = next.seq;
        let call = filter.call.as_ref().map(CallId::as_str);
        if filter.kind.as_ref().is_none_or(|kind| *kind == next.kind)
            && call.is_none_or(|call| next.call.as_deref() == Some(call))
            && concerns(&next, filter, &mut intents)?
        {
            found.push(next);
        }
    }
    Ok((found, looked_at))
}

/// Every row that names an approval.
fn of_approval(conn: &Connection, approval: &ApprovalId) -> Result<Vec<AuditRow>, Problem> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM audit WHERE instr(body, ?1) > 0"))?;
    let mut rows = statement.query([approval.as_str()])?;
    let mut found = Vec::new();
    while let Some(next) = rows.next()? {
        let next = AuditRow::from_row(next)?;
        if next.body.get("approval").and_then(Value::as_str) == Some(approval.as_str()) {
            found.push(next);
        }
    }
    Ok(found)
}

fn by_seq(conn: &Connection) -> Result<Statement<'_>, Problem> {
    Ok(conn.prepare(&format!("SELECT {COLUMNS} FROM audit WHERE seq = ?1"))?)
}

fn row(by_seq: &mut Statement<'_>, seq: Seq) -> Result<Option<AuditRow>, Problem> {
    by_seq.query_row([stored(seq)], |row| Ok(AuditRow::from_row(row))).optional()?.transpose()
}

/// Whether a row, or the intent it refers to, is about the action and the agent asked for.
fn concerns(found: &AuditRow, filter: &AuditFilter, intents: &mut Statement<'_>) -> Result<bool, Problem> {
    if filter.action.is_none() && filter.agent.is_none() {
        return Ok(true);
    }
    let intent = match found.body.get("intent").and_then(Value::as_u64) {
        Some(seq) => row(intents, seq)?,
        None => None,
    };
    let body = intent.as_ref().map_or(&found.body, |intent| &intent.body);
    let says = |field: &str, wanted: Option<String>| {
        wanted.is_none_or(|wanted| body.get(field).and_then(Value::as_str) == Some(wanted.as_str()))
    };
    Ok(says("action", filter.action.as_ref().map(ToString::to_string))
        && says("agent", filter.agent.as_ref().map(ToString::to_string)))
}

fn export_all(conn: &Connection, out: &mut impl Write) -> Result<u64, Problem> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM audit ORDER BY seq"))?;
    let mut rows = statement.query(())?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        export(row, out)?;
        count += 1;
    }
    Ok(count)
}
