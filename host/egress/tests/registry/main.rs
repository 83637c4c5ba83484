//! Registries and web addresses: a real `docker-registry`, and hostile ones written byte by byte.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod bundles;
#[path = "../../../../tests/support/docker_registry.rs"]
mod docker_registry;
mod fetched;
mod hostile;
mod login;
mod pulled;
#[path = "../support/mod.rs"]
mod support;
mod tampered;

use std::sync::Arc;

use portcullis_catalog::{Identity, Packed, PublicKey, Reference, SigningKey, Trust};
use portcullis_egress::{Credential, Egress, EgressConfig, Slot};
use portcullis_model::{Code, Digest, Refusal};
use support::{Bench, resolving_to, store_in};
use tempfile::TempDir;

pub(crate) const MAX_BYTES: usize = 1 << 20;

pub(crate) const COMPONENT: &[u8] = b"\0asm a component, for all that a registry knows";

pub(crate) fn component(content: &[u8]) -> Packed {
    Packed::component(content.to_vec(), &["portcullis:action/plugin".into()], &[], "2026-01-01T00:00:00Z").unwrap()
}

/// A key that `openssl` made, and trust in it for everything of a registry.
pub(crate) fn signer(host: &str) -> (SigningKey, Trust) {
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .output()
        .expect("openssl is there");
    let key = SigningKey::from_pem(&made.stdout, "").unwrap();
    let public = PublicKey::from_pem("acme.pub", key.public_pem().unwrap().as_bytes()).unwrap();
    (key, Trust::new(vec![Identity::new(format!("{host}/*").parse().unwrap(), public)]))
}

/// Pushes a component and signs it.
pub(crate) async fn publish(egress: &Egress, reference: &Reference, content: &[u8], key: &SigningKey) -> Reference {
    let pushed = egress.registry().push(reference, component(content)).await.unwrap();
    let digest = pushed.digest().unwrap();
    let signature = key.vouch(reference.repository(), digest).unwrap();
    egress.registry().push_signature(reference.repository(), digest, &signature).await.unwrap();
    pushed
}

/// Pulls, and asks whom the operator lists: what an install does.
pub(crate) async fn install(egress: &Egress, reference: &Reference, trust: &Trust) -> Result<Vec<u8>, Refusal> {
    let pulled = egress.registry().pull(reference, MAX_BYTES).await?;
    let signatures = egress.registry().signatures(reference.repository(), pulled.artifact.digest()).await?;
    pulled.evidence(signatures)?.verify(trust, Digest::of(&pulled.content))?;
    Ok(pulled.content)
}

/// An egress with one registry's credential.
pub(crate) async fn knowing(registry: &Reference, credential: &str, config: EgressConfig) -> Bench {
    let folder = TempDir::new().unwrap();
    let store = store_in(&folder);
    store.set(Slot::registry(registry.registry()), Credential::new(credential.to_owned()).unwrap()).await.unwrap();
    Bench { egress: Egress::new(config, store, resolving_to(&[]) as Arc<_>).unwrap(), folder }
}

#[track_caller]
pub(crate) fn assert_refused<T>(result: Result<T, Refusal>, code: Code, words: &str) {
    let refusal = result.err().expect("it was taken");
    assert_eq!(refusal.code(), code, "{refusal}");
    assert!(refusal.message().contains(words), "`{words}` is not in: {refusal}");
    assert!(refusal.way_out().is_some(), "{refusal} names no way out");
}
