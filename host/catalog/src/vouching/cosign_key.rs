//! Private keys as `cosign generate-key-pair` writes them: PKCS#8 in a NaCl secret box, its key by scrypt.
//!
//! Opens one; never writes one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_secretbox::aead::Aead as _;
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::vouching::signing_key::KeyBytes;

/// First lines of such a file, by its first and its later name.
const HEADS: [&str; 2] =
    ["-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----", "-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----"];

/// Last lines, in the same order.
const ENDS: [&str; 2] = ["-----END ENCRYPTED SIGSTORE PRIVATE KEY-----", "-----END ENCRYPTED COSIGN PRIVATE KEY-----"];

/// Highest cost that is paid, as a power of two; `cosign` asks for 2^16. A file from elsewhere could ask for hours.
const MAX_LOG_N: u32 = 18;

/// What scrypt's other parameters are in every such file.
const R: u32 = 8;
const P: u32 = 1;

#[derive(Deserialize)]
struct Written {
    kdf: Kdf,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Kdf {
    name: String,
    params: Params,
    salt: String,
}

#[derive(Deserialize)]
struct Params {
    #[serde(rename = "N")]
    n: u32,
    r: u32,
    p: u32,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// Whether a text looks like such a file.
pub(crate) fn is_one(text: &str) -> bool {
    HEADS.iter().any(|head| text.trim_start().starts_with(head))
}

/// The key in DER; `None` where the passphrase is not its own, or the file is not as `cosign` writes it.
pub(crate) fn open(text: &str, passphrase: &str) -> Option<KeyBytes> {
    let (head, end) = HEADS.iter().zip(ENDS).find(|(head, _)| text.starts_with(**head))?;
    let inner = text.strip_prefix(head)?.strip_suffix(end)?;
    let json = STANDARD.decode(inner.split_ascii_whitespace().collect::<String>()).ok()?;
    let Written { kdf, cipher, ciphertext } = serde_json::from_slice(&json).ok()?;
    let known = kdf.name == "scrypt" && cipher.name == "nacl/secretbox" && (kdf.params.r, kdf.params.p) == (R, P);
    if !known || !kdf.params.n.is_power_of_two() || kdf.params.n.ilog2() > MAX_LOG_N {
        return None;
    }
    let log_n = u8::try_from(kdf.params.n.ilog2()).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    let params = scrypt::Params::new(log_n, R, P, key.len()).ok()?;
    scrypt::scrypt(passphrase.as_bytes(), &STANDARD.decode(kdf.salt).ok()?, &params, &mut *key).ok()?;
    let nonce: [u8; 24] = STANDARD.decode(cipher.nonce).ok()?.try_into().ok()?;
    let sealed = STANDARD.decode(ciphertext).ok()?;
    XSalsa20Poly1305::new((&*key).into()).decrypt(&nonce.into(), &*sealed).ok().map(Zeroizing::new)
}
