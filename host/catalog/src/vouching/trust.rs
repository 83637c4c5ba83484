//! Whom the operator lists, and for what. Nobody else vouches for anything.

use std::collections::BTreeMap;

use portcullis_model::{Code, Digest, Refusal};

use crate::vouching::key::PublicKey;
use crate::vouching::reference::Reference;
use crate::vouching::scope::Scope;
use crate::vouching::signature::{RawSignature, Said};
use crate::vouching::voucher::{VouchedBy, Voucher};

/// Most signatures of one artifact that are looked at.
pub const MAX_SIGNATURES: usize = 32;

/// Somebody who may vouch for what is in a scope.
#[derive(Debug, Clone)]
pub struct Identity {
    scope: Scope,
    voucher: Voucher,
}

/// Everything that the operator lists: keys and signers for scopes of registries, and keys for indexes by their names.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    identities: Vec<Identity>,
    indexes: BTreeMap<String, Vec<PublicKey>>,
}

impl Identity {
    /// Lists a key or a signer for a scope.
    #[must_use]
    pub fn new(scope: Scope, voucher: impl Into<Voucher>) -> Self {
        Self { scope, voucher: voucher.into() }
    }

    fn vouched(&self) -> VouchedBy {
        VouchedBy { who: self.voucher.who(), scope: self.scope.to_string() }
    }
}

impl Trust {
    /// What the operator lists. Where scopes overlap, each of those in question may vouch.
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
                    "if you trust who signs there, put into portcullis.toml: [[trust]] scope = \"{scope}\" key = \"KEY.pub\", or for one without a key: identity, issuer and root"
                )));
        }
        let mut other = None;
        for signature in signatures.iter().take(MAX_SIGNATURES) {
            for identity in &listed {
                match signature.says(&identity.voucher, repository, manifest) {
                    Said::Vouched => return Ok(identity.vouched()),
                    Said::NotByThem => {}
                    Said::Other(what) => {
                        other.get_or_insert(what);
                    }
                }
            }
        }
        let names: Vec<String> = listed.iter().map(|identity| format!("`{}`", identity.voucher.who().name())).collect();
        let names = names.join(" or ");
        let why = other.unwrap_or_else(|| match signatures.len() {
            0 => format!("it is not signed; expected a signature by {names}"),
            1 => format!("its signature is not by {names}, or what was signed was changed"),
            n => format!("none of its {n} signatures is by {names}, or what was signed was changed"),
        });
        Err(Refusal::new(Code::SignatureRefused, format!("nobody vouches for `{repository}` at {manifest}: {why}"))
            .fix("ask whoever publishes it; do not install it before they say that it is theirs"))
    }
}
