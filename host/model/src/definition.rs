//! A declarative port: the template that serves it and everything it declares, as one text with one digest.
//!
//! Does not check what is declared; [`Manifest::check`](crate::Manifest::check) does, as for every plugin.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{ActionDraft, Digest, ManifestDraft, PortDraft};

/// What the template component reads from the host. Its identity is the digest of its text, which names the template's,
/// so that a change of either is another plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    text: String,
    written: Written,
}

/// The bytes are no definition.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the bytes are not a definition of a declarative port")]
pub struct DefinitionError;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    template: Digest,
    manifest: ManifestDraft,
}

#[derive(Serialize)]
struct OfOne<'a> {
    template: Digest,
    manifest: OneAction<'a>,
}

#[derive(Serialize)]
struct OneAction<'a> {
    version: &'a str,
    port: &'a PortDraft,
    actions: [&'a ActionDraft; 1],
}

impl Definition {
    /// A definition served by this template.
    ///
    /// # Errors
    /// Never for data of these types; they are plain enough to be written.
    pub fn new(template: Digest, manifest: ManifestDraft) -> Result<Self, DefinitionError> {
        let written = Written { template, manifest };
        Ok(Self { text: serde_json::to_string(&written).map_err(|_| DefinitionError)?, written })
    }

    /// Reads one back. Only the text that would be written is taken, so that one definition has one digest.
    ///
    /// # Errors
    /// Where it is anything else.
    pub fn read(bytes: &[u8]) -> Result<Self, DefinitionError> {
        let written: Written = serde_json::from_slice(bytes).map_err(|_| DefinitionError)?;
        let definition = Self::new(written.template, written.manifest)?;
        if definition.text.as_bytes() == bytes { Ok(definition) } else { Err(DefinitionError) }
    }

    /// Its text, as it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Digest of its text: the identity of the plugin that template and definition are together.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// Digest of the template component that serves it.
    #[must_use]
    pub fn template(&self) -> Digest {
        self.written.template
    }

    /// What it declares.
    #[must_use]
    pub fn manifest(&self) -> &ManifestDraft {
        &self.written.manifest
    }

    /// The same with one action alone: all that a call of it needs, so that a call costs the same however many actions a
    /// port has. `None` where there is no such action.
    #[must_use]
    pub fn of_action(&self, slug: &str) -> Option<String> {
        let ManifestDraft { version, port, actions } = &self.written.manifest;
        let action = actions.iter().find(|action| action.slug == slug)?;
        let one = OfOne { template: self.written.template, manifest: OneAction { version, port, actions: [action] } };
        serde_json::to_string(&one).ok()
    }
}
