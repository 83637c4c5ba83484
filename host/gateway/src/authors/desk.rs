//! A plugin on its author's desk: loaded and asked as a host would, without an operator's state.
//!
//! Compiled code is kept where the host keeps it. Limits are those of the settings, where there are any, so that an
//! author sees what the operator of this machine would. Either tier is taken: which one it is, is told.

use std::env;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use portcullis_authoring::Describe;
use portcullis_model::{
    ActionSlug, Code, Definition, Description, Digest, Manifest, ManifestDraft, Refusal, RoutedRequest,
};
use portcullis_registry::InstalledPort;
use portcullis_sandbox::{HostLimits, Limits, Plugin, Sandbox, SandboxConfig, Tier};

use crate::home::Home;
use crate::obtain::read;
use crate::package::{Content, Package};
use crate::settings::Settings;
use crate::source::Source;
use crate::{embedded, host, terminal};

/// A loaded plugin, with what it declares.
pub(crate) struct Desk {
    declared: ManifestDraft,
    plugin: Arc<Plugin>,
    port: Result<InstalledPort, Refusal>,
}

impl Desk {
    /// Loads a component, or an integration document.
    ///
    /// # Errors
    /// Whatever the sandbox says of it, `bad-document`, or when the file cannot be read.
    pub(crate) fn load(file: &Path) -> Result<Self> {
        let (limits, cache) = surroundings()?;
        let bytes = read(file, limits.component_bytes)?;
        let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let package = Package::read(bytes, Source::File(name))?;
        let sandbox = Sandbox::new(SandboxConfig {
            cache_dir: cache.path().to_owned(),
            compiler: env::current_exe().context("the path of this program is not known")?,
            compiler_verb: crate::COMPILE_VERB.to_owned(),
            tier: Tier::Inert,
            limits: HostLimits::default(),
        })?;
        let watch = terminal::watch_compiling();
        let plugin = match package.content {
            Content::Component(bytes) => sandbox.load(&bytes, limits, &watch)?,
            Content::Document(document) => {
                let template = embedded::template();
                let definition = Definition::new(Digest::of(template), document.manifest()?)
                    .map_err(|error| Refusal::new(Code::BadDocument, error.to_string()))?;
                sandbox.load_template(template, Arc::new(definition), limits, &watch)?
            }
        };
        let declared = plugin.manifest_draft()?;
        let bound = |manifest: Manifest| InstalledPort::new(manifest, plugin.digest(), None);
        let port = host::checked(declared.clone()).map(bound);
        Ok(Self { declared, plugin, port })
    }

    /// The plugin itself.
    pub(crate) fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// That what it declares can be installed at all.
    ///
    /// # Errors
    /// `bad-manifest` with every place at fault.
    pub(crate) fn sound(&self) -> Result<(), Refusal> {
        self.port.as_ref().map(|_| ()).map_err(|refusal| refusal.clone().fix("portcullis check"))
    }
}

impl Describe for Desk {
    fn declared(&self) -> &ManifestDraft {
        &self.declared
    }

    fn describe(&self, action: &str, input: &str) -> Result<Description, Refusal> {
        let slug: ActionSlug = action.parse().map_err(|error| Refusal::new(Code::UnknownAction, format!("{error}")))?;
        let action = self.port.as_ref().map_err(Clone::clone)?.resolve(&slug)?;
        let input = action.check(input)?;
        let description = self.plugin.describe(slug.as_str(), input.as_str())?;
        RoutedRequest::check(description.clone(), action.binding().clone())?;
        Ok(description)
    }
}

/// A folder for compiled code.
enum Cache {
    Kept(std::path::PathBuf),
    /// For an account without a home, as in some build machines.
    Passing(tempfile::TempDir),
}

impl Cache {
    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Passing(folder) => folder.path(),
        }
    }
}

/// The limits of this machine's operator, and where compiled code is kept.
fn surroundings() -> Result<(Limits, Cache)> {
    match Home::find() {
        Ok(home) => {
            let limits = Settings::read(home.settings())?.limits_for_strangers()?;
            Ok((limits, Cache::Kept(home.cache().join("compiled"))))
        }
        Err(_) => Ok((Limits::default(), Cache::Passing(tempfile::tempdir()?))),
    }
}
