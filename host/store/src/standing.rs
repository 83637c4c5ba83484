//! Standing approvals: made with a yes, spent with an intent, ended by whatever makes them untrue; each with its audit
//! row, in the same transaction.
//!
//! Whether a request is one that an approval stands for is `policy`'s matter. Here is only whether it still stands.

use portcullis_model::{AgentName, Digest, PortSlug};
use portcullis_policy::{Approver, Durability, Intent, NewStanding, StandingId, StoreError};
use rusqlite::OptionalExtension as _;
use serde::Serialize;

use crate::job::Wanted;
use crate::problem::Problem;
use crate::store::Store;
use crate::transaction::{Tx, read_back, stored};

/// What makes one live, at the time `?now`.
pub(crate) const LIVE: &str = "revoked_ms IS NULL AND expires_ms > ?now AND (uses_left IS NULL OR uses_left > 0)";

#[derive(Serialize)]
struct Made<'a> {
    standing: &'a str,
    approval: &'a str,
    action: String,
    agent: &'a str,
    request: &'a str,
    rule: &'a str,
    free: &'a [String],
    expires_ms: u64,
    uses: Option<u32>,
    by: String,
}

#[derive(Serialize)]
struct Ended<'a> {
    standing: &'a str,
    action: &'a str,
    agent: &'a str,
    by: &'a str,
    why: &'a str,
}

impl Store {
    /// Ends a standing approval; `false` where there is none that could still stand. A request that it covered and that
    /// is being sent is not stopped.
    ///
    /// # Errors
    /// When the store cannot be written, or where [`Approver::may_stand`] says no.
    pub async fn end_standing(&self, id: &StandingId, by: &Approver, why: &str) -> Result<bool, StoreError> {
        let (id, by, why) = (id.clone(), by.clone(), why.to_owned());
        let work = move |tx: &mut Tx<'_>| {
            if !by.may_stand() {
                return Err(Problem::said(format!("`{by}` cannot decide about a standing approval")));
            }
            let live = LIVE.replace("?now", "?1");
            let ended = end_where(tx, &format!("{live} AND id = ?4"), id.as_str(), &by.to_string(), &why)?;
            Ok(ended > 0)
        };
        // An end that is lost would let requests through that a person had stopped.
        self.inner.writer.submit(Durability::Power, Wanted::Always, work).await
    }
}

/// Keeps a new one, with the yes that it came from.
pub(crate) fn make(tx: &mut Tx<'_>, new: &NewStanding, by: &Approver) -> Result<(), Problem> {
    if !by.may_stand() {
        return Err(Problem::said(format!("`{by}` cannot make a standing approval")));
    }
    let by = by.to_string();
    let sql = "INSERT INTO standing
        (id, agent, action, digest, seal, free, request, rule, question, approval, by, created_ms, expires_ms, uses_left,
        uses)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0)";
    tx.conn().prepare_cached(sql)?.execute((
        new.id.as_str(),
        new.agent.as_str(),
        new.action.to_string(),
        new.digest.to_string(),
        new.seal.to_string(),
        serde_json::to_string(new.free.as_slice())?,
        &new.request,
        &new.rule,
        new.question.to_string(),
        new.approval.as_str(),
        &by,
        stored(new.created_ms),
        stored(new.expires_ms),
        new.uses,
    ))?;
    let made = Made {
        standing: new.id.as_str(),
        approval: new.approval.as_str(),
        action: new.action.to_string(),
        agent: new.agent.as_str(),
        request: &new.request,
        rule: &new.rule,
        free: new.free.as_slice(),
        expires_ms: new.expires_ms,
        uses: new.uses,
        by,
    };
    tx.append("standing-made", None, &made)?;
    Ok(())
}

/// Takes one use; gives how many that makes. `None` where it does not stand any more, or not for this.
pub(crate) fn spend(tx: &Tx<'_>, id: &StandingId, intent: &Intent) -> Result<Option<u64>, Problem> {
    let sql = format!(
        "UPDATE standing SET uses = uses + 1, uses_left = uses_left - 1, last_used_ms = ?1
        WHERE {} AND id = ?2 AND agent = ?3 AND action = ?4 AND digest = ?5 RETURNING uses",
        LIVE.replace("?now", "?1")
    );
    let found = tx.conn().prepare_cached(&sql)?.query_row(
        (stored(tx.now_ms()), id.as_str(), intent.agent.as_str(), intent.action.to_string(), intent.digest.to_string()),
        |row| row.get(0).map(read_back),
    );
    Ok(found.optional()?)
}

/// Ends what stands for an agent.
pub(crate) fn end_of_agent(tx: &mut Tx<'_>, agent: &AgentName, by: &Approver, why: &str) -> Result<(), Problem> {
    let live = LIVE.replace("?now", "?1");
    end_where(tx, &format!("{live} AND agent = ?4"), agent.as_str(), &by.to_string(), why).map(drop)
}

/// Ends what stands for actions of a plugin that is not there any more.
pub(crate) fn end_of_plugin(tx: &mut Tx<'_>, port: &PortSlug, digest: Digest, why: &str) -> Result<(), Problem> {
    let live = LIVE.replace("?now", "?1");
    let by = Approver::Terminal.to_string();
    // No name holds a slash, nor is `digest` more than the letters and digits it is written in.
    let which = format!("{live} AND substr(action, 1, instr(action, '/') - 1) = ?4 AND digest = '{digest}'");
    end_where(tx, &which, port.as_str(), &by, why).map(drop)
}

/// Ends those that fit, each with its audit row; gives how many. `?1` is now, `?4` the one word that `which` takes.
fn end_where(tx: &mut Tx<'_>, which: &str, word: &str, by: &str, why: &str) -> Result<usize, Problem> {
    let sql = format!(
        "UPDATE standing SET revoked_ms = ?1, revoked_by = ?2, why = ?3 WHERE {which} RETURNING id, action, agent"
    );
    let text = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let ended: Vec<(String, String, String)> = tx
        .conn()
        .prepare_cached(&sql)?
        .query_map((stored(tx.now_ms()), by, why, word), text)?
        .collect::<Result<_, _>>()?;
    for (standing, action, agent) in &ended {
        tx.append("standing-revoked", None, &Ended { standing, action, agent, by, why })?;
    }
    Ok(ended.len())
}
