//! Installed ports as they are loaded: files against their digests, what vouches against whom the operator lists, what is
//! declared against what was declared at install.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use portcullis_catalog::{Source as Place, Trust, VouchedBy};
use portcullis_model::{Code, Definition, Digest, PortSlug, Refusal};
use portcullis_registry::InstalledPort;
use portcullis_sandbox::{Limits, Plugin};
use portcullis_store::{Plugin as Installed, PluginLine};

use super::{Host, checked, misset, unreadable};
use crate::additions;
use crate::pace::Pace;
use crate::package::Vouched;
use crate::source::Source;

/// How long an installed port is used before another process may have replaced it.
const FRESH: Duration = Duration::from_secs(1);

/// A port that is ready to be called.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) port: Arc<InstalledPort>,
    pub(super) plugin: Arc<Plugin>,
    pub(super) added: Option<Arc<Plugin>>,
    pub(super) pace: Arc<Pace>,
    checked: Instant,
}

impl Host {
    /// A port, and the plugin that serves what it did not have added.
    ///
    /// # Errors
    /// As [`Self::port`].
    pub(crate) fn serving(&self, slug: &PortSlug) -> Result<(Arc<InstalledPort>, Arc<Plugin>), Refusal> {
        self.load(slug).map(|Loaded { port, plugin, .. }| (port, plugin))
    }

    /// A port, and whatever serves its actions: its plugin, and the template that serves what was added.
    ///
    /// # Errors
    /// As [`Self::port`].
    pub(crate) fn serving_all(&self, slug: &PortSlug) -> Result<(Arc<InstalledPort>, Vec<Arc<Plugin>>), Refusal> {
        self.load(slug)
            .map(|Loaded { port, plugin, added, .. }| (port, [Some(plugin), added].into_iter().flatten().collect()))
    }

    /// Who vouches for where the plugin of a port came from, by whom the operator lists now; `None` where it came from
    /// where nobody need to.
    ///
    /// # Errors
    /// `signature-refused` or `digest-mismatch` where nobody does any more.
    pub(crate) fn vouched_by(&self, slug: &PortSlug) -> Result<Option<VouchedBy>, Refusal> {
        let installed = self.store.installed(slug).map_err(unreadable)?;
        installed.map_or(Ok(None), |installed| self.vouching(&installed))
    }

    fn vouching(&self, installed: &Installed) -> Result<Option<VouchedBy>, Refusal> {
        let Some(text) = &installed.evidence else {
            return match installed.line.source.parse() {
                Ok(Source::Listed { .. } | Source::At(Place::Registry(_))) => {
                    let what = format!("nothing is kept that vouches for `{}`", installed.line.port);
                    let place = installed.line.source.split(' ').next_back().unwrap_or_default();
                    let fix = format!("portcullis install {place} --replace");
                    Err(Refusal::new(Code::SignatureRefused, what).fix(fix))
                }
                _ => Ok(None),
            };
        };
        let digest = installed.line.digest;
        let bytes = self.file(&installed.line.port, digest)?;
        let component = Definition::read(&bytes).is_err().then_some(digest);
        Vouched::read(text)?.verify(&self.trust()?, component).map(Some)
    }

    /// Whom the operator lists, with their keys as the files hold them now.
    ///
    /// # Errors
    /// As [`Distribution::trust`](crate::distribution::Distribution::trust).
    pub(crate) fn trust(&self) -> Result<Trust, Refusal> {
        self.settings.distribution().trust()
    }

    /// A port with its plugin loaded: digest checked on the bytes, and what it declares compared with what it declared
    /// when it was installed.
    ///
    /// # Errors
    /// `unknown-action`, `digest-mismatch`, or whatever the sandbox says.
    pub fn port(&self, slug: &PortSlug) -> Result<Arc<InstalledPort>, Refusal> {
        Ok(self.load(slug)?.port)
    }

    pub(super) fn load(&self, slug: &PortSlug) -> Result<Loaded, Refusal> {
        let kept = self.ports.lock().unwrap_or_else(PoisonError::into_inner).get(slug).cloned();
        if let Some(kept) = &kept
            && kept.checked.elapsed() < FRESH
        {
            return Ok(kept.clone());
        }
        let loaded = self.load_anew(slug, kept)?;
        self.ports.lock().unwrap_or_else(PoisonError::into_inner).insert(slug.clone(), loaded.clone());
        Ok(loaded)
    }

    fn load_anew(&self, slug: &PortSlug, kept: Option<Loaded>) -> Result<Loaded, Refusal> {
        let Some(record) = self.store.installed(slug).map_err(unreadable)? else {
            self.forget(slug);
            let what = format!("no port `{slug}` is installed");
            let fix = if crate::embedded::plugin(slug.as_str()).is_some() {
                format!("portcullis install {slug}")
            } else {
                "portcullis ports".to_owned()
            };
            return Err(Refusal::new(Code::UnknownAction, what).fix(fix));
        };
        let PluginLine { digest, additions, .. } = record.line;
        if let Some(kept) = kept
            && kept.port.digest() == digest
            && kept.port.additions().map(|additions| additions.digest) == additions
        {
            return Ok(Loaded { checked: Instant::now(), ..kept });
        }
        self.vouching(&record)?;
        self.must_be_reviewed(digest)?;
        let limits = self.settings.limits(slug).map_err(misset)?;
        let plugin = self.plugin(slug, digest, limits)?;
        let added = record.added.clone().map(|added| self.served(slug, added, limits)).transpose()?;
        let declared = additions::joined(
            plugin.manifest_draft()?.under(slug),
            added.as_ref().map(|added| added.manifest_draft()).transpose()?,
        );
        if declared.as_ref() != Some(&record.manifest) {
            let what = format!("the plugin of `{slug}` does not declare what it declared when it was installed");
            return Err(Refusal::new(Code::DigestMismatch, what).fix(format!("portcullis remove {slug}")));
        }
        let manifest = checked(record.manifest)?;
        let origin = self.origin(slug)?;
        let additions = record.added.as_ref().map(additions::of);
        let port = Arc::new(InstalledPort::with_additions(manifest, digest, additions, origin));
        Ok(Loaded { port, plugin, added, pace: Arc::default(), checked: Instant::now() })
    }

    /// Loads the plugin of a port from its files, each checked against its digest.
    fn plugin(&self, slug: &PortSlug, digest: Digest, limits: Limits) -> Result<Arc<Plugin>, Refusal> {
        let bytes = self.file(slug, digest)?;
        match Definition::read(&bytes) {
            Ok(definition) => self.served(slug, definition, limits),
            Err(_) => self.sandbox()?.load(&bytes, limits, self.watch()),
        }
    }

    /// Loads the template that serves a definition.
    fn served(&self, slug: &PortSlug, definition: Definition, limits: Limits) -> Result<Arc<Plugin>, Refusal> {
        let template = self.file(slug, definition.template())?;
        self.sandbox()?.load_template(&template, Arc::new(definition), limits, self.watch())
    }

    fn file(&self, slug: &PortSlug, digest: Digest) -> Result<Vec<u8>, Refusal> {
        self.store.component_bytes(digest).map_err(|e| {
            Refusal::new(Code::DigestMismatch, e.to_string()).fix(format!("portcullis install {slug} --replace"))
        })
    }

    /// Forgets a port that was removed or replaced.
    pub(crate) fn forget(&self, slug: &PortSlug) {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner).remove(slug);
    }
}
