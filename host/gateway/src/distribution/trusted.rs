//! `[[trust]]`: somebody who may vouch for a part of a registry, by a key or by a name of Sigstore's.
//!
//! Exactly one of the two, in full: an entry that is half of each could be taken for either.

use std::path::{Path, PathBuf};

use portcullis_catalog::{Identity, Keyless, MAX_ROOT_BYTES, PublicKey, Signer, TrustedRoot};
use portcullis_model::{Code, Refusal, Shown};
use serde::Deserialize;

use super::listed_file;

/// Largest key file that is read, in bytes.
const MAX_KEY_BYTES: usize = 8 << 10;

/// One entry as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trusted {
    scope: String,
    key: Option<PathBuf>,
    identity: Option<String>,
    issuer: Option<String>,
    root: Option<PathBuf>,
}

/// The two forms.
enum By<'a> {
    Key(&'a Path),
    Signer(Signer, &'a Path),
}

impl Trusted {
    /// Checks everything but the files.
    ///
    /// # Errors
    /// `bad-request`
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.scope.parse::<portcullis_catalog::Scope>()?;
        self.by().map(drop)
    }

    /// Who it is, by the files as they are now.
    ///
    /// # Errors
    /// `signature-refused` where a file cannot be read or another account may write it, `bad-request` where it holds
    /// something else.
    pub(super) fn identity(&self, folder: &Path) -> Result<Identity, Refusal> {
        let scope = self.scope.parse()?;
        Ok(match self.by()? {
            By::Key(key) => Identity::new(scope, public_key(folder, key)?),
            By::Signer(signer, root) => {
                let json = listed_file::read(folder, root, "trusted root", MAX_ROOT_BYTES)?;
                let root = TrustedRoot::from_json(&root.display().to_string(), &json)?;
                Identity::new(scope, Keyless::new(signer, root))
            }
        })
    }

    fn by(&self) -> Result<By<'_>, Refusal> {
        match (&self.key, &self.identity, &self.issuer, &self.root) {
            (Some(key), None, None, None) => Ok(By::Key(key)),
            (None, Some(identity), Some(issuer), Some(root)) => Ok(By::Signer(Signer::new(identity, issuer)?, root)),
            (key, identity, issuer, root) => {
                let said = [
                    ("key", key.is_some()),
                    ("identity", identity.is_some()),
                    ("issuer", issuer.is_some()),
                    ("root", root.is_some()),
                ];
                let said: Vec<String> =
                    said.iter().filter(|(_, said)| *said).map(|(name, _)| format!("`{name}`")).collect();
                let said = if said.is_empty() { "nobody".to_owned() } else { said.join(" and ") };
                let what = format!("[[trust]] for `{}` lists {said}", Shown::new(&self.scope));
                Err(Refusal::new(Code::BadRequest, what)
                    .fix("write either key = \"KEY.pub\", or all of identity = \"…\", issuer = \"https://…\" and root = \"trusted_root.json\""))
            }
        }
    }
}

/// A key as its file holds it now.
///
/// # Errors
/// As [`Trusted::identity`].
pub(crate) fn public_key(folder: &Path, file: &Path) -> Result<PublicKey, Refusal> {
    let pem = listed_file::read(folder, file, "key", MAX_KEY_BYTES)?;
    PublicKey::from_pem(&file.display().to_string(), &pem)
}
