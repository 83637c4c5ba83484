//! How often each agent's actions were sent, by the minute of the intent.
//!
//! Figures never count too few: a window takes in every whole minute that it touches, and what a wrong clock wrote for
//! the future too.

use portcullis_model::{ActionId, AgentName};
use portcullis_policy::{Sent, StoreError, TimestampMs, Windows};
use rusqlite::{Connection, Params, Row};

use crate::problem::Problem;
use crate::store::Store;
use crate::transaction::stored;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// An hour longer than any window.
const KEEP_MS: u64 = 25 * HOUR_MS;

impl Store {
    /// How many calls of an agent were sent: of one action, and of all. Blocks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sent(&self, agent: &AgentName, action: &ActionId, now_ms: TimestampMs) -> Result<Sent, StoreError> {
        Ok(of(&self.inner.reader(), agent, action, now_ms)?)
    }
}

/// The minute in which a window of this length begins.
fn start(now_ms: TimestampMs, window_ms: u64) -> i64 {
    stored(now_ms.saturating_sub(window_ms) / MINUTE_MS)
}

pub(crate) fn of(
    conn: &Connection,
    agent: &AgentName,
    action: &ActionId,
    now_ms: TimestampMs,
) -> Result<Sent, Problem> {
    let (minute, hour, day) = (start(now_ms, MINUTE_MS), start(now_ms, HOUR_MS), start(now_ms, DAY_MS));
    let sums = "SELECT TOTAL(count) FILTER (WHERE minute >= ?2), TOTAL(count) FILTER (WHERE minute >= ?3), TOTAL(count)
        FROM sent WHERE agent = ?1 AND minute >= ?4";
    let action = action.to_string();
    let calls =
        windows(conn, &format!("{sums} AND action = ?5"), (agent.as_str(), minute, hour, day, action.as_str()))?;
    let calls_of_agent = windows(conn, sums, (agent.as_str(), minute, hour, day))?;
    Ok(Sent { calls, calls_of_agent })
}

fn windows(conn: &Connection, sql: &str, params: impl Params) -> Result<Windows, Problem> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of counts")]
    let total = |row: &Row<'_>, at: usize| row.get::<_, f64>(at).map(|sum| sum as u64);
    let read = |row: &Row<'_>| Ok(Windows { minute: total(row, 0)?, hour: total(row, 1)?, day: total(row, 2)? });
    Ok(conn.prepare_cached(sql)?.query_row(params, read)?)
}

/// Counts an intent.
pub(crate) fn count(
    conn: &Connection,
    agent: &AgentName,
    action: &ActionId,
    now_ms: TimestampMs,
) -> Result<(), Problem> {
    let minute = stored(now_ms / MINUTE_MS);
    let sql = "INSERT INTO sent (agent, action, minute, count) VALUES (?1, ?2, ?3, 1)
        ON CONFLICT DO UPDATE SET count = count + 1";
    conn.prepare_cached(sql)?.execute((agent.as_str(), action.to_string(), minute))?;
    Ok(())
}

/// Forgets what no window reaches any more.
pub(crate) fn forget(conn: &Connection, now_ms: TimestampMs) -> Result<(), Problem> {
    conn.prepare_cached("DELETE FROM sent WHERE minute < ?1")?.execute([start(now_ms, KEEP_MS)])?;
    Ok(())
}
