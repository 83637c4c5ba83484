//! What is installed, as a list: read from the manifests that were checked at install, without loading any component.
//!
//! Says what there is, not who may see it; the service does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use portcullis_model::{Action, ActionId, FixedOrigin, Manifest, PortSlug, Refusal};
use portcullis_store::PluginLine;

use crate::host::Host;

/// Everything installed at one moment.
pub(crate) struct Directory {
    version: u64,
    ports: BTreeMap<PortSlug, Arc<Listed>>,
    entries: Vec<Arc<Entry>>,
}

/// A port.
pub(crate) struct Listed {
    pub(crate) line: PluginLine,
    pub(crate) manifest: Manifest,
    /// Where the operator sends its requests instead.
    pub(crate) origin: Option<FixedOrigin>,
}

/// An action.
pub struct Entry {
    id: ActionId,
    port: Arc<Listed>,
    index: usize,
}

impl Entry {
    /// Its full name.
    #[must_use]
    pub fn id(&self) -> &ActionId {
        &self.id
    }

    /// What the plugin declares.
    #[must_use]
    pub fn action(&self) -> &Action {
        &self.port.manifest.actions()[self.index]
    }

    /// Name of its port for people.
    #[must_use]
    pub fn port_label(&self) -> &str {
        &self.port.manifest.port().label
    }
}

impl Directory {
    /// The ports by name.
    pub(crate) fn ports(&self) -> impl Iterator<Item = (&PortSlug, &Listed)> {
        self.ports.iter().map(|(slug, listed)| (slug, &**listed))
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

    fn read(host: &Host, version: u64) -> Result<Self, Refusal> {
        let mut ports = BTreeMap::new();
        let mut entries = Vec::new();
        for plugin in host.plugins()? {
            let slug = plugin.line.port.clone();
            let Ok(manifest) = Manifest::check(plugin.manifest) else {
                // A call of it is refused with the reason.
                tracing::warn!(port = %slug, "an installed plugin declares what no plugin may any more; it is not listed");
                continue;
            };
            let port = Arc::new(Listed { line: plugin.line, manifest, origin: host.origin(&slug)? });
            entries.extend(port.manifest.actions().iter().enumerate().map(|(index, action)| {
                let id = ActionId { port: slug.clone(), action: action.slug.clone() };
                Arc::new(Entry { id, port: Arc::clone(&port), index })
            }));
            ports.insert(slug, port);
        }
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { version, ports, entries })
    }
}

/// The latest directory.
#[derive(Default)]
pub(crate) struct Latest(Mutex<Option<Arc<Directory>>>);

impl Latest {
    /// The directory as it is now; read again only after a change, by whichever process.
    pub(crate) fn get(&self, host: &Host) -> Result<Arc<Directory>, Refusal> {
        let version = host.plugins_version()?;
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(directory) = latest.as_ref().filter(|directory| directory.version == version) {
            return Ok(Arc::clone(directory));
        }
        let directory = Arc::new(Directory::read(host, version)?);
        *latest = Some(Arc::clone(&directory));
        Ok(directory)
    }
}
