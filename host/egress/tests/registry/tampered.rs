//! A registry whose files were changed behind its back, and tags that were moved.

use std::fs;
use std::path::Path;

use portcullis_catalog::{RawSignature, Reference, signature_tag};
use portcullis_model::{Code, Digest};

use crate::docker_registry::DockerRegistry;
use crate::support::Bench;
use crate::{COMPONENT, MAX_BYTES, assert_refused, component, install, publish, signer};

/// Turns one bit of a file, and gives the bytes it had.
fn turn(path: &Path, at: usize) -> Vec<u8> {
    let before = fs::read(path).unwrap();
    let mut after = before.clone();
    after[at] ^= 1;
    fs::write(path, after).unwrap();
    before
}

#[tokio::test]
async fn one_bit_of_component_manifest_signature_or_payload_is_noticed() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let (key, trust) = signer(docker.host());
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let pushed = publish(&bench.egress, &reference, COMPONENT, &key).await;
    let digest = pushed.digest().unwrap();
    let signatures = bench.egress.registry().signatures(reference.repository(), digest).await.unwrap();
    let manifest = component(COMPONENT).manifest;
    let RawSignature::Simple { payload, signature } = &signatures[0] else { panic!("not of the simple form") };
    let signed = portcullis_catalog::Attached::with(None, &signatures[0]).unwrap().manifest;
    let annotation = String::from_utf8_lossy(&signed).find(signature).unwrap();
    let version = String::from_utf8_lossy(&manifest).find(r#""size""#).unwrap();

    for (what, bytes, at) in [
        ("component", COMPONENT, 20),
        ("manifest", &manifest[..], version + 1),
        ("payload", &payload[..], 40),
        ("signature", &signed[..], annotation + 10),
    ] {
        let file = docker.blob(&Digest::of(bytes).to_string());
        let before = turn(&file, at);
        assert_eq!(before, bytes, "{what}");
        let refused = install(&bench.egress, &reference, &trust).await;
        assert_eq!(refused.err().map(|refusal| refusal.code()), Some(Code::DigestMismatch), "{what}");
        fs::write(&file, before).unwrap();
        assert_eq!(install(&bench.egress, &reference, &trust).await.as_deref(), Ok(COMPONENT), "{what}");
    }
}

#[tokio::test]
async fn a_tag_that_was_moved_is_worth_what_it_points_to() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let registry = bench.egress.registry();
    let (key, trust) = signer(docker.host());
    let (stranger, _) = signer(docker.host());
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let pushed = publish(&bench.egress, &reference, COMPONENT, &key).await;

    // To other bytes, that nobody signed.
    let evil = registry.push(&reference, component(b"evil")).await.unwrap().digest().unwrap();
    assert_refused(install(&bench.egress, &reference, &trust).await, Code::SignatureRefused, "it is not signed");
    // With the signatures of what the tag pointed to before.
    let replayed = registry.signatures(reference.repository(), pushed.digest().unwrap()).await.unwrap();
    registry.push_signature(reference.repository(), evil, &replayed[0]).await.unwrap();
    let refused = install(&bench.egress, &reference, &trust).await;
    assert_refused(refused, Code::SignatureRefused, "is of another artifact");
    // With a signature by somebody else.
    let signature = stranger.vouch(reference.repository(), evil).unwrap();
    registry.push_signature(reference.repository(), evil, &signature).await.unwrap();
    assert!(install(&bench.egress, &reference, &trust).await.is_err());
    // Whoever pinned the digest is not concerned.
    assert_eq!(install(&bench.egress, &pushed, &trust).await.as_deref(), Ok(COMPONENT));
}

#[tokio::test]
async fn a_signature_that_is_no_manifest_of_signatures_vouches_for_nothing() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let registry = bench.egress.registry();
    let (_, trust) = signer(docker.host());
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let digest = registry.push(&reference, component(COMPONENT)).await.unwrap().digest().unwrap();
    let place = docker.reference(&format!("acme/slack:{}", signature_tag(digest))).parse().unwrap();
    registry.push(&place, component(b"no signature")).await.unwrap();
    assert_eq!(registry.signatures(reference.repository(), digest).await.unwrap().len(), 0);
    assert_refused(install(&bench.egress, &reference, &trust).await, Code::SignatureRefused, "it is not signed");
    assert!(registry.pull(&reference, MAX_BYTES).await.is_ok());
}
