//! The actions that published drafts added to a port.

use portcullis_model::{ActionDraft, ActionSlug, Digest, PortSlug, Refusal};
use portcullis_policy::{Approver, DraftId};
use portcullis_store::DraftLine;

use super::proposal::refusal;
use crate::additions;
use crate::embedded;
use crate::host::{Host, unreadable};

/// The action of that name that was added to a port, if there is one.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn live(host: &Host, port: &PortSlug, action: &ActionSlug) -> Result<Option<ActionDraft>, Refusal> {
    let added = host.store().installed(port).map_err(unreadable)?.and_then(|installed| installed.added);
    let find = |added: portcullis_model::Definition| {
        added.manifest().actions.iter().find(|added| added.slug == action.as_str()).cloned()
    };
    Ok(added.and_then(find))
}

/// Adds an action to a port, in the place of the one of its name that was added before; with it, and only with it, its
/// draft is published. Blocks.
///
/// # Errors
/// `draft-unknown` or `draft-state`, or when the store cannot be written.
pub(super) fn add(
    host: &Host,
    port: &PortSlug,
    action: ActionDraft,
    draft: &DraftId,
    seen: Digest,
    by: &Approver,
) -> Result<DraftLine, Refusal> {
    let addition = additions::changed(host, port, |added| {
        added.retain(|other| other.slug != action.slug);
        added.push(action);
    })?;
    let published = host.store().publish_draft(draft, seen, by, &addition, embedded::template());
    published.map_err(|error| refusal(error, Some(draft)))
}

/// Takes an added action out of a port again; `false` where none of that name was added. Blocks.
///
/// # Errors
/// `unknown-action` where the port is not installed, `already-installed` where it was changed meanwhile, or when the store
/// cannot be written.
pub(crate) fn retract(host: &Host, port: &PortSlug, action: &ActionSlug, by: &Approver) -> Result<bool, Refusal> {
    if live(host, port, action)?.is_none() {
        return Ok(false);
    }
    let addition = additions::changed(host, port, |added| added.retain(|other| other.slug != action.as_str()))?;
    if !host.store().set_additions(&addition, embedded::template(), by).map_err(unreadable)? {
        let what = format!("port `{port}` was changed meanwhile");
        return Err(Refusal::new(portcullis_model::Code::DraftState, what).fix("type the same again"));
    }
    host.forget(port);
    Ok(true)
}
