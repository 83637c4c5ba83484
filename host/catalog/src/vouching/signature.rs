//! Signatures of artifacts as `cosign` makes them by key: a simple-signing payload that names a manifest's digest, and a
//! signature over the payload's bytes (cosign's signature specification); or the same in a bundle, as `statement` has it.
//!
//! Who counts is `trust`'s matter, where signatures are kept that of `attached` and `referrers`.

use portcullis_model::{Code, Digest, Refusal, Shown, parse_strict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vouching::base64_text;
use crate::vouching::key::PublicKey;
use crate::vouching::reference::Repository;
use crate::vouching::signing_key::SigningKey;
use crate::vouching::statement;
use crate::vouching::voucher::Voucher;

/// What `critical.type` says.
const TYPE: &str = "cosign container image signature";

/// Largest payload in bytes; one has some 250.
pub const MAX_PAYLOAD_BYTES: usize = 16 << 10;

/// One signature as it was found. Nothing about it has been checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "lowercase", deny_unknown_fields)]
pub enum RawSignature {
    /// A payload with its signature.
    Simple {
        /// What was signed.
        #[serde(with = "base64_text")]
        payload: Vec<u8>,
        /// ASN.1 DER in base64.
        signature: String,
    },
    /// A bundle of Sigstore's.
    Bundle {
        /// The bundle as it was kept, JSON.
        #[serde(with = "base64_text")]
        bundle: Vec<u8>,
    },
}

/// What somebody can say about an artifact by one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// That they stand behind it.
    Vouched,
    /// Nothing: somebody else made the signature, or nobody did.
    NotByThem,
    /// Something else, in whole words.
    Other(String),
}

#[derive(Serialize)]
struct Payload<'a> {
    critical: Critical<'a>,
    optional: Option<()>,
}

#[derive(Serialize)]
struct Critical<'a> {
    identity: Identity<'a>,
    image: Image,
    r#type: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Identity<'a> {
    docker_reference: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Image {
    docker_manifest_digest: Digest,
}

impl RawSignature {
    /// What this signature, if they made it, says about the artifact of this digest in this repository.
    pub(crate) fn says(&self, voucher: &Voucher, repository: &Repository, manifest: Digest) -> Said {
        match (self, voucher) {
            (Self::Simple { payload, signature }, Voucher::Key(key)) => {
                match simple(payload, signature, key, repository, manifest) {
                    Said::Other(what) => Said::Other(format!("the signature by `{}` {what}", key.name())),
                    said => said,
                }
            }
            (Self::Bundle { bundle }, Voucher::Key(key)) => statement::says(bundle, key, manifest),
            (Self::Bundle { bundle }, Voucher::Keyless(keyless)) => keyless.says(bundle, manifest),
            // There is no certificate beside it.
            (Self::Simple { .. }, Voucher::Keyless(_)) => Said::NotByThem,
        }
    }
}

fn simple(payload: &[u8], signature: &str, key: &PublicKey, repository: &Repository, manifest: Digest) -> Said {
    // Before anything is read out of it: until here these are a stranger's bytes.
    if payload.len() > MAX_PAYLOAD_BYTES || !key.made(signature, payload) {
        return Said::NotByThem;
    }
    let parsed = std::str::from_utf8(payload).ok().and_then(|text| parse_strict(text).ok());
    let Some(payload) = parsed else { return Said::Other("is over something that is no payload".to_owned()) };
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
    if text("/critical/type") != Some(TYPE) {
        return Said::Other(format!("is of another kind than `{TYPE}`"));
    }
    match text("/critical/image/docker-manifest-digest").and_then(|digest| digest.parse::<Digest>().ok()) {
        Some(signed) if signed == manifest => {}
        Some(signed) => return Said::Other(format!("is of another artifact, {signed}")),
        None => return Said::Other("names no digest".to_owned()),
    }
    // The same key may sign many artifacts: what it signed under one name is not taken under another. `cosign` leaves
    // the name out in no version, but says that others may.
    match text("/critical/identity/docker-reference") {
        None | Some("") => Said::Vouched,
        Some(name) if names(name, repository) => Said::Vouched,
        Some(name) => Said::Other(format!("is for `{}`", Shown::new(name))),
    }
}

/// Whether a signed name is a repository's, with or without a tag.
fn names(name: &str, repository: &Repository) -> bool {
    let own = repository.to_string();
    name.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || (rest.starts_with(':') && !rest.contains('/')))
}

impl SigningKey {
    /// Signs an artifact by its manifest's digest, under the name of its repository.
    ///
    /// # Errors
    /// Never for data of these types.
    pub fn vouch(&self, repository: &Repository, manifest: Digest) -> Result<RawSignature, Refusal> {
        let name = repository.to_string();
        let critical = Critical {
            identity: Identity { docker_reference: &name },
            image: Image { docker_manifest_digest: manifest },
            r#type: TYPE,
        };
        let payload = serde_json::to_vec(&Payload { critical, optional: None })
            .map_err(|_| Refusal::new(Code::Internal, "what is to be signed cannot be written"))?;
        Ok(RawSignature::Simple { signature: self.sign(&payload), payload })
    }
}
