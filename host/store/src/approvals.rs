//! Approvals as `policy` needs them. Each change of state is a compare-and-swap in the transaction that also writes
//! its audit row, so the log and the table never tell two stories.

use portcullis_policy::{
    Approval, ApprovalId, ApprovalState, ApprovalStore, Approver, DraftId, Durability, NewApproval, NewStanding,
    StoreError, TimestampMs,
};

use crate::approval_row::{self, ApprovalFacts, Undecided, parsed};
use crate::expiry::{expire, expire_due};
use crate::job::Wanted;
use crate::problem::Problem;
use crate::standing;
use crate::store::Store;
use crate::tokens::end_if_revoked;
use crate::transaction::{Tx, stored};

impl ApprovalStore for Store {
    async fn insert(&self, new: NewApproval) -> Result<(), StoreError> {
        self.change(move |tx| {
            approval_row::insert(tx.conn(), &new)?;
            let facts = ApprovalFacts {
                approval: new.id.as_str(),
                action: &new.action.to_string(),
                agent: new.agent.as_str(),
                fingerprint: Some(new.fingerprint.to_string()),
                rule: Some(&new.rule),
                by: None,
                reason: None,
                policy: Some(new.basis.policy),
                shadow: &new.basis.shadow,
                rooms_us: (!new.rooms_us.is_empty()).then_some(&new.rooms_us),
                draft: new.draft.as_ref().map(DraftId::as_str),
            };
            tx.append("approval-asked", None, &facts)?;
            end_if_revoked(tx, &new.agent)
        })
        .await
    }

    async fn get(&self, id: &ApprovalId) -> Result<Option<Approval>, StoreError> {
        let found = approval_row::read(&self.inner.reader(), id)?;
        let now_ms = self.inner.now_ms();
        match found {
            Some(approval) if is_undecided(approval.state) && approval.expires_ms <= now_ms => {
                self.change(expire_due).await?;
                Ok(approval_row::read(&self.inner.reader(), id)?)
            }
            other => Ok(other),
        }
    }

    async fn approve(
        &self,
        id: &ApprovalId,
        by: &Approver,
        now_ms: TimestampMs,
        stands: Option<NewStanding>,
    ) -> Result<bool, StoreError> {
        let (id, by, owner) = (id.clone(), by.clone(), self.inner.owner.clone());
        self.change(move |tx| {
            let Some(undecided) = still_pending(tx, id.as_str(), now_ms)? else { return Ok(false) };
            let drafted = undecided.draft.is_some();
            if !by.may_approve(&parsed(&undecided.agent)?) || drafted && !by.may_decide_drafts() {
                return Err(not_theirs(&by, &undecided));
            }
            if drafted && stands.is_some() {
                return Err(Problem::said("a test of a draft is approved once, and never in advance"));
            }
            let changed = tx
                .conn()
                .prepare_cached(
                    "UPDATE approvals SET state = 'approved', decided_ms = ?2, owner = ?3 WHERE id = ?1 AND state = 'pending'",
                )?
                .execute((id.as_str(), stored(now_ms), owner.id()))?;
            if changed == 1 {
                let facts = ApprovalFacts { by: Some(by.to_string()), ..undecided.facts() };
                tx.append("approval-approved", None, &facts)?;
                if let Some(stands) = &stands {
                    standing::make(tx, stands, &by)?;
                }
            }
            Ok(changed == 1)
        })
        .await
    }

    async fn reject(
        &self,
        id: &ApprovalId,
        reason: &str,
        by: &Approver,
        now_ms: TimestampMs,
    ) -> Result<bool, StoreError> {
        let (id, reason, by) = (id.clone(), reason.to_owned(), by.clone());
        self.change(move |tx| match still_pending(tx, id.as_str(), now_ms)? {
            Some(undecided) => reject(tx, &undecided, &reason, &by, now_ms),
            None => Ok(false),
        })
        .await
    }
}

/// Takes a pending approval to `rejected`, with its audit row.
pub(crate) fn reject(
    tx: &mut Tx<'_>,
    undecided: &Undecided,
    reason: &str,
    by: &Approver,
    now_ms: TimestampMs,
) -> Result<bool, Problem> {
    if !by.may_reject(&parsed(&undecided.agent)?) {
        return Err(not_theirs(by, undecided));
    }
    let changed = tx
        .conn()
        .prepare_cached(
            "UPDATE approvals SET state = 'rejected', decided_ms = ?2, reason = ?3,
                description = CASE WHEN ?4 THEN NULL ELSE description END
            WHERE id = ?1 AND state = 'pending'",
        )?
        // What an agent takes back is nobody's to look at: kept, it would let the agent fill the disk.
        .execute((&undecided.id, stored(now_ms), reason, matches!(by, Approver::Withdrawn(_))))?;
    if changed == 1 {
        let facts = ApprovalFacts { by: Some(by.to_string()), reason: Some(reason), ..undecided.facts() };
        tx.append("approval-rejected", None, &facts)?;
    }
    Ok(changed == 1)
}

fn not_theirs(by: &Approver, undecided: &Undecided) -> Problem {
    Problem::said(format!("`{by}` cannot decide so about an approval of `{}`", undecided.agent))
}

impl Store {
    /// A change that need not outlive the loss of power: losing it asks a person again, and sends nothing.
    pub(crate) async fn change<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    {
        self.inner.writer.submit(Durability::Process, Wanted::Always, work).await
    }
}

/// The approval, if it waits and its time is not over. One whose time is over ends here.
fn still_pending(tx: &mut Tx<'_>, id: &str, now_ms: TimestampMs) -> Result<Option<Undecided>, Problem> {
    match Undecided::read(tx, id)? {
        Some(undecided) if !undecided.is(ApprovalState::Pending) => Ok(None),
        Some(undecided) if undecided.expires_ms <= now_ms => {
            expire(tx, &undecided)?;
            Ok(None)
        }
        other => Ok(other),
    }
}

fn is_undecided(state: ApprovalState) -> bool {
    matches!(state, ApprovalState::Pending | ApprovalState::Approved)
}
