//! Approvals in short, for a list. Reads no description and no answer; `get` does.

use portcullis_model::{ActionId, AgentName};
use portcullis_policy::{ApprovalId, ApprovalState, DraftId, StoreError, TimestampMs};
use rusqlite::{OptionalExtension as _, Row};
use serde::Serialize;

use crate::approval_row::parsed;
use crate::expiry::expire_due;
use crate::problem::Problem;
use crate::store::Store;
use crate::transaction::{read_back, stored};

/// Which approvals to list. Empty fields leave everything through.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields of `ApprovalLine`")]
pub struct ApprovalFilter {
    pub state: Option<ApprovalState>,
    pub action: Option<ActionId>,
    pub agent: Option<AgentName>,
    /// At most this many, newest first.
    pub limit: Option<usize>,
}

/// One line of a list.
#[derive(Debug, Clone, Serialize)]
pub struct ApprovalLine {
    /// Its name.
    pub id: ApprovalId,
    /// Which action.
    pub action: ActionId,
    /// For whom.
    pub agent: AgentName,
    /// Where it is in its life.
    pub state: ApprovalState,
    /// Which rule asked.
    pub rule: String,
    /// When it was asked.
    pub created_ms: TimestampMs,
    /// When it is too late.
    pub expires_ms: TimestampMs,
    /// When a person decided.
    pub decided_ms: Option<TimestampMs>,
    /// The person's reason for a no, or the refusal that stopped the send.
    pub reason: Option<String>,
    /// Whether its description and answer were dropped for their age.
    pub pruned: bool,
    /// The draft that it tries, which is not installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftId>,
}

const SQL: &str = "SELECT id, action, agent, state, rule, created_ms, expires_ms, decided_ms, reason,
    description IS NULL, (SELECT draft FROM draft_tests WHERE approval = id) FROM approvals
    WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR agent = ?3)
    ORDER BY created_ms DESC, id LIMIT ?4";

impl Store {
    /// The last approval of an action that was sent and can still be shown, whoever asked for it. No test of a draft: what
    /// that tried was never installed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_executed(&self, action: &ActionId) -> Result<Option<ApprovalId>, StoreError> {
        Ok(self.last(action)?)
    }

    fn last(&self, action: &ActionId) -> Result<Option<ApprovalId>, Problem> {
        // By age, newest first: there is an index for that, and most actions are used often or seldom asked about.
        let sql = "SELECT id FROM approvals WHERE action = ?1 AND state = 'executed' AND description IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM draft_tests WHERE approval = id)
            ORDER BY created_ms DESC LIMIT 1";
        let found =
            self.inner.reader().prepare_cached(sql)?.query_row([action.to_string()], |row| row.get::<_, String>(0));
        found.optional()?.map(|id| parsed(&id)).transpose()
    }

    /// Lists approvals, newest first, after ending the ones whose time is over.
    ///
    /// # Errors
    /// When the store cannot be read, or an end cannot be recorded.
    pub async fn list_approvals(&self, filter: &ApprovalFilter) -> Result<Vec<ApprovalLine>, StoreError> {
        if self.any_due()? {
            self.change(expire_due).await?;
        }
        Ok(self.lines(filter)?)
    }

    /// How many approvals of an agent wait for a person.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_of(&self, agent: &AgentName) -> Result<usize, StoreError> {
        Ok(self.count_waiting(agent)?)
    }

    fn count_waiting(&self, agent: &AgentName) -> Result<usize, Problem> {
        // The first term is that of the partial index, which only the same words find.
        let sql = "SELECT count(*) FROM approvals
            WHERE state IN ('pending', 'approved') AND state = 'pending' AND expires_ms > ?1 AND agent = ?2";
        let now_ms = stored(self.inner.now_ms());
        let count: i64 =
            self.inner.reader().prepare_cached(sql)?.query_row((now_ms, agent.as_str()), |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn any_due(&self) -> Result<bool, Problem> {
        let sql = "SELECT EXISTS (SELECT 1 FROM approvals WHERE state IN ('pending', 'approved') AND expires_ms <= ?1)";
        let now_ms = stored(self.inner.now_ms());
        Ok(self.inner.reader().prepare_cached(sql)?.query_row([now_ms], |row| row.get(0))?)
    }

    fn lines(&self, filter: &ApprovalFilter) -> Result<Vec<ApprovalLine>, Problem> {
        let reader = self.inner.reader();
        let mut statement = reader.prepare_cached(SQL)?;
        let mut rows = statement.query((
            filter.state.map(ApprovalState::as_str),
            filter.action.as_ref().map(ToString::to_string),
            filter.agent.as_ref().map(AgentName::as_str),
            filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(-1)),
        ))?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            lines.push(line(row)?);
        }
        Ok(lines)
    }
}

fn line(row: &Row<'_>) -> Result<ApprovalLine, Problem> {
    let text = |index: usize| row.get::<_, String>(index);
    Ok(ApprovalLine {
        id: parsed(&text(0)?)?,
        action: parsed(&text(1)?)?,
        agent: parsed(&text(2)?)?,
        state: text(3)?.parse()?,
        rule: text(4)?,
        created_ms: read_back(row.get(5)?),
        expires_ms: read_back(row.get(6)?),
        decided_ms: row.get::<_, Option<i64>>(7)?.map(read_back),
        reason: row.get(8)?,
        pruned: row.get(9)?,
        draft: row.get::<_, Option<String>>(10)?.map(|id| parsed(&id)).transpose()?,
    })
}
