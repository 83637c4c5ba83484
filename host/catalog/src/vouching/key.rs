//! Public keys: ECDSA on P-256 with SHA-256, the scheme that `cosign` makes keys for.
//!
//! Says whether a key made a signature. Whose key it is, and what it may vouch for, is `trust`'s matter.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use pkcs8::{DecodePublicKey as _, EncodePublicKey as _};
use portcullis_model::{Code, Digest, Refusal, Shown};

/// Largest key file in bytes; one has some 180.
const MAX_PEM_BYTES: usize = 8 << 10;

/// Longest signature in base64, in bytes; a DER signature of this curve has at most 96.
const MAX_SIGNATURE_BYTES: usize = 256;

/// A key that signatures are checked against.
#[derive(Debug, Clone)]
pub struct PublicKey {
    key: VerifyingKey,
    name: String,
    fingerprint: Digest,
}

impl PublicKey {
    /// A key as its file holds it: SubjectPublicKeyInfo (RFC 5280, section 4.1) in PEM. The name is the operator's, such
    /// as the file's.
    ///
    /// # Errors
    /// `bad-request` where it is anything else.
    pub fn from_pem(name: &str, pem: &[u8]) -> Result<Self, Refusal> {
        let unfit = || {
            let what = format!("`{}` holds no public key for ECDSA on P-256 in PEM", Shown::new(name));
            Refusal::new(Code::BadRequest, what).fix("openssl pkey -in KEY.pem -pubout -out KEY.pub")
        };
        let text = std::str::from_utf8(pem).ok().filter(|text| text.len() <= MAX_PEM_BYTES).ok_or_else(unfit)?;
        let key = VerifyingKey::from_public_key_pem(text.trim()).map_err(|_| unfit())?;
        Self::new(name, key).ok_or_else(unfit)
    }

    pub(crate) fn new(name: &str, key: VerifyingKey) -> Option<Self> {
        let fingerprint = Digest::of(key.to_public_key_der().ok()?.as_bytes());
        Some(Self { key, name: name.to_owned(), fingerprint })
    }

    /// The operator's name for it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the key in DER.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Whether it made this signature (ASN.1 DER in base64) over these bytes.
    pub(crate) fn made(&self, signature: &str, bytes: &[u8]) -> bool {
        decoded(signature).is_some_and(|signature| self.key.verify(bytes, &signature).is_ok())
    }
}

/// Either alphabet of base64 is taken, as DSSE asks (protocol 1.0.2).
fn decoded(text: &str) -> Option<Signature> {
    if text.len() > MAX_SIGNATURE_BYTES {
        return None;
    }
    Signature::from_der(&STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()?).ok()
}
