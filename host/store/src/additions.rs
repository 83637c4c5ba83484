//! Actions that were added to an installed port beside those of its plugin: one definition a port.
//!
//! Does not look into what is added: whoever adds has checked it. Adding is an operator's act, so it has its audit row,
//! in the same transaction.

use portcullis_model::{Definition, Digest, ManifestDraft, PortSlug};
use portcullis_policy::{Approver, StoreError};
use serde::Serialize;

use crate::components::keep;
use crate::installed::{PluginLine, Served};
use crate::plugins::{self, Part};
use crate::problem::Problem;
use crate::standing;
use crate::store::Store;
use crate::transaction::{Tx, stored};

/// What is to be added, and to which plugin as it was seen.
#[derive(Debug, Clone)]
pub struct Addition {
    /// The port.
    pub port: PortSlug,
    /// What served it when the addition was made.
    pub before: Served,
    /// Everything added from now on; nothing where `None`.
    pub added: Option<Definition>,
    /// What the plugin declares, and after it the actions that are added from now on.
    pub manifest: ManifestDraft,
}

impl Store {
    /// Puts another set of added actions in the place of the one before; `false` where plugin or additions are not those
    /// it was made for any more. `template` is the component that serves them. Blocks: durable when it returns.
    ///
    /// # Errors
    /// When the store cannot be written, or the template is not the definition's.
    pub fn set_additions(&self, addition: &Addition, template: &[u8], by: &Approver) -> Result<bool, StoreError> {
        Ok(self.adding(addition, template, |tx| put(tx, addition, by))?)
    }

    /// Keeps the template, does the work in one transaction, and takes away what no port needs any more. The work gives
    /// the files that were needed before, or `None` where nothing was done.
    pub(crate) fn adding(
        &self,
        addition: &Addition,
        template: &[u8],
        work: impl FnOnce(&mut Tx<'_>) -> Result<Option<Vec<Digest>>, Problem>,
    ) -> Result<bool, Problem> {
        let shelf = self.shelf()?;
        let kept = addition.added.as_ref().map(Definition::template);
        if let Some(digest) = kept {
            if Digest::of(template) != digest {
                return Err(Problem::said("the template is not the one that the definition names"));
            }
            keep(&self.inner.home, digest, template, &shelf)?;
        }
        let (done, gone) = self.inner.writer.run(|tx| {
            let before = work(tx)?;
            let done = before.is_some();
            let mut files = before.unwrap_or_default();
            files.extend(kept);
            Ok((done, plugins::unused(tx, files)?))
        })?;
        self.discard_all(&gone, &shelf)?;
        Ok(done)
    }
}

#[derive(Serialize)]
struct Added<'a> {
    port: &'a PortSlug,
    digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    additions: Option<Digest>,
    actions: Vec<&'a str>,
    by: String,
}

/// Whether what serves the port is what an addition was made for.
pub(crate) fn fits(tx: &Tx<'_>, addition: &Addition) -> Result<bool, Problem> {
    Ok(plugins::served(tx.conn(), &addition.port)? == Some(addition.before))
}

/// Puts an addition in its place; gives the files that were needed before, `None` where it does not fit any more.
pub(crate) fn put(tx: &mut Tx<'_>, addition: &Addition, by: &Approver) -> Result<Option<Vec<Digest>>, Problem> {
    if !fits(tx, addition)? {
        return Ok(None);
    }
    let Addition { port, before, added, manifest } = addition;
    let digest = added.as_ref().map(Definition::digest);
    let sql = "UPDATE plugins SET additions = ?2, added = ?3, manifest = ?4, installed_ms = ?5 WHERE port = ?1";
    tx.conn().prepare_cached(sql)?.execute((
        port.as_str(),
        digest.map(|digest| digest.to_string()),
        added.as_ref().map(Definition::as_str),
        serde_json::to_string(manifest)?,
        stored(tx.now_ms()),
    ))?;
    let actions = added.iter().flat_map(|added| &added.manifest().actions).map(|action| action.slug.as_str()).collect();
    tx.append(
        "actions-added",
        None,
        &Added { port, digest: before.digest, additions: digest, actions, by: by.to_string() },
    )?;
    if let Some(before) = before.additions.filter(|before| digest != Some(*before)) {
        standing::end_of_plugin(tx, port, before, "what was added to its port is another now")?;
    }
    let template = added.as_ref().map(Definition::template);
    plugins::needs(tx, port, Part::Added, template.as_slice()).map(Some)
}

/// Reads a definition back that stands beside its digest.
pub(crate) fn read(text: &str, line: &PluginLine) -> Result<Definition, Problem> {
    let changed = || {
        Problem::said(format!(
            "what was added to `{}` is not what it was any more: remove the port and install it again",
            line.port
        ))
    };
    let definition = Definition::read(text.as_bytes()).map_err(|_| changed())?;
    if Some(definition.digest()) == line.additions { Ok(definition) } else { Err(changed()) }
}
