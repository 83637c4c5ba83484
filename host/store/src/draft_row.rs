//! Drafts between their type and their row.

use portcullis_model::{AgentName, Digest, PortSlug};
use portcullis_policy::DraftId;
use rusqlite::{Connection, Params, Row};

use crate::approval_row::parsed;
use crate::draft::{Draft, DraftContent, DraftFilter, DraftLine, DraftState};
use crate::problem::Problem;
use crate::transaction::{read_back, stored};

/// Columns in the order that `line` takes them. The content stands last: a list never reads its pages.
const LINE: &str = "id, port, action, agent, state, digest, created_ms, updated_ms, by, reason";

/// Writes a new one, open.
pub(crate) fn insert(
    conn: &Connection,
    id: &DraftId,
    port: &PortSlug,
    agent: &AgentName,
    content: &DraftContent,
    now_ms: u64,
) -> Result<(), Problem> {
    let sql = "INSERT INTO drafts (id, port, action, agent, state, digest, created_ms, updated_ms, template)
        VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6, ?6, ?7)";
    conn.prepare_cached(sql)?.execute((
        id.as_str(),
        port.as_str(),
        content.action.as_str(),
        agent.as_str(),
        content.digest().to_string(),
        stored(now_ms),
        &content.template,
    ))?;
    Ok(())
}

/// Gives one other content, and opens it.
pub(crate) fn rewrite(conn: &Connection, id: &DraftId, content: &DraftContent, now_ms: u64) -> Result<(), Problem> {
    let sql =
        "UPDATE drafts SET action = ?2, digest = ?3, template = ?4, state = 'open', updated_ms = ?5 WHERE id = ?1";
    conn.prepare_cached(sql)?.execute((
        id.as_str(),
        content.action.as_str(),
        content.digest().to_string(),
        &content.template,
        stored(now_ms),
    ))?;
    Ok(())
}

/// Takes one to another state. What is withdrawn is nobody's to look at: kept, it would let an agent fill the disk.
pub(crate) fn put(
    conn: &Connection,
    id: &DraftId,
    state: DraftState,
    by: Option<&str>,
    reason: Option<&str>,
    now_ms: u64,
) -> Result<(), Problem> {
    let sql = "UPDATE drafts SET state = ?2, by = ?3, reason = ?4, updated_ms = ?5,
            template = CASE WHEN ?2 = 'withdrawn' THEN NULL ELSE template END
        WHERE id = ?1";
    conn.prepare_cached(sql)?.execute((id.as_str(), state.as_str(), by, reason, stored(now_ms)))?;
    Ok(())
}

/// How many of an agent's nobody has decided.
pub(crate) fn undecided(conn: &Connection, agent: &AgentName) -> Result<usize, Problem> {
    let sql = "SELECT count(*) FROM drafts WHERE state IN ('open', 'requested') AND agent = ?1";
    let count: i64 = conn.prepare_cached(sql)?.query_row([agent.as_str()], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// One in short.
pub(crate) fn read_line(conn: &Connection, id: &DraftId) -> Result<Option<DraftLine>, Problem> {
    Ok(lines(conn, "WHERE id = ?1", [id.as_str()])?.pop())
}

/// Those of an agent that nobody has decided, oldest first.
pub(crate) fn undecided_of(conn: &Connection, agent: &AgentName) -> Result<Vec<DraftLine>, Problem> {
    let which = "WHERE state IN ('open', 'requested') AND agent = ?1 ORDER BY created_ms, id";
    lines(conn, which, [agent.as_str()])
}

/// One with its content.
pub(crate) fn read(conn: &Connection, id: &DraftId) -> Result<Option<Draft>, Problem> {
    let mut statement = conn.prepare_cached(&format!("SELECT {LINE}, template FROM drafts WHERE id = ?1"))?;
    let mut rows = statement.query([id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Draft { line: line(row)?, template: row.get(10)? }))
}

/// Those that pass a filter, newest first.
pub(crate) fn list(conn: &Connection, filter: &DraftFilter) -> Result<Vec<DraftLine>, Problem> {
    let which = "WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR agent = ?2) ORDER BY created_ms DESC, id LIMIT ?3";
    let limit = filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(-1));
    lines(conn, which, (filter.state.map(DraftState::as_str), filter.agent.as_ref().map(AgentName::as_str), limit))
}

fn lines(conn: &Connection, which: &str, params: impl Params) -> Result<Vec<DraftLine>, Problem> {
    let mut statement = conn.prepare_cached(&format!("SELECT {LINE} FROM drafts {which}"))?;
    let mut rows = statement.query(params)?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(lines)
}

fn line(row: &Row<'_>) -> Result<DraftLine, Problem> {
    let text = |index: usize| row.get::<_, String>(index);
    Ok(DraftLine {
        id: parsed(&text(0)?)?,
        port: parsed(&text(1)?)?,
        action: parsed(&text(2)?)?,
        agent: parsed(&text(3)?)?,
        state: text(4)?.parse()?,
        digest: parsed::<Digest>(&text(5)?)?,
        created_ms: read_back(row.get(6)?),
        updated_ms: read_back(row.get(7)?),
        by: row.get(8)?,
        reason: row.get(9)?,
    })
}
