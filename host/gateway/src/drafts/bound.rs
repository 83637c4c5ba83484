//! A draft as the action it would be: its declaration under the port's own data, with a digest of its own.
//!
//! Origin, auth and port are the installed plugin's, and the operator's word on them counts as for any action: there is
//! no place in a draft that could say otherwise.

use std::sync::Arc;

use portcullis_catalog::ActionTemplate;
use portcullis_model::{
    ActionDraft, Binding, Code, Definition, Description, Detail, Digest, Manifest, ManifestDraft, PortSlug, Refusal,
    RoutedRequest,
};
use portcullis_policy::{Approval, DraftId};
use portcullis_registry::{InstalledPort, ResolvedAction};
use portcullis_sandbox::Plugin;
use portcullis_store::{Draft, DraftError};
use serde_json::Map;
use tokio::task::block_in_place;

use super::proposal::{Proposal, detail, find, refusal};
use crate::additions;
use crate::host::Host;

/// A draft that keeps every rule of an action.
pub(crate) struct Bound {
    /// What it declares.
    pub(crate) declared: ActionDraft,
    /// Bound as an installed action is, to the definition of this draft alone.
    pub(crate) action: Arc<ResolvedAction>,
    definition: Arc<Definition>,
}

impl Bound {
    /// Lets the template describe a call. Blocks for up to the wall time limit.
    ///
    /// # Errors
    /// Whatever the sandbox says.
    pub(crate) fn describe(&self, host: &Host, input: &str) -> Result<Description, Refusal> {
        let id = self.action.binding().id();
        block_in_place(|| self.plugin(host)?.describe(id.action.as_str(), input))
    }

    fn plugin(&self, host: &Host) -> Result<Arc<Plugin>, Refusal> {
        let limits = host.settings().limits(self.action.binding().slot());
        let limits = limits.map_err(|e| Refusal::new(Code::BadRequest, format!("portcullis.toml: {e:#}")))?;
        host.sandbox()?.load_template(crate::template(), self.definition.clone(), limits, host.watch())
    }
}

/// Binds a template to a port: its declaration is checked, and nothing is compiled or run.
///
/// # Errors
/// The inner one with every place at fault; the outer one where the store or the settings cannot be read.
fn bind(host: &Host, port: &PortSlug, template: &ActionTemplate) -> Result<Result<Bound, Vec<Detail>>, Refusal> {
    let at = |at: &str, what: String| Detail { at: at.to_owned(), what };
    let installed = host.store().installed(port);
    let installed = installed.map_err(|e| Refusal::new(Code::AuditUnavailable, e.to_string()))?;
    let Some(base) = installed else {
        return Ok(Err(vec![at("", format!("port `{port}` is not installed any more"))]));
    };
    let mut problems = Vec::new();
    // One that was added before is replaced.
    let added = base.added.as_ref().map(|added| additions::of(added).actions).unwrap_or_default();
    let own = |slug: &str| !added.iter().any(|added| added.as_str() == slug);
    if base.manifest.actions.iter().any(|action| action.slug == template.slug && own(&action.slug)) {
        let what = format!("`{}` is an action of the port's own plugin: propose under another name", template.slug);
        problems.push(at("/slug", what));
    }
    let declared = match template.declare(&Map::new()) {
        Ok(declared) => declared,
        Err(found) => {
            problems.extend(found.into_iter().map(detail));
            return Ok(Err(problems));
        }
    };
    let ManifestDraft { version, port: data, .. } = base.manifest;
    let manifest = ManifestDraft { version, port: data, actions: vec![declared.clone()] };
    let checked = Manifest::check(manifest.clone());
    let definition = Definition::new(Digest::of(crate::template()), manifest)
        .map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
    let manifest = match checked {
        Ok(manifest) => manifest,
        Err(found) => {
            problems.extend(found.into_iter().map(detail));
            return Ok(Err(problems));
        }
    };
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let bound = InstalledPort::new(manifest, definition.digest(), host.origin(port)?);
    let action = bound.actions().next().cloned();
    let action = action.ok_or_else(|| Refusal::new(Code::Internal, "a draft is bound to no action"))?;
    Ok(Ok(Bound { declared, action, definition: Arc::new(definition) }))
}

/// As [`bind`], and its schema is compiled, and its worked example taken through the sandbox and the route check. Blocks.
///
/// # Errors
/// As [`bind`]; also where the sandbox cannot be used.
pub(crate) fn examine(
    host: &Host,
    port: &PortSlug,
    template: &ActionTemplate,
) -> Result<Result<Bound, Vec<Detail>>, Refusal> {
    let bound = match bind(host, port, template)? {
        Ok(bound) => bound,
        Err(problems) => return Ok(Err(problems)),
    };
    if let Err(refusal) = bound.action.schema() {
        let what = refusal.message().to_owned();
        return Ok(Err(vec![Detail { at: "/inputs".to_owned(), what }]));
    }
    let plugin = bound.plugin(host)?;
    let declared = bound.action.binding().action();
    let mut problems = Vec::new();
    for example in &declared.examples {
        let tried = bound
            .action
            .check(&example.input)
            .and_then(|input| plugin.describe(declared.slug.as_str(), input.as_str()))
            .and_then(|description| {
                let same = description.matches(&example.expected);
                RoutedRequest::check(description, bound.action.binding().clone())?;
                Ok(same)
            });
        let at = if template.example.is_some() { "/example" } else { "/inputs" };
        match tried {
            Ok(true) => {}
            Ok(false) => {
                let what = "the template describes another request than was reckoned for it".to_owned();
                problems.push(Detail { at: at.to_owned(), what });
            }
            Err(refusal) if refusal.places().is_empty() => {
                problems.push(Detail { at: at.to_owned(), what: refusal.to_string() });
            }
            Err(refusal) => problems.extend(refusal.places().iter().map(|place| Detail {
                at: format!("{at}{}", place.at.trim_end_matches('/')),
                what: place.what.clone(),
            })),
        }
    }
    Ok(if problems.is_empty() { Ok(bound) } else { Err(problems) })
}

/// What a draft comes to now.
///
/// # Errors
/// As [`examine`].
pub(crate) fn examined(host: &Host, draft: &Draft) -> Result<Result<Bound, Vec<Detail>>, Refusal> {
    match Proposal::of(draft)? {
        Some(Proposal { problems, .. }) if !problems.is_empty() => Ok(Err(problems)),
        Some(proposal) => examine(host, &draft.line.port, &proposal.template),
        None => Err(refusal(DraftError::State(draft.line.state), Some(&draft.line.id))),
    }
}

/// The binding of a held test, made again from what its draft says now.
///
/// # Errors
/// Why that is not what was held, in words.
pub(crate) fn bound_of_approval(host: &Host, id: &DraftId, held: &Approval) -> Result<Arc<Binding>, String> {
    let draft = find(host, id).map_err(|refusal| refusal.message().to_owned())?;
    let line = &draft.line;
    if !line.state.is_undecided() {
        return Err(format!("draft `{id}` is `{}`", line.state));
    }
    let changed = || format!("draft `{id}` was changed since");
    if line.port != held.action.port || line.action != held.action.action || line.agent != held.agent {
        return Err(changed());
    }
    let proposal = Proposal::of(&draft).map_err(|refusal| refusal.message().to_owned())?.ok_or_else(changed)?;
    let bound = bind(host, &line.port, &proposal.template).map_err(|refusal| refusal.message().to_owned())?;
    match bound {
        Ok(bound) if bound.action.binding().digest() == held.digest => Ok(bound.action.binding().clone()),
        _ => Err(changed()),
    }
}
