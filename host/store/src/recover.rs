//! Ends what processes that are gone left open.
//!
//! A call between intent and outcome becomes `unknown`: it may have been sent, and is never sent again. Who is gone is
//! decided by a lock that the system lets go of, never by age. Calls of live owners are left alone.

use std::collections::BTreeMap;
use std::fs;

use portcullis_policy::{ApprovalState, StoreError};
use serde::Serialize;

use crate::approval_row::Undecided;
use crate::audit_log::UNKNOWN;
use crate::expiry::end;
use crate::home::OWNER_ENDING;
use crate::lockfile::{Attempt, Held, try_existing, wait_for};
use crate::once;
use crate::private_file::remove;
use crate::problem::Problem;
use crate::store::{Inner, Store};
use crate::transaction::{Tx, read_back};

/// What an approval says that was given and never spent.
const NOT_SENT: &str = "the host stopped before sending; nothing was sent";

/// What an approval says whose call has no outcome.
const MAYBE_SENT: &str = "the host stopped between sending and recording; it may or may not have been sent";

/// What a recovery found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// Calls that are `unknown` now.
    pub unknown: usize,
    /// Approvals that were given and never spent, and are `failed` now.
    pub unspent: usize,
    /// Idempotency keys whose call ended without a recorded outcome, and is `unknown` now.
    pub keys: usize,
}

struct OpenCall {
    call: String,
    intent: u64,
    approval: Option<String>,
}

impl Store {
    /// Ends the calls of processes that are gone; `open` does it too.
    ///
    /// Blocks while another process does the same.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn recover(&self) -> Result<Recovered, StoreError> {
        let gate = wait_for(&self.inner.home.gate(), self.inner.patience()).map_err(StoreError::from)?;
        Ok(self.inner.recover_behind(&gate)?)
    }
}

impl Inner {
    /// The gate makes this the only recovery, and keeps lock files from being made meanwhile: one that can be locked
    /// now belongs to nobody.
    pub(crate) fn recover_behind(&self, _gate: &Held) -> Result<Recovered, Problem> {
        let mut recovered = Recovered::default();
        for (id, has_rows) in self.others()? {
            let lock = match try_existing(&self.home.owner(&id))? {
                Attempt::Busy => continue,
                Attempt::Held(lock) => Some(lock),
                // A store that closed in order with calls still open removed its file.
                Attempt::Missing => None,
            };
            if has_rows {
                let found = self.writer.run(|tx| end_all_of(tx, &id))?;
                recovered.unknown += found.unknown;
                recovered.unspent += found.unspent;
                recovered.keys += found.keys;
            }
            // Only after the commit: until then the file is what says that this owner is to be looked at.
            remove(&self.home.owner(&id))?;
            drop(lock);
        }
        Ok(recovered)
    }

    /// Every owner but this one that has a lock file or something open, and whether it is the latter. Something that
    /// is opened after this look is its live owner's.
    fn others(&self) -> Result<BTreeMap<String, bool>, Problem> {
        let mut ids = BTreeMap::new();
        for entry in fs::read_dir(self.home.owners())? {
            if let Some(id) = entry?.file_name().to_str().and_then(|name| name.strip_suffix(OWNER_ENDING)) {
                ids.insert(id.to_owned(), false);
            }
        }
        let reader = self.reader();
        let sql = "SELECT owner FROM open_calls UNION SELECT owner FROM approvals WHERE state = 'approved'
            UNION SELECT owner FROM once WHERE owner IS NOT NULL";
        let mut statement = reader.prepare_cached(sql)?;
        for owner in statement.query_map((), |row| row.get::<_, Option<String>>(0))? {
            ids.extend(owner?.filter(|id| is_owner_id(id)).map(|id| (id, true)));
        }
        ids.remove(self.owner.id());
        Ok(ids)
    }
}

/// The id becomes part of a path, and the database may have been edited.
fn is_owner_id(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_hexdigit())
}

fn end_all_of(tx: &mut Tx<'_>, owner: &str) -> Result<Recovered, Problem> {
    let calls = open_calls(tx, owner)?;
    for call in &calls {
        end_call(tx, call)?;
    }
    let unspent = unspent(tx, owner)?;
    for undecided in &unspent {
        end(tx, undecided, ApprovalState::Failed, "approval-failed", Some(NOT_SENT))?;
    }
    Ok(Recovered { unknown: calls.len(), unspent: unspent.len(), keys: once::give_up(tx, owner)? })
}

fn end_call(tx: &mut Tx<'_>, call: &OpenCall) -> Result<(), Problem> {
    #[derive(Serialize)]
    struct Lost<'a> {
        intent: u64,
        approval: Option<&'a str>,
        reason: &'a str,
    }
    let approval = call.approval.as_deref();
    tx.append(UNKNOWN, Some(&call.call), &Lost { intent: call.intent, approval, reason: MAYBE_SENT })?;
    tx.conn()
        .prepare_cached("UPDATE approvals SET state = 'unknown', reason = ?2 WHERE id = ?1 AND state = 'executing'")?
        .execute((approval, MAYBE_SENT))?;
    tx.conn().prepare_cached("DELETE FROM open_calls WHERE call = ?1")?.execute([&call.call])?;
    Ok(())
}

fn open_calls(tx: &Tx<'_>, owner: &str) -> Result<Vec<OpenCall>, Problem> {
    let sql = "SELECT call, intent, approval FROM open_calls WHERE owner = ?1 ORDER BY intent";
    let mut statement = tx.conn().prepare_cached(sql)?;
    let rows = statement.query_map([owner], |row| {
        Ok(OpenCall { call: row.get(0)?, intent: read_back(row.get(1)?), approval: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn unspent(tx: &Tx<'_>, owner: &str) -> Result<Vec<Undecided>, Problem> {
    let sql = format!("SELECT {} FROM approvals WHERE state = 'approved' AND owner = ?1", Undecided::COLUMNS);
    let mut statement = tx.conn().prepare_cached(&sql)?;
    let rows = statement.query_map([owner], Undecided::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
