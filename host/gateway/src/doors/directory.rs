//! What is installed, in short: read from the manifests that were checked at install, without loading any component.
//!
//! With a thousand plugins their manifests would take hundreds of megabytes, so a directory keeps a line an action, and
//! the few manifests that somebody looked at last. Says what there is, not who may see it; the service does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portcullis_model::{Action, ActionId, Code, FixedOrigin, Manifest, PortSlug, Refusal};
use portcullis_policy::unattended_by_default;
use portcullis_store::{PluginLine, Served};

use crate::apart::apart;
use crate::host::Host;

/// Manifests that are kept.
const KEPT: usize = 32;

/// Everything installed at one moment.
pub(crate) struct Directory {
    version: u64,
    ports: BTreeMap<PortSlug, Arc<Listed>>,
    entries: Vec<Arc<Entry>>,
}

/// A port.
pub(crate) struct Listed {
    pub(crate) line: PluginLine,
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) origin: FixedOrigin,
    /// Whether the operator says where its requests go.
    pub(crate) origin_overridden: bool,
    entries: Vec<Arc<Entry>>,
}

/// An action.
pub struct Entry {
    id: ActionId,
    served: Served,
    pub(crate) label: String,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) effect: &'static str,
    /// Whether it runs without a person where the operator says nothing.
    pub(crate) unattended: bool,
}

/// An action with everything that its plugin declares of it.
pub struct Declared {
    manifest: Arc<Manifest>,
    index: usize,
}

impl Entry {
    /// Its full name.
    #[must_use]
    pub fn id(&self) -> &ActionId {
        &self.id
    }
}

impl Declared {
    /// What the plugin declares.
    #[must_use]
    pub fn action(&self) -> &Action {
        &self.manifest.actions()[self.index]
    }
}

impl Directory {
    /// The ports, by name.
    pub(crate) fn ports(&self) -> impl Iterator<Item = &Listed> {
        self.ports.values().map(|listed| &**listed)
    }

    /// One port.
    pub(crate) fn port(&self, slug: &PortSlug) -> Option<&Listed> {
        self.ports.get(slug).map(|listed| &**listed)
    }

    /// One action.
    pub(crate) fn entry(&self, id: &ActionId) -> Option<&Arc<Entry>> {
        self.entries.binary_search_by(|entry| entry.id.cmp(id)).ok().map(|index| &self.entries[index])
    }

    /// Every action, by name.
    pub(crate) fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Reads what changed since `before`.
    fn read(host: &Host, version: u64, before: Option<&Self>) -> Result<Self, Refusal> {
        let mut ports = BTreeMap::new();
        for line in host.installed()? {
            let slug = line.port.clone();
            let same = before.and_then(|before| before.ports.get(&slug)).filter(|listed| listed.line == line);
            let listed = match same {
                Some(listed) => Some(Arc::clone(listed)),
                None => Listed::read(host, line)?.map(Arc::new),
            };
            ports.extend(listed.map(|listed| (slug, listed)));
        }
        let mut entries: Vec<_> = ports.values().flat_map(|listed| listed.entries.iter().cloned()).collect();
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { version, ports, entries })
    }
}

impl Listed {
    /// Its actions, in declared order.
    pub(crate) fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// `None` where it is gone, or declares what no plugin may any more.
    fn read(host: &Host, line: PluginLine) -> Result<Option<Self>, Refusal> {
        let Some((_, manifest)) = host.manifest(&line.port)?.filter(|(now, _)| *now == line) else {
            // A call of it is refused with the reason.
            tracing::warn!(port = %line.port, "an installed plugin cannot be listed");
            return Ok(None);
        };
        let served = line.served();
        let entry = |action: &Action| {
            Arc::new(Entry {
                id: ActionId { port: line.port.clone(), action: action.slug.clone() },
                served,
                label: action.label.clone(),
                method: action.method.as_str(),
                path: action.path.to_string(),
                effect: action.effect.as_str(),
                unattended: unattended_by_default(action),
            })
        };
        let entries = manifest.actions().iter().map(entry).collect();
        let port = manifest.port();
        let overridden = host.origin(&line.port)?;
        Ok(Some(Self {
            label: port.label.clone(),
            description: port.description.clone(),
            origin_overridden: overridden.is_some(),
            origin: overridden.unwrap_or_else(|| port.origin.clone()),
            entries,
            line,
        }))
    }
}

/// The latest directory, and the manifests that were looked at last.
#[derive(Default)]
pub(crate) struct Latest {
    directory: Mutex<Option<Arc<Directory>>>,
    manifests: Mutex<VecDeque<(Served, PortSlug, Arc<Manifest>)>>,
}

impl Latest {
    /// The directory as it is now; read again only after a change, by whichever process.
    pub(crate) fn get(&self, host: &Host) -> Result<Arc<Directory>, Refusal> {
        let version = host.plugins_version()?;
        let mut latest = lock(&self.directory);
        if let Some(directory) = latest.as_ref().filter(|directory| directory.version == version) {
            return Ok(Arc::clone(directory));
        }
        let directory = Arc::new(apart(true, || Directory::read(host, version, latest.as_deref()))?);
        *latest = Some(Arc::clone(&directory));
        Ok(directory)
    }

    /// All that is declared of an action.
    ///
    /// # Errors
    /// `digest-mismatch` where its plugin was replaced since it was listed.
    pub(crate) fn declared(&self, host: &Host, entry: &Entry) -> Result<Declared, Refusal> {
        let manifest = self.manifest(host, entry)?;
        let index = manifest.actions().iter().position(|action| action.slug == entry.id.action);
        Ok(Declared { index: index.ok_or_else(|| replaced(entry))?, manifest })
    }

    fn manifest(&self, host: &Host, entry: &Entry) -> Result<Arc<Manifest>, Refusal> {
        let kept = |(served, port, _): &(Served, PortSlug, _)| *served == entry.served && *port == entry.id.port;
        let mut manifests = lock(&self.manifests);
        if let Some(found) = manifests.iter().position(kept).and_then(|index| manifests.remove(index)) {
            let manifest = Arc::clone(&found.2);
            manifests.push_back(found);
            return Ok(manifest);
        }
        let found = host.manifest(&entry.id.port)?.filter(|(line, _)| line.served() == entry.served);
        let (_, manifest) = found.ok_or_else(|| replaced(entry))?;
        let manifest = Arc::new(manifest);
        manifests.push_back((entry.served, entry.id.port.clone(), Arc::clone(&manifest)));
        if manifests.len() > KEPT {
            manifests.pop_front();
        }
        Ok(manifest)
    }
}

fn replaced(entry: &Entry) -> Refusal {
    let what = format!("the plugin of `{}` was replaced or removed meanwhile", entry.id.port);
    Refusal::new(Code::DigestMismatch, what).fix("list the actions again")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
