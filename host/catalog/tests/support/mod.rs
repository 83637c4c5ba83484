//! What the tests of signatures share: keys made by `openssl`, an implementation that is not ours, and things to sign.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_catalog::{Identity, Packed, PublicKey, RawSignature, Reference, SigningKey, Trust};
use portcullis_model::{Code, Digest, Refusal};
use tempfile::TempDir;

/// A folder with a key pair that `openssl` made.
pub struct KeyPair {
    folder: TempDir,
}

pub fn openssl(arguments: &[&str]) -> Output {
    let output = Command::new("openssl").args(arguments).output().expect("openssl is there");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

impl KeyPair {
    pub fn new() -> Self {
        let pair = Self { folder: TempDir::new().unwrap() };
        let key = pair.path("key.pem");
        openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &key]);
        openssl(&["pkey", "-in", &key, "-pubout", "-out", &pair.path("key.pub")]);
        pair
    }

    pub fn path(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub fn public(&self, name: &str) -> PublicKey {
        PublicKey::from_pem(name, &self.read("key.pub")).unwrap()
    }

    pub fn signing(&self) -> SigningKey {
        SigningKey::from_pem(&self.read("key.pem"), "").unwrap()
    }

    /// A signature by `openssl`, in base64.
    pub fn sign(&self, bytes: &[u8]) -> String {
        fs::write(self.path("signed"), bytes).unwrap();
        let output = openssl(&["dgst", "-sha256", "-sign", &self.path("key.pem"), &self.path("signed")]);
        STANDARD.encode(output.stdout)
    }

    /// Whether `openssl` takes a signature in base64.
    pub fn takes(&self, signature: &str, bytes: &[u8]) -> bool {
        fs::write(self.path("signed"), bytes).unwrap();
        fs::write(self.path("signature"), STANDARD.decode(signature).unwrap()).unwrap();
        let (key, signature, signed) = (self.path("key.pub"), self.path("signature"), self.path("signed"));
        let arguments = ["dgst", "-sha256", "-verify", &key, "-signature", &signature, &signed];
        Command::new("openssl").args(arguments).output().unwrap().status.success()
    }

    /// What `cosign` would make of an artifact.
    pub fn vouch(&self, reference: &str, manifest: Digest) -> RawSignature {
        let payload = payload(reference, &manifest.to_string());
        RawSignature::Simple { signature: self.sign(payload.as_bytes()), payload: payload.into_bytes() }
    }

    pub fn trusted_for(&self, scope: &str) -> Trust {
        Trust::new(vec![Identity::new(scope.parse().unwrap(), self.public("acme.pub"))])
    }
}

/// A payload as `cosign` writes it.
pub fn payload(reference: &str, digest: &str) -> String {
    format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"{reference}"}},"image":{{"docker-manifest-digest":"{digest}"}},"type":"cosign container image signature"}},"optional":null}}"#
    )
}

pub const COMPONENT: &[u8] = b"\0asm a component, for all that signatures know";

pub fn component() -> Packed {
    packed(COMPONENT)
}

pub fn packed(content: &[u8]) -> Packed {
    Packed::component(content.to_vec(), &["portcullis:action/plugin".into()], &[], "2026-01-01T00:00:00Z").unwrap()
}

pub fn slack() -> Reference {
    "registry.example/acme/slack:1.0".parse().unwrap()
}

/// Bytes with one bit turned.
pub fn turned(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

#[track_caller]
pub fn assert_refused<T>(result: Result<T, Refusal>, code: Code, words: &str) {
    let refusal = result.err().expect("it was taken");
    assert_eq!(refusal.code(), code, "{refusal}");
    assert!(refusal.message().contains(words), "`{words}` is not in: {refusal}");
    assert!(refusal.way_out().is_some(), "{refusal} names no way out");
}
