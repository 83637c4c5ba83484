//! The definition: what the host wrote of a declarative port, read back.

use portcullis_plugin::{Manifest, Refusal, Request, Value};

use crate::members::{Members, Read, list, text};
use crate::{action, fill, port};

/// A declarative port as the host writes it: the template's digest and everything declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    manifest: Manifest,
}

/// The text is not a definition, or says more than this template knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADefinition;

impl Definition {
    /// Reads one.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn read(text: &str) -> Result<Self, NotADefinition> {
        let value = serde_json::from_str(text).map_err(|_| NotADefinition)?;
        Members::all(value, |members| {
            // The digest of this component, which the host compared with the bytes that run.
            members.text("template")?;
            Ok(Self { manifest: members.take("manifest", manifest)? })
        })
    }

    /// What it declares.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// As [`Self::manifest`], for good.
    #[must_use]
    pub fn into_manifest(self) -> Manifest {
        self.manifest
    }

    /// The request for one call.
    ///
    /// # Errors
    /// Refuses an action that is not defined, a definition that makes no request, and an input that has no place in it.
    pub fn describe(&self, action: &str, input: &Value) -> Result<Request, Refusal> {
        let defined = self.manifest.actions.iter().find(|defined| defined.slug == action);
        fill::request(defined.ok_or_else(|| Refusal::unknown_action(action))?, input)
    }
}

fn manifest(value: Value) -> Read<Manifest> {
    Members::all(value, |members| {
        Ok(Manifest {
            version: members.take("version", text)?,
            port: members.take("port", port::port)?,
            actions: members.take("actions", list(action::action))?,
        })
    })
}
