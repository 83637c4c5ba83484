//! Approvals between their type and their row.

use portcullis_model::{ActionId, AgentName, Digest, Fingerprint};
use portcullis_policy::{Approval, ApprovalId, ApprovalState, NewApproval, RoomTimes, TimestampMs};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::Serialize;

use crate::problem::Problem;
use crate::transaction::{Tx, read_back, stored};

/// What an audit row says about an approval: never the description.
#[derive(Serialize)]
pub(crate) struct ApprovalFacts<'a> {
    pub(crate) approval: &'a str,
    pub(crate) action: &'a str,
    pub(crate) agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<Digest>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) shadow: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rooms_us: Option<&'a RoomTimes>,
    /// The draft that it tries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) draft: Option<&'a str>,
}

/// The part of an approval that decides what may become of it.
pub(crate) struct Undecided {
    pub(crate) id: String,
    pub(crate) action: String,
    pub(crate) agent: String,
    pub(crate) state: String,
    pub(crate) expires_ms: TimestampMs,
    /// The draft that it tries.
    pub(crate) draft: Option<String>,
}

impl Undecided {
    pub(crate) const COLUMNS: &str = "id, action, agent, state, expires_ms,
        (SELECT draft FROM draft_tests WHERE approval = approvals.id)";

    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            action: row.get(1)?,
            agent: row.get(2)?,
            state: row.get(3)?,
            expires_ms: read_back(row.get(4)?),
            draft: row.get(5)?,
        })
    }

    pub(crate) fn read(tx: &Tx<'_>, id: &str) -> Result<Option<Self>, Problem> {
        let sql = format!("SELECT {} FROM approvals WHERE id = ?1", Self::COLUMNS);
        Ok(tx.conn().prepare_cached(&sql)?.query_row([id], Self::from_row).optional()?)
    }

    pub(crate) fn is(&self, state: ApprovalState) -> bool {
        self.state == state.as_str()
    }

    pub(crate) fn facts(&self) -> ApprovalFacts<'_> {
        ApprovalFacts {
            approval: &self.id,
            action: &self.action,
            agent: &self.agent,
            fingerprint: None,
            rule: None,
            by: None,
            reason: None,
            policy: None,
            shadow: &[],
            rooms_us: None,
            draft: self.draft.as_deref(),
        }
    }
}

/// Writes a new one.
pub(crate) fn insert(conn: &Connection, new: &NewApproval) -> Result<(), Problem> {
    let sql = "INSERT INTO approvals
        (id, action, agent, digest, fingerprint, rule, created_ms, expires_ms, state, description)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', ?9)";
    conn.prepare_cached(sql)?.execute((
        new.id.as_str(),
        new.action.to_string(),
        new.agent.as_str(),
        new.digest.to_string(),
        new.fingerprint.to_string(),
        &new.rule,
        stored(new.created_ms),
        stored(new.expires_ms),
        serde_json::to_string(&new.description)?,
    ))?;
    if let Some(input) = &new.input {
        let sql = "INSERT INTO inputs (approval, input) VALUES (?1, ?2)";
        conn.prepare_cached(sql)?.execute((new.id.as_str(), input))?;
    }
    if let Some(draft) = &new.draft {
        let sql = "INSERT INTO draft_tests (approval, draft) VALUES (?1, ?2)";
        conn.prepare_cached(sql)?.execute((new.id.as_str(), draft.as_str()))?;
    }
    Ok(())
}

/// Reads one whole.
pub(crate) fn read(conn: &Connection, id: &ApprovalId) -> Result<Option<Approval>, Problem> {
    let sql = "SELECT action, agent, digest, fingerprint, rule, created_ms, expires_ms, state, decided_ms, reason,
        description, result, (SELECT input FROM inputs WHERE approval = id),
        (SELECT draft FROM draft_tests WHERE approval = id) FROM approvals WHERE id = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([id.as_str()])?;
    rows.next()?.map(|row| whole(id, row)).transpose()
}

fn whole(id: &ApprovalId, row: &Row<'_>) -> Result<Approval, Problem> {
    let text = |index: usize| row.get::<_, String>(index);
    let description = row.get::<_, Option<String>>(10)?.map(|json| serde_json::from_str(&json)).transpose()?;
    Ok(Approval {
        id: id.clone(),
        action: parsed::<ActionId>(&text(0)?)?,
        agent: parsed::<AgentName>(&text(1)?)?,
        digest: parsed::<Digest>(&text(2)?)?,
        description,
        input: row.get(12)?,
        fingerprint: Fingerprint::from_digest(parsed::<Digest>(&text(3)?)?),
        rule: text(4)?,
        created_ms: read_back(row.get(5)?),
        expires_ms: read_back(row.get(6)?),
        state: text(7)?.parse()?,
        decided_ms: row.get::<_, Option<i64>>(8)?.map(read_back),
        reason: row.get(9)?,
        result: row.get(11)?,
        draft: row.get::<_, Option<String>>(13)?.map(|id| parsed(&id)).transpose()?,
    })
}

/// Reads text that was written by this crate.
pub(crate) fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::said("a stored record is not what this version writes: run `portcullis doctor`"))
}
