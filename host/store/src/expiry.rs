//! Ends approvals whose time is over, when somebody looks; no timer runs.

use portcullis_policy::ApprovalState;

use crate::approval_row::{ApprovalFacts, Undecided};
use crate::problem::Problem;
use crate::transaction::{Tx, stored};

/// What an approval that was given but not spent in time says.
const NOT_SENT: &str = "approved, but its time was over before it was sent; nothing was sent";

/// Ends every approval whose time is over; gives how many.
pub(crate) fn expire_due(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let due = due(tx)?;
    for undecided in &due {
        expire(tx, undecided)?;
    }
    Ok(due.len())
}

fn due(tx: &Tx<'_>) -> Result<Vec<Undecided>, Problem> {
    let sql = format!(
        "SELECT {} FROM approvals WHERE state IN ('pending', 'approved') AND expires_ms <= ?1 ORDER BY expires_ms",
        Undecided::COLUMNS
    );
    let mut statement = tx.conn().prepare_cached(&sql)?;
    let rows = statement.query_map([stored(tx.now_ms())], Undecided::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Ends one whose time is over: `pending → expired`, or `approved → failed`.
pub(crate) fn expire(tx: &mut Tx<'_>, undecided: &Undecided) -> Result<(), Problem> {
    let (to, kind, reason) = if undecided.is(ApprovalState::Pending) {
        (ApprovalState::Expired, "approval-expired", None)
    } else {
        (ApprovalState::Failed, "approval-failed", Some(NOT_SENT))
    };
    end(tx, undecided, to, kind, reason)
}

/// Takes an approval from the state it was read in to a final one, with its audit row.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    undecided: &Undecided,
    to: ApprovalState,
    kind: &str,
    reason: Option<&str>,
) -> Result<(), Problem> {
    let changed = tx
        .conn()
        .prepare_cached("UPDATE approvals SET state = ?3, reason = ?4 WHERE id = ?1 AND state = ?2")?
        .execute((&undecided.id, &undecided.state, to.as_str(), reason))?;
    if changed == 1 {
        tx.append(kind, None, &ApprovalFacts { reason, ..undecided.facts() })?;
    }
    Ok(())
}
