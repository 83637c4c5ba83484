//! Digests and signatures for `sigstore-verify`, which leaves them to whoever uses it: those of `ring`, which also checks
//! TLS for this program.
//!
//! Verifies only: makes no keys and signs nothing.

use std::sync::LazyLock;

use ring::digest;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sigstore_verify::crypto::{CryptoProvider, Error, HashContext, Result, SigningScheme, install_default_provider};
use sigstore_verify::types::HashAlgorithm;

/// Whether these are the primitives that everything is checked with; not so where other code of this process had put in
/// its own before.
pub(crate) fn installed() -> bool {
    static INSTALLED: LazyLock<bool> = LazyLock::new(|| install_default_provider(&Ring).is_ok());
    *INSTALLED
}

#[derive(Debug)]
struct Ring;

struct Running(digest::Context);

impl HashContext for Running {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self: Box<Self>) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

impl CryptoProvider for Ring {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>> {
        let algorithm = match algorithm {
            HashAlgorithm::Sha2256 => &digest::SHA256,
            HashAlgorithm::Sha2384 => &digest::SHA384,
            HashAlgorithm::Sha2512 => &digest::SHA512,
            other => return Err(Error::UnsupportedAlgorithm(other.to_string())),
        };
        Ok(Box::new(Running(digest::Context::new(algorithm))))
    }

    fn verify_raw(&self, scheme: SigningScheme, key: &[u8], data: &[u8], signature: &[u8]) -> Result<()> {
        UnparsedPublicKey::new(algorithm(scheme)?, key)
            .verify(data, signature)
            .map_err(|_| Error::Verification(scheme.name().to_owned()))
    }

    /// Of signatures over bare digests, which are not taken here: what is signed is a statement that says what it is.
    fn verify_prehashed(&self, scheme: SigningScheme, _: &[u8], _: &[u8], _: &[u8]) -> Result<()> {
        Err(Error::UnsupportedAlgorithm(scheme.name().to_owned()))
    }
}

/// What authorities and logs of Sigstore sign with, now or since their beginning.
fn algorithm(scheme: SigningScheme) -> Result<&'static dyn VerificationAlgorithm> {
    Ok(match scheme {
        SigningScheme::EcdsaP256Sha256 => &signature::ECDSA_P256_SHA256_ASN1,
        SigningScheme::EcdsaP256Sha384 => &signature::ECDSA_P256_SHA384_ASN1,
        SigningScheme::EcdsaP384Sha256 => &signature::ECDSA_P384_SHA256_ASN1,
        SigningScheme::EcdsaP384Sha384 => &signature::ECDSA_P384_SHA384_ASN1,
        SigningScheme::Ed25519 => &signature::ED25519,
        SigningScheme::RsaPkcs1Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        SigningScheme::RsaPkcs1Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        SigningScheme::RsaPkcs1Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        other => return Err(Error::UnsupportedAlgorithm(other.name().to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "abc" (FIPS 180-2, appendices B.1, C.1 and D.1), by how they begin.
    #[test]
    fn digests_are_those_of_the_standard() {
        for (algorithm, begin) in [
            (HashAlgorithm::Sha2256, [0xba, 0x78, 0x16, 0xbf]),
            (HashAlgorithm::Sha2384, [0xcb, 0x00, 0x75, 0x3f]),
            (HashAlgorithm::Sha2512, [0xdd, 0xaf, 0x35, 0xa1]),
        ] {
            let mut running = Ring.hash(algorithm).unwrap();
            running.update(b"a");
            running.update(b"bc");
            assert_eq!(running.finalize()[..4], begin);
        }
    }

    #[test]
    fn a_signature_is_over_what_was_signed_and_not_over_its_digest() {
        use p256::ecdsa::signature::Signer as _;
        let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let public = key.verifying_key().to_encoded_point(false);
        let signature: p256::ecdsa::DerSignature = key.sign(b"signed");
        let scheme = SigningScheme::EcdsaP256Sha256;
        let verified = |data: &[u8]| Ring.verify_raw(scheme, public.as_bytes(), data, signature.as_bytes());
        assert!(verified(b"signed").is_ok());
        assert!(verified(b"sighed").is_err());
        let digest = digest::digest(&digest::SHA256, b"signed");
        assert!(verified(digest.as_ref()).is_err());
        assert!(Ring.verify_prehashed(scheme, public.as_bytes(), digest.as_ref(), signature.as_bytes()).is_err());
        assert!(Ring.verify_raw(SigningScheme::MlDsa44, public.as_bytes(), b"signed", signature.as_bytes()).is_err());
    }
}
