//! Actions that are added to an installed port: served by the template, beside the plugin, to the plugin's own origin.

use portcullis_model::{ActionDraft, Code, Definition, Digest, ManifestDraft, PortSlug, Refusal};
use portcullis_registry::Additions;
use portcullis_store::Addition;

use crate::embedded;
use crate::host::{Host, checked, unreadable};

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

/// Another set of added actions for a port, made of the one that it has; what it comes to is checked.
///
/// # Errors
/// `unknown-action` where the port is not installed; `bad-manifest` where the whole would declare what no plugin may.
pub(crate) fn changed(
    host: &Host,
    port: &PortSlug,
    change: impl FnOnce(&mut Vec<ActionDraft>),
) -> Result<Addition, Refusal> {
    let Some(installed) = host.store().installed(port).map_err(unreadable)? else {
        let what = format!("no port `{port}` is installed");
        return Err(Refusal::new(Code::UnknownAction, what).fix("portcullis ports"));
    };
    let before = installed.line.served();
    let mut base = installed.manifest;
    let mut actions = installed.added.map(|added| added.manifest().actions.clone()).unwrap_or_default();
    base.actions.retain(|own| !actions.iter().any(|added| added.slug == own.slug));
    change(&mut actions);
    let added = definition(&base, actions)?;
    let joined = joined(base.clone(), added.as_ref().map(|added| added.manifest().clone()));
    let manifest = joined.unwrap_or(base);
    checked(manifest.clone())?;
    Ok(Addition { port: port.clone(), before, added, manifest })
}

/// Which actions a definition adds.
pub(crate) fn of(added: &Definition) -> Additions {
    let actions = added.manifest().actions.iter().filter_map(|action| action.slug.parse().ok()).collect();
    Additions { digest: added.digest(), actions }
}
