//! The audit log as `policy` needs it: an intent before a send, an outcome after it, events beside them.

use portcullis_policy::{AuditLog, Durability, Event, Intent, OpenCall, OpenError, Outcome, Receipt, Seq, StoreError};
use serde::Serialize;

use crate::job::Wanted;
use crate::problem::Problem;
use crate::standing;
use crate::store::Store;
use crate::token_row;
use crate::transaction::{Tx, stored};

/// Kind of the row before a send.
pub(crate) const INTENT: &str = "intent";
/// Kind of the row after it.
pub(crate) const OUTCOME: &str = "outcome";
/// Kind of the row of a call whose process was gone before its outcome.
pub(crate) const UNKNOWN: &str = "unknown";

/// An outcome names its intent, so that a reader finds action and agent without a search.
#[derive(Serialize)]
struct Closing<'a> {
    intent: Seq,
    /// Present where the call was taken for lost before it ended.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    late: bool,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// An intent that a standing approval stood in for says which of its uses this is.
#[derive(Serialize)]
struct Standing<'a> {
    #[serde(flatten)]
    intent: &'a Intent,
    uses: u64,
}

impl AuditLog for Store {
    async fn open(&self, intent: Intent) -> Result<Receipt, OpenError> {
        let owner = self.inner.owner.clone();
        let durability = intent.durability;
        let opened =
            self.inner.writer.submit(durability, Wanted::ByCaller, move |tx| open(tx, &intent, owner.id())).await?;
        match opened {
            Ok(seq) => Ok(Receipt { seq }),
            Err(NotOpened::Spent) => Err(OpenError::Spent),
            Err(NotOpened::Gone) => Err(OpenError::Gone),
        }
    }

    async fn close(&self, call: &OpenCall, outcome: Outcome) -> Result<Receipt, StoreError> {
        let (id, intent) = (call.call().clone(), call.intent());
        let approval = call.approval().cloned();
        let work = move |tx: &mut Tx<'_>| {
            let gone = tx.conn().prepare_cached("DELETE FROM open_calls WHERE call = ?1")?.execute([id.as_str()])? == 0;
            let seq = tx.append(OUTCOME, Some(id.as_str()), &Closing { intent, late: gone, outcome: &outcome })?;
            if let Some(approval) = &approval {
                let state = if outcome.refusal.is_some() { "failed" } else { "executed" };
                // An approval that reads `unknown` by now stays so; the row above says what is known.
                tx.conn()
                    .prepare_cached(
                        "UPDATE approvals SET state = ?2, reason = ?3, result = ?4 WHERE id = ?1 AND state = 'executing'",
                    )?
                    .execute((approval.as_str(), state, &outcome.refusal, &outcome.result))?;
            }
            Ok(Receipt { seq })
        };
        self.inner.writer.submit(Durability::Process, Wanted::Always, work).await
    }

    async fn note(&self, event: Event) -> Result<Receipt, StoreError> {
        let work = move |tx: &mut Tx<'_>| {
            let call = event.call.as_ref().map(|call| call.as_str());
            Ok(Receipt { seq: tx.append(event.kind, call, &event.facts)? })
        };
        self.inner.writer.submit(Durability::Process, Wanted::Always, work).await
    }
}

/// Why no intent was written.
enum NotOpened {
    /// The approval was not there to be spent, or the standing one does not stand any more.
    Spent,
    /// The agent's token is not good any more.
    Gone,
}

fn open(tx: &mut Tx<'_>, intent: &Intent, owner: &str) -> Result<Result<Seq, NotOpened>, Problem> {
    // The last moment at which a call can be stopped: its token may have ended since the door looked at it.
    if token_row::is_over(tx.conn(), &intent.agent, tx.now_ms())? {
        return Ok(Err(NotOpened::Gone));
    }
    let approval = intent.approval.as_ref().map(|id| id.as_str());
    if let Some(id) = approval {
        let spent = tx
            .conn()
            .prepare_cached("UPDATE approvals SET state = 'executing' WHERE id = ?1 AND state = 'approved'")?
            .execute([id])?;
        if spent == 0 {
            return Ok(Err(NotOpened::Spent));
        }
    }
    let call = intent.call.as_str();
    let seq = match &intent.standing {
        None => tx.append(INTENT, Some(call), intent)?,
        Some(id) => match standing::spend(tx, id, intent)? {
            Some(uses) => tx.append(INTENT, Some(call), &Standing { intent, uses })?,
            None => return Ok(Err(NotOpened::Spent)),
        },
    };
    tx.conn()
        .prepare_cached("INSERT INTO open_calls (call, intent, approval, owner) VALUES (?1, ?2, ?3, ?4)")?
        .execute((call, stored(seq), approval, owner))?;
    Ok(Ok(seq))
}
