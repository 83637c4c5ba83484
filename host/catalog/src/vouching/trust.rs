//! Whom the operator lists, and for what. Nobody else vouches for anything.

use std::collections::BTreeMap;

use portcullis_model::{Code, Digest, Refusal};
use serde::Serialize;

use crate::vouching::key::PublicKey;
use crate::vouching::reference::Reference;
use crate::vouching::scope::Scope;
use crate::vouching::signature::{RawSignature, Said};

/// Most signatures of one artifact that are looked at.
pub const MAX_SIGNATURES: usize = 32;

/// A key that may vouch for what is in a scope.
#[derive(Debug, Clone)]
pub struct Identity {
    scope: Scope,
    key: PublicKey,
}

/// Everything that the operator lists: keys for scopes of registries, and keys for indexes by their names.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    identities: Vec<Identity>,
    indexes: BTreeMap<String, Vec<PublicKey>>,
}

/// Who vouched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VouchedBy {
    /// The operator's name for the key.
    pub key: String,
    /// SHA-256 of the key.
    pub fingerprint: Digest,
    /// For what the key is listed: a scope, or `index NAME`.
    pub scope: String,
}

impl Identity {
    /// Lists a key for a scope.
    #[must_use]
    pub fn new(scope: Scope, key: PublicKey) -> Self {
        Self { scope, key }
    }
}

impl Trust {
    /// What the operator lists. Where scopes overlap, each key in question may vouch.
    #[must_use]
    pub fn new(identities: Vec<Identity>) -> Self {
        Self { identities, indexes: BTreeMap::new() }
    }

    /// Adds an index with the keys that may sign it.
    #[must_use]
    pub fn index(mut self, name: &str, keys: Vec<PublicKey>) -> Self {
        self.indexes.insert(name.to_owned(), keys);
        self
    }

    /// The keys that may sign an index.
    ///
    /// # Errors
    /// `signature-refused` where none is listed.
    pub fn index_keys(&self, name: &str) -> Result<&[PublicKey], Refusal> {
        match self.indexes.get(name) {
            Some(keys) if !keys.is_empty() => Ok(keys),
            _ => Err(Refusal::new(Code::SignatureRefused, format!("no key is listed for the index `{name}`")).fix(
                format!("if you trust who signs it, set in portcullis.toml: [indexes.{name}] keys = [\"KEY.pub\"]"),
            )),
        }
    }

    /// That somebody whom the operator lists for an artifact vouches for it.
    ///
    /// # Errors
    /// `signature-refused` where nobody is listed for it, or none of the signatures is right.
    pub fn verify(
        &self,
        reference: &Reference,
        manifest: Digest,
        signatures: &[RawSignature],
    ) -> Result<VouchedBy, Refusal> {
        let repository = reference.repository();
        let listed: Vec<&Identity> =
            self.identities.iter().filter(|identity| identity.scope.covers(repository)).collect();
        if listed.is_empty() {
            let scope = Scope::around(repository);
            return Err(Refusal::new(Code::SignatureRefused, format!("nobody is listed who may vouch for `{repository}`"))
                .fix(format!(
                    "if you trust who signs there, put into portcullis.toml: [[trust]] scope = \"{scope}\" key = \"KEY.pub\""
                )));
        }
        let mut other = None;
        for signature in signatures.iter().take(MAX_SIGNATURES) {
            for identity in &listed {
                match signature.says(&identity.key, repository, manifest) {
                    Said::Vouched => return Ok(identity.vouched()),
                    Said::NotByThisKey => {}
                    Said::Other(what) => {
                        other.get_or_insert_with(|| format!("the signature by `{}` {what}", identity.key.name()));
                    }
                }
            }
        }
        let names: Vec<String> = listed.iter().map(|identity| format!("`{}`", identity.key.name())).collect();
        let why = other.unwrap_or_else(|| match signatures.len() {
            0 => format!("it is not signed; expected a signature by {}", names.join(" or ")),
            1 => format!("its signature is not by {}, or what was signed was changed", names.join(" or ")),
            n => format!("none of its {n} signatures is by {}, or what was signed was changed", names.join(" or ")),
        });
        Err(Refusal::new(Code::SignatureRefused, format!("nobody vouches for `{repository}` at {manifest}: {why}"))
            .fix("ask whoever publishes it; do not install it before they say that it is theirs"))
    }
}

impl Identity {
    fn vouched(&self) -> VouchedBy {
        VouchedBy {
            key: self.key.name().to_owned(),
            fingerprint: self.key.fingerprint(),
            scope: self.scope.to_string(),
        }
    }
}
