//! Actions that are added to an installed port: served by the template, beside the plugin, to the plugin's own origin.

use portcullis_model::{ActionDraft, Code, Definition, Digest, ManifestDraft, Refusal};
use portcullis_registry::Additions;

use crate::embedded;

/// The definition that serves some actions at the port of a plugin; `None` where there are none.
///
/// # Errors
/// `bad-manifest` where the plugin has an action of such a name itself.
pub(crate) fn definition(base: &ManifestDraft, actions: Vec<ActionDraft>) -> Result<Option<Definition>, Refusal> {
    if actions.is_empty() {
        return Ok(None);
    }
    if let Some(twice) = actions.iter().find(|added| base.actions.iter().any(|own| own.slug == added.slug)) {
        let (port, action) = (&base.port.slug, &twice.slug);
        let what = format!("the plugin has an action `{action}` itself, beside the one that was added to `{port}`");
        return Err(Refusal::new(Code::BadManifest, what).fix(format!("portcullis draft retract {port}/{action}")));
    }
    let manifest = ManifestDraft { version: base.version.clone(), port: base.port.clone(), actions };
    let definition = Definition::new(Digest::of(embedded::template()), manifest);
    definition.map(Some).map_err(|error| Refusal::new(Code::BadManifest, error.to_string()))
}

/// What a port declares as a whole; `None` where what was added is not for this port: another origin or another
/// credential would be somebody else's port.
pub(crate) fn joined(mut base: ManifestDraft, added: Option<ManifestDraft>) -> Option<ManifestDraft> {
    if let Some(added) = added {
        if added.port != base.port {
            return None;
        }
        base.actions.extend(added.actions);
    }
    Some(base)
}

/// Which actions a definition adds.
pub(crate) fn of(added: &Definition) -> Additions {
    let actions = added.manifest().actions.iter().filter_map(|action| action.slug.parse().ok()).collect();
    Additions { digest: added.digest(), actions }
}
