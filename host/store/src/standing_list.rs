//! Standing approvals as they are read: those that may cover a call, one, or all of them.

use portcullis_model::{ActionId, AgentName, Digest, FreePlaces, Seal};
use portcullis_policy::{Revoked, StandingApproval, StandingId, StoreError};
use rusqlite::{Params, Row};

use crate::approval_row::parsed;
use crate::problem::Problem;
use crate::standing::LIVE;
use crate::store::Store;
use crate::transaction::{read_back, stored};

/// Columns in the order that `whole` takes them.
const COLUMNS: &str = "id, agent, action, digest, seal, free, request, rule, question, approval, by,
    created_ms, expires_ms, uses_left, uses, last_used_ms, revoked_ms, revoked_by, why";

impl Store {
    /// What stands for an agent's calls of an action now; the first to end comes first, and is used up first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standing_for(&self, agent: &AgentName, action: &ActionId) -> Result<Vec<StandingApproval>, StoreError> {
        let live = LIVE.replace("?now", "?1");
        let sql = format!("WHERE {live} AND agent = ?2 AND action = ?3 ORDER BY expires_ms, id");
        Ok(self.read(&sql, (stored(self.inner.now_ms()), agent.as_str(), action.to_string()))?)
    }

    /// One standing approval.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standing(&self, id: &StandingId) -> Result<Option<StandingApproval>, StoreError> {
        Ok(self.read("WHERE id = ?1", [id.as_str()])?.pop())
    }

    /// Every standing approval, newest first; with `all` those that ended too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list_standing(&self, all: bool) -> Result<Vec<StandingApproval>, StoreError> {
        let sql = format!("WHERE ?2 OR {} ORDER BY created_ms DESC, id", LIVE.replace("?now", "?1"));
        Ok(self.read(&sql, (stored(self.inner.now_ms()), all))?)
    }

    fn read(&self, which: &str, params: impl Params) -> Result<Vec<StandingApproval>, Problem> {
        let reader = self.inner.reader();
        let mut statement = reader.prepare_cached(&format!("SELECT {COLUMNS} FROM standing {which}"))?;
        let mut rows = statement.query(params)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(whole(row)?);
        }
        Ok(all)
    }
}

fn whole(row: &Row<'_>) -> Result<StandingApproval, Problem> {
    let text = |index: usize| row.get::<_, String>(index);
    let number = |index: usize| row.get::<_, Option<i64>>(index).map(|number| number.map(read_back));
    let revoked = match number(16)? {
        Some(at_ms) => Some(Revoked { at_ms, by: text(17)?, why: text(18)? }),
        None => None,
    };
    Ok(StandingApproval {
        id: parsed(&text(0)?)?,
        agent: parsed(&text(1)?)?,
        action: parsed(&text(2)?)?,
        digest: parsed(&text(3)?)?,
        seal: Seal::from_digest(parsed::<Digest>(&text(4)?)?),
        free: FreePlaces::stored(serde_json::from_str(&text(5)?)?),
        request: text(6)?,
        rule: text(7)?,
        question: parsed(&text(8)?)?,
        approval: parsed(&text(9)?)?,
        by: text(10)?,
        created_ms: read_back(row.get(11)?),
        expires_ms: read_back(row.get(12)?),
        uses_left: number(13)?,
        uses: read_back(row.get(14)?),
        last_used_ms: number(15)?,
        revoked,
    })
}
