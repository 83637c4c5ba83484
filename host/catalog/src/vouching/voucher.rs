//! Who may vouch, by a key or without one, and what is said of them once they did.

use std::fmt;

use portcullis_model::Digest;
use serde::Serialize;

use crate::vouching::key::PublicKey;
use crate::vouching::keyless::Keyless;

/// Somebody whom the operator lists.
#[derive(Debug, Clone)]
pub enum Voucher {
    /// Whoever has this key.
    Key(PublicKey),
    /// Whoever an authority of Sigstore makes out a certificate to, under one name.
    Keyless(Keyless),
}

/// Who vouched, and for what they are listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VouchedBy {
    /// Who.
    #[serde(flatten)]
    pub who: Who,
    /// For what: a scope, or `index NAME`.
    pub scope: String,
}

/// A key or a signer, as the operator lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Who {
    /// A key.
    Key {
        /// The operator's name for it.
        key: String,
        /// SHA-256 of it.
        fingerprint: Digest,
    },
    /// A signer without a key.
    Signer {
        /// The name in the certificate.
        identity: String,
        /// Who vouched for the name.
        issuer: String,
        /// The operator's name for the root that the certificate was checked by.
        root: String,
    },
}

impl Voucher {
    /// For what is said of whoever vouched.
    #[must_use]
    pub fn who(&self) -> Who {
        match self {
            Self::Key(key) => Who::key(key),
            Self::Keyless(keyless) => Who::Signer {
                identity: keyless.signer().identity().to_owned(),
                issuer: keyless.signer().issuer().to_owned(),
                root: keyless.root().to_owned(),
            },
        }
    }
}

impl Who {
    pub(crate) fn key(key: &PublicKey) -> Self {
        Self::Key { key: key.name().to_owned(), fingerprint: key.fingerprint() }
    }

    /// The operator's name for the key, or the signer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Key { key: name, .. } | Self::Signer { identity: name, .. } => name,
        }
    }
}

impl From<PublicKey> for Voucher {
    fn from(key: PublicKey) -> Self {
        Self::Key(key)
    }
}

impl From<Keyless> for Voucher {
    fn from(keyless: Keyless) -> Self {
        Self::Keyless(keyless)
    }
}

/// In words, with enough of a key's fingerprint to tell it from another.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { key, fingerprint } => write!(f, "`{key}` ({})", &fingerprint.to_hex()[..12]),
            Self::Signer { identity, issuer, root } => write!(f, "`{identity}` (by `{issuer}` and `{root}`)"),
        }
    }
}
