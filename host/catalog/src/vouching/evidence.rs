//! What is kept with an installed plugin, so that it is verified again at every load, without a network.
//!
//! From whom the operator lists, over a signature and a manifest or an index, to the digest of the very bytes. Keeps
//! nothing itself; whether an index is old is asked when something is installed, not here.

use portcullis_model::{Code, Digest, Refusal};
use serde::{Deserialize, Serialize};

use crate::vouching::artifact::{Artifact, MAX_MANIFEST_BYTES};
use crate::vouching::base64_text;
use crate::vouching::index::{Index, MAX_INDEX_BYTES};
use crate::vouching::reference::Reference;
use crate::vouching::signature::RawSignature;
use crate::vouching::trust::{MAX_SIGNATURES, Trust};
use crate::vouching::voucher::VouchedBy;

/// Why some bytes may be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Evidence {
    /// A signed artifact of a registry, whose layer they are.
    Artifact {
        /// What was asked for.
        reference: Reference,
        /// The manifest.
        #[serde(with = "base64_text")]
        manifest: Vec<u8>,
        /// The signatures that were there.
        signatures: Vec<RawSignature>,
    },
    /// An entry of a signed index, with their digest.
    Listed {
        /// The index, by its name in the settings.
        index: String,
        /// The entry's name.
        entry: String,
        /// The index in its envelope.
        #[serde(with = "base64_text")]
        envelope: Vec<u8>,
    },
}

impl Evidence {
    /// What an artifact came with.
    ///
    /// # Errors
    /// `signature-refused` where it is more than would be kept.
    pub fn of_artifact(reference: &Reference, manifest: &[u8], signatures: Vec<RawSignature>) -> Result<Self, Refusal> {
        if manifest.len() > MAX_MANIFEST_BYTES || signatures.len() > MAX_SIGNATURES {
            return Err(damaged("there is more of it than is kept"));
        }
        Ok(Self::Artifact { reference: reference.clone(), manifest: manifest.to_vec(), signatures })
    }

    /// Reads it back.
    ///
    /// # Errors
    /// `signature-refused` where it is anything else than was written.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        serde_json::from_str(text).map_err(|_| damaged("it is not what was kept"))
    }

    /// As text, to be kept.
    ///
    /// # Errors
    /// Never for data of these types.
    pub fn to_text(&self) -> Result<String, Refusal> {
        serde_json::to_string(self).map_err(|_| damaged("it cannot be written"))
    }

    /// That somebody whom the operator lists vouches for bytes of this digest: a component's, or a document's.
    ///
    /// # Errors
    /// `signature-refused` where nobody does, `digest-mismatch` where it is about other bytes, `index-refused` or
    /// `source-unavailable` where what was kept is not what it was.
    pub fn verify(&self, trust: &Trust, content: Digest) -> Result<VouchedBy, Refusal> {
        match self {
            Self::Artifact { reference, manifest, signatures } => {
                let artifact = Artifact::read(manifest)?;
                if reference.digest().is_some_and(|pinned| pinned != artifact.digest()) {
                    let what = format!("the kept manifest is not that of `{reference}`");
                    return Err(Refusal::new(Code::DigestMismatch, what).fix(format!("portcullis install {reference}")));
                }
                if artifact.layer().digest != content {
                    return Err(other_bytes(&reference.to_string(), artifact.layer().digest, content));
                }
                trust.verify(reference, artifact.digest(), signatures)
            }
            Self::Listed { index, entry, envelope } => {
                if envelope.len() > MAX_INDEX_BYTES {
                    return Err(damaged("there is more of it than is kept"));
                }
                let opened = Index::signed(index, envelope, trust.index_keys(index)?)?;
                let Some(found) = opened.find(entry) else { return Err(damaged("the index does not have the entry")) };
                if found.digest != content {
                    return Err(other_bytes(entry, found.digest, content));
                }
                Ok(opened.signed_by().clone())
            }
        }
    }
}

fn other_bytes(of: &str, signed: Digest, content: Digest) -> Refusal {
    let what = format!("what vouches for `{of}` is about {signed}, and these bytes are {content}");
    Refusal::new(Code::DigestMismatch, what).fix("remove the port and install it again")
}

fn damaged(why: &str) -> Refusal {
    Refusal::new(Code::SignatureRefused, format!("what vouches for the plugin cannot be used: {why}"))
        .fix("remove the port and install it again")
}
