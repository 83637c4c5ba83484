//! The operator's yes and no to a draft.
//!
//! A yes is to the content that was looked at, by its digest. It is examined once more against what is installed now.

use portcullis_model::{Digest, Refusal};
use portcullis_policy::{Approver, DraftId};
use portcullis_store::{DraftError, DraftLine, DraftState};
use tokio::task::block_in_place;

use super::additions;
use super::bound::examine;
use super::proposal::{Proposal, find, refusal, unfit};
use crate::host::Host;

/// Makes an action of a draft that was requested and says what was looked at.
///
/// # Errors
/// `draft-unknown`; `draft-state` where it is not requested, or says something else by now; `bad-document` with every
/// place at fault where it breaks a rule of what is installed now.
pub(crate) async fn publish(host: &Host, id: &DraftId, seen: Digest, by: &Approver) -> Result<DraftLine, Refusal> {
    let draft = find(host, id)?;
    // The store looks again, at the moment of the change.
    if draft.line.state != DraftState::Requested {
        return Err(refusal(DraftError::State(draft.line.state), Some(id)));
    }
    if draft.line.digest != seen {
        return Err(refusal(DraftError::Changed { digest: draft.line.digest }, Some(id)));
    }
    let proposal = Proposal::of(&draft)?.ok_or_else(|| refusal(DraftError::Unknown, Some(id)))?;
    let port = draft.line.port.clone();
    let bound = match block_in_place(|| examine(host, &port, &proposal.template))? {
        Ok(bound) => bound,
        Err(problems) => return Err(unfit(id, problems)),
    };
    let line = block_in_place(|| additions::add(host, &port, bound.declared, id, seen, by))?;
    host.forget(&port);
    Ok(line)
}

/// Says no.
///
/// # Errors
/// `draft-unknown`, or `draft-state` where it was decided already.
pub(crate) async fn reject(host: &Host, id: &DraftId, by: &Approver, reason: &str) -> Result<DraftLine, Refusal> {
    host.store().reject_draft(id, by, reason).await.map_err(|error| refusal(error, Some(id)))
}
