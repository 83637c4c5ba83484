//! Tokens between their type and their row. The only code that sees the stored hashes; no other type holds one.

use portcullis_model::{AgentName, Digest, PortSet};
use portcullis_policy::TimestampMs;
use rusqlite::{Connection, OptionalExtension as _, Row};
use subtle::ConstantTimeEq as _;

use crate::approval_row::parsed;
use crate::problem::Problem;
use crate::tokens::{NewToken, TokenKind, TokenRecord};
use crate::transaction::{read_back, stored};

/// Columns in the order that `record` takes them.
const COLUMNS: &str =
    "kind, name, grants, forms, fingerprint, created_ms, expires_ms, last_used_ms, revoked_ms, propose";

/// The part of a hash by which rows are found and people tell tokens apart: 48 bits, of no use to guess the other 208.
pub(crate) fn fingerprint(hash: &Digest) -> String {
    hex::encode(&hash.as_bytes()[..6])
}

/// Writes a new one; `false` where kind and name are taken.
pub(crate) fn insert(conn: &Connection, new: &NewToken, now_ms: TimestampMs) -> Result<bool, Problem> {
    let sql = "INSERT INTO tokens (kind, name, fingerprint, hash, grants, forms, created_ms, expires_ms, propose)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (kind, name) DO NOTHING";
    let written = conn.execute(
        sql,
        (
            new.kind.as_str(),
            new.name.as_str(),
            fingerprint(&new.hash),
            &new.hash.as_bytes()[..],
            serde_json::to_string(&new.grants)?,
            new.forms,
            stored(now_ms),
            new.expires_ms.map(stored),
            serde_json::to_string(&new.propose)?,
        ),
    )?;
    Ok(written == 1)
}

/// The token of a hash. An index finds rows by the fingerprint, which is no secret; how long the rest takes says
/// nothing about the stored hash.
pub(crate) fn find(conn: &Connection, hash: &Digest) -> Result<Option<TokenRecord>, Problem> {
    let sql = format!("SELECT {COLUMNS}, hash FROM tokens WHERE fingerprint = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([fingerprint(hash)])?;
    let mut found = None;
    while let Some(row) = rows.next()? {
        let kept = row.get_ref(10)?.as_blob().map_err(rusqlite::Error::from)?;
        if bool::from(kept.ct_eq(&hash.as_bytes()[..])) {
            found = Some(record(row)?);
        }
    }
    Ok(found)
}

/// Every token of a kind, by name.
pub(crate) fn all(conn: &Connection, kind: TokenKind) -> Result<Vec<TokenRecord>, Problem> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE kind = ?1 ORDER BY name"))?;
    let mut rows = statement.query([kind.as_str()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(record(row)?);
    }
    Ok(all)
}

/// Revokes one and gives its fingerprint; `None` where there is none that is not revoked.
pub(crate) fn revoke(
    conn: &Connection,
    kind: TokenKind,
    name: &AgentName,
    now_ms: TimestampMs,
) -> Result<Option<String>, Problem> {
    let sql = "UPDATE tokens SET revoked_ms = ?3 WHERE kind = ?1 AND name = ?2 AND revoked_ms IS NULL
        RETURNING fingerprint";
    Ok(conn.query_row(sql, (kind.as_str(), name.as_str(), stored(now_ms)), |row| row.get(0)).optional()?)
}

/// Whether there is such a token and it is revoked.
pub(crate) fn is_revoked(conn: &Connection, kind: TokenKind, name: &AgentName) -> Result<bool, Problem> {
    let sql = "SELECT EXISTS (SELECT 1 FROM tokens WHERE kind = ?1 AND name = ?2 AND revoked_ms IS NOT NULL)";
    Ok(conn.prepare_cached(sql)?.query_row((kind.as_str(), name.as_str()), |row| row.get(0))?)
}

/// Whether this agent has a token, and it is revoked or expired.
pub(crate) fn is_over(conn: &Connection, agent: &AgentName, now_ms: TimestampMs) -> Result<bool, Problem> {
    let sql = "SELECT EXISTS (SELECT 1 FROM tokens
        WHERE kind = 'agent' AND name = ?1 AND (revoked_ms IS NOT NULL OR expires_ms <= ?2))";
    Ok(conn.prepare_cached(sql)?.query_row((agent.as_str(), stored(now_ms)), |row| row.get(0))?)
}

/// For which ports an agent may propose actions, while its token is good.
pub(crate) fn proposes(conn: &Connection, agent: &AgentName, now_ms: TimestampMs) -> Result<Option<PortSet>, Problem> {
    let sql = "SELECT propose FROM tokens
        WHERE kind = 'agent' AND name = ?1 AND revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > ?2)";
    let found = conn.prepare_cached(sql)?.query_row((agent.as_str(), stored(now_ms)), |row| row.get::<_, String>(0));
    Ok(found.optional()?.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Writes down a use.
pub(crate) fn used(conn: &Connection, kind: TokenKind, name: &AgentName, now_ms: TimestampMs) -> Result<(), Problem> {
    conn.prepare_cached("UPDATE tokens SET last_used_ms = ?3 WHERE kind = ?1 AND name = ?2")?.execute((
        kind.as_str(),
        name.as_str(),
        stored(now_ms),
    ))?;
    Ok(())
}

fn record(row: &Row<'_>) -> Result<TokenRecord, Problem> {
    let text = |index: usize| row.get::<_, String>(index);
    let time = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(read_back));
    Ok(TokenRecord {
        kind: kind(&text(0)?)?,
        name: parsed(&text(1)?)?,
        grants: serde_json::from_str(&text(2)?)?,
        forms: row.get(3)?,
        fingerprint: text(4)?,
        created_ms: read_back(row.get(5)?),
        expires_ms: time(6)?,
        last_used_ms: time(7)?,
        revoked_ms: time(8)?,
        propose: serde_json::from_str(&text(9)?)?,
    })
}

fn kind(text: &str) -> Result<TokenKind, Problem> {
    let known = [TokenKind::Agent, TokenKind::Operator].into_iter().find(|kind| kind.as_str() == text);
    known.ok_or_else(|| Problem::said("a token is of a kind this version does not know"))
}
