//! What was pushed comes back, with its signatures, and is vouched for.

use portcullis_catalog::{ArtifactKind, Packed, RawSignature, Reference};
use portcullis_model::{Code, Digest};

use crate::docker_registry::DockerRegistry;
use crate::support::Bench;
use crate::{COMPONENT, MAX_BYTES, assert_refused, component, install, publish, signer};

#[tokio::test]
async fn an_artifact_comes_back_as_it_was_pushed() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let registry = bench.egress.registry();
    let document = br#"{"kind":"dock_integration"}"#.to_vec();
    for (name, packed, kind, content) in [
        ("acme/component:1.0", component(COMPONENT), ArtifactKind::Component, COMPONENT),
        ("acme/document:1.0", Packed::document(document.clone()).unwrap(), ArtifactKind::Document, &document),
        ("acme/index:1", Packed::index(b"{}".to_vec()).unwrap(), ArtifactKind::Index, b"{}"),
    ] {
        let reference: Reference = docker.reference(name).parse().unwrap();
        let pushed = registry.push(&reference, packed.clone()).await.unwrap();
        assert_eq!(pushed, reference.pinned(packed.digest()));
        let by_digest = Reference::by_digest(reference.repository().clone(), packed.digest());
        for asked in [&reference, &pushed, &by_digest] {
            let pulled = registry.pull(asked, MAX_BYTES).await.unwrap();
            assert_eq!((pulled.artifact.kind(), pulled.content.as_slice()), (kind, content), "{asked}");
            assert_eq!((pulled.manifest.as_slice(), pulled.digest()), (&packed.manifest[..], Digest::of(content)));
            assert_eq!(pulled.reference.digest(), Some(packed.digest()));
        }
        // Again, over what is there.
        assert!(registry.push(&reference, packed).await.is_ok());
    }
}

#[tokio::test]
async fn what_is_pushed_by_digest_has_that_digest() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let registry = bench.egress.registry();
    let repository = docker.reference("acme/slack").parse::<portcullis_catalog::Repository>().unwrap();
    let packed = component(COMPONENT);
    let right = Reference::by_digest(repository.clone(), packed.digest());
    assert!(registry.push(&right, packed.clone()).await.is_ok());
    assert!(registry.pull(&right, MAX_BYTES).await.is_ok());
    let wrong = Reference::by_digest(repository, Digest::of(b"other"));
    assert_refused(registry.push(&wrong, packed).await, Code::DigestMismatch, "what was to be pushed");
}

#[tokio::test]
async fn a_signed_artifact_is_vouched_for_by_whoever_is_listed() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let (key, trust) = signer(docker.host());
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let pushed = publish(&bench.egress, &reference, COMPONENT, &key).await;
    assert_eq!(install(&bench.egress, &reference, &trust).await.as_deref(), Ok(COMPONENT));
    assert_eq!(install(&bench.egress, &pushed, &trust).await.as_deref(), Ok(COMPONENT));
    // A second signer stands beside the first.
    let (other, by_other) = signer(docker.host());
    let digest = pushed.digest().unwrap();
    let signature = other.vouch(reference.repository(), digest).unwrap();
    assert_refused(
        install(&bench.egress, &reference, &by_other).await,
        Code::SignatureRefused,
        "its signature is not by `acme.pub`",
    );
    bench.egress.registry().push_signature(reference.repository(), digest, &signature).await.unwrap();
    let found = bench.egress.registry().signatures(reference.repository(), digest).await.unwrap();
    assert_eq!((found.len(), &found[1]), (2, &signature));
    for trust in [&trust, &by_other] {
        assert!(install(&bench.egress, &reference, trust).await.is_ok());
    }
}

#[tokio::test]
async fn what_is_unsigned_or_signed_by_others_or_elsewhere_is_refused() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let registry = bench.egress.registry();
    let (key, trust) = signer(docker.host());
    let (stranger, _) = signer(docker.host());
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();

    let pushed = registry.push(&reference, component(COMPONENT)).await.unwrap();
    let digest = pushed.digest().unwrap();
    let install = async || install(&bench.egress, &reference, &trust).await;
    assert_refused(install().await, Code::SignatureRefused, "it is not signed");

    let mut signature = stranger.vouch(reference.repository(), digest).unwrap();
    registry.push_signature(reference.repository(), digest, &signature).await.unwrap();
    assert_refused(install().await, Code::SignatureRefused, "its signature is not by `acme.pub`");

    // Signatures that the right key made for something else, put where this artifact's are.
    let other = component(b"other").digest();
    for (replayed, words) in [
        (key.vouch(reference.repository(), other).unwrap(), "is of another artifact"),
        (key.vouch(&docker.reference("acme/github").parse().unwrap(), digest).unwrap(), "is for"),
    ] {
        registry.push_signature(reference.repository(), digest, &replayed).await.unwrap();
        assert_refused(install().await, Code::SignatureRefused, words);
        break_off(&docker, &bench, &reference, digest).await;
    }

    let RawSignature::Simple { payload, .. } = signature else { panic!("not of the simple form") };
    signature = RawSignature::Simple { payload, signature: "MA==".to_owned() };
    registry.push_signature(reference.repository(), digest, &signature).await.unwrap();
    assert!(install().await.is_err());
    let right = key.vouch(reference.repository(), digest).unwrap();
    registry.push_signature(reference.repository(), digest, &right).await.unwrap();
    assert_eq!(install().await.as_deref(), Ok(COMPONENT));
}

/// Puts the tag of the signatures back to one that is nobody's.
async fn break_off(docker: &DockerRegistry, bench: &Bench, reference: &Reference, digest: Digest) {
    let tag = portcullis_catalog::signature_tag(digest);
    let path = reference.repository().path();
    let place: Reference = docker.reference(&format!("{path}:{tag}")).parse().unwrap();
    bench.egress.registry().push(&place, component(b"no signature")).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let registry = bench.egress.registry();
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    assert_refused(registry.pull(&reference, MAX_BYTES).await, Code::SourceUnavailable, "the registry has no");
    registry.push(&reference, component(COMPONENT)).await.unwrap();
    let other = docker.reference("acme/slack:1.1").parse().unwrap();
    assert_refused(registry.pull(&other, MAX_BYTES).await, Code::SourceUnavailable, "acme/slack:1.1");
    let unsigned = registry.signatures(reference.repository(), Digest::of(b"x")).await.unwrap();
    assert!(unsigned.is_empty());
}

#[tokio::test]
async fn what_is_larger_than_the_limit_is_not_read() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    bench.egress.registry().push(&reference, component(&[7; 5000])).await.unwrap();
    assert!(bench.egress.registry().pull(&reference, 5000).await.is_ok());
    assert_refused(bench.egress.registry().pull(&reference, 4999).await, Code::ResponseTooLarge, "5000 bytes");
}
