//! A publisher's private key: signs, and is otherwise silent.
//!
//! It can be neither printed nor copied, and is wiped when dropped. Does not say what is signed; `signature` and `dsse` do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey as Ecdsa};
use pkcs8::{DecodePrivateKey as _, EncodePublicKey as _, LineEnding};
use portcullis_model::{Code, Refusal};
use zeroize::Zeroizing;

use crate::vouching::cosign_key;
use crate::vouching::key::PublicKey;

/// Largest key file in bytes.
const MAX_PEM_BYTES: usize = 16 << 10;

/// What stands in the first line of a file that a passphrase opens, by RFC 7468, section 11.
const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

/// The same, by RFC 7468, section 10.
const PLAIN: &str = "-----BEGIN PRIVATE KEY-----";

/// Signs. ECDSA on P-256 with SHA-256; the nonce follows from key and message (RFC 6979).
pub struct SigningKey(Ecdsa);

impl SigningKey {
    /// Whether a key file wants a passphrase.
    #[must_use]
    pub fn is_encrypted(pem: &[u8]) -> bool {
        std::str::from_utf8(pem).is_ok_and(|text| text.trim_start().starts_with(ENCRYPTED) || cosign_key::is_one(text))
    }

    /// A key as its file holds it: PKCS#8 in PEM, plain or encrypted (RFC 5958), or as `cosign generate-key-pair` writes
    /// it. The passphrase is looked at only where the file wants one.
    ///
    /// # Errors
    /// `bad-request` where the file is anything else, or the passphrase is not its own. The text holds nothing of either.
    pub fn from_pem(pem: &[u8], passphrase: &str) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(pem).ok().filter(|text| text.len() <= MAX_PEM_BYTES).map(str::trim);
        let text = text.ok_or_else(no_key)?;
        if cosign_key::is_one(text) {
            let der = cosign_key::open(text, passphrase).ok_or_else(not_opened)?;
            return Ecdsa::from_pkcs8_der(&der).map(Self).map_err(|_| no_key());
        }
        if text.starts_with(ENCRYPTED) {
            return Ecdsa::from_pkcs8_encrypted_pem(text, passphrase).map(Self).map_err(|_| not_opened());
        }
        if !text.starts_with(PLAIN) {
            return Err(no_key());
        }
        Ecdsa::from_pkcs8_pem(text).map(Self).map_err(|_| no_key())
    }

    /// The key that its signatures are checked against, under a name of the caller's.
    #[must_use]
    pub fn public(&self, name: &str) -> Option<PublicKey> {
        PublicKey::new(name, *self.0.verifying_key())
    }

    /// The public key in PEM, for others to list.
    #[must_use]
    pub fn public_pem(&self) -> Option<String> {
        self.0.verifying_key().to_public_key_pem(LineEnding::LF).ok()
    }

    /// A signature: ASN.1 DER in base64.
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        let signature: DerSignature = self.0.sign(bytes);
        STANDARD.encode(signature.as_bytes())
    }
}

fn no_key() -> Refusal {
    Refusal::new(Code::BadRequest, "the key file holds no private key for ECDSA on P-256 in PKCS#8 PEM")
        .fix("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -out KEY.pem")
}

fn not_opened() -> Refusal {
    Refusal::new(Code::BadRequest, "the passphrase does not open the key file, or it is encrypted in an unknown way")
        .fix("openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY.pem -out NEW.pem")
}

/// Bytes of a key on its way from one form to another.
pub(crate) type KeyBytes = Zeroizing<Vec<u8>>;
