//! What is known about an installed plugin, and what an installation can end in.

use portcullis_model::{Definition, Digest, ManifestDraft, PortSlug};
use portcullis_policy::{StoreError, TimestampMs};
use serde::Serialize;
use thiserror::Error;

use crate::problem::Problem;

/// What an operator installs, beside the bytes.
#[derive(Debug, Clone)]
pub struct PluginRecord {
    /// Name under which it is installed; the manifest's own.
    pub port: PortSlug,
    /// Digest of its first file: the component, or the definition that a template serves.
    pub digest: Digest,
    /// Sandbox tier, in the sandbox's word.
    pub tier: String,
    /// What the plugin declared, and after it the actions that were added.
    pub manifest: ManifestDraft,
    /// Where it came from.
    pub source: String,
    /// Actions that were added to the port, served beside the plugin.
    pub added: Option<Definition>,
    /// What vouches for where it came from, in `catalog`'s words; `None` where nothing does.
    pub evidence: Option<String>,
    /// What served the port when all this was made, and was shown beside it; `None` where nothing did.
    pub before: Option<Served>,
}

impl PluginRecord {
    /// What will serve the port.
    #[must_use]
    pub fn served(&self) -> Served {
        Served { digest: self.digest, additions: self.added.as_ref().map(Definition::digest) }
    }
}

/// What serves a port: its plugin, and what was added beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// Digest of the plugin.
    pub digest: Digest,
    /// Digest of what was added.
    pub additions: Option<Digest>,
}

/// The files of a plugin and of what is added to its port.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// The one that the record's digest names first: a component, or a definition and then the template that serves it.
    pub plugin: &'a [&'a [u8]],
    /// The template that serves the added actions; `None` where nothing is added.
    pub added: Option<&'a [u8]>,
}

/// An installed plugin in short. Neither its bytes nor its manifest were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PluginLine {
    /// Name of its port.
    pub port: PortSlug,
    /// Digest of its bytes.
    pub digest: Digest,
    /// Sandbox tier.
    pub tier: String,
    /// Its version, by its own word.
    pub version: String,
    /// When it was installed.
    pub installed_ms: TimestampMs,
    /// Where it came from.
    pub source: String,
    /// Digest of the definition of the actions that were added to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additions: Option<Digest>,
}

impl PluginLine {
    /// What serves its port.
    #[must_use]
    pub fn served(&self) -> Served {
        Served { digest: self.digest, additions: self.additions }
    }
}

/// An installed plugin with its manifest.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// All but the manifest.
    pub line: PluginLine,
    /// What it declared, added actions last. It was checked when it was installed; rules may have changed since, so
    /// check it again.
    pub manifest: ManifestDraft,
    /// The actions that were added.
    pub added: Option<Definition>,
    /// What vouches for where it came from.
    pub evidence: Option<String>,
}

/// What an installation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Installation {
    /// The port is new.
    New,
    /// The same bytes were installed before.
    Again,
    /// Other bytes were installed before.
    Replaced {
        /// Their digest.
        digest: Digest,
    },
}

/// Why a plugin was not installed.
#[derive(Debug, Error)]
pub enum InstallError {
    /// Another plugin has the port, and replacing it was not asked for.
    #[error("port `{port}` is installed already, from other bytes ({digest}): compare the two, then ask to replace it")]
    AlreadyInstalled {
        /// The port.
        port: PortSlug,
        /// Digest of what is installed.
        digest: Digest,
    },
    /// The record and the files do not belong together.
    #[error("the bytes are not the ones of the record: expected {expected}")]
    OtherBytes {
        /// Digest in the record.
        expected: Digest,
    },
    /// The record's port is not the manifest's.
    #[error("the manifest is of another port than `{port}`")]
    OtherPort {
        /// The port in the record.
        port: PortSlug,
    },
    /// What serves the port was changed by somebody else meanwhile.
    #[error("port `{port}` was changed meanwhile: look at it again")]
    Moved {
        /// The port.
        port: PortSlug,
    },
    /// The store cannot do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Problem> for InstallError {
    fn from(problem: Problem) -> Self {
        Self::Store(problem.into())
    }
}
