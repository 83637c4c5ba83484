//! Signatures in bundles, as `cosign` attaches them since its version 3: found by the registry's list, or by the list under
//! a tag where the registry keeps none.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_catalog::{Envelope, LIST_TYPE, MANIFEST_TYPE, RawSignature, Reference, SigningKey, referrers_tag};
use portcullis_model::{Code, Digest, Refusal};
use serde_json::{Value, json};

use crate::docker_registry::DockerRegistry;
use crate::support::{Bench, Service, answer};
use crate::{COMPONENT, MAX_BYTES, assert_refused, component, install, signer};

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// What `cosign` 3 makes of an artifact.
fn bundle(key: &SigningKey, artifact: Digest) -> Vec<u8> {
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1", "subject": [{"digest": {"sha256": artifact.to_hex()}}],
        "predicateType": "https://sigstore.dev/cosign/sign/v1", "predicate": {},
    });
    let payload = statement.to_string();
    let envelope = Envelope::seal("application/vnd.in-toto+json", payload.as_bytes(), key).unwrap();
    let envelope: Value = serde_json::from_slice(&envelope).unwrap();
    assert_eq!(envelope["payload"], STANDARD.encode(payload));
    json!({"mediaType": BUNDLE, "dsseEnvelope": envelope}).to_string().into_bytes()
}

/// The manifest that attaches a bundle.
fn attaching(bundle: &[u8], artifact: Digest) -> Vec<u8> {
    json!({
        "schemaVersion": 2, "mediaType": MANIFEST_TYPE, "artifactType": BUNDLE,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": Digest::of(b"{}"), "size": 2},
        "layers": [{"mediaType": BUNDLE, "digest": Digest::of(bundle), "size": bundle.len()}],
        "subject": {"mediaType": MANIFEST_TYPE, "digest": artifact, "size": 1},
    })
    .to_string()
    .into_bytes()
}

fn list(manifests: &[Digest]) -> Vec<u8> {
    let entry =
        |digest: &Digest| json!({"mediaType": MANIFEST_TYPE, "artifactType": BUNDLE, "digest": digest, "size": 1});
    let manifests: Vec<Value> = manifests.iter().map(entry).collect();
    json!({"schemaVersion": 2, "mediaType": LIST_TYPE, "manifests": manifests}).to_string().into_bytes()
}

/// Puts something into a registry as it is.
fn put(host: &str, path: &str, kind: &str, body: &[u8]) {
    let mut stream = TcpStream::connect(host).unwrap();
    let (method, length) = if path.ends_with('/') { ("POST", 0) } else { ("PUT", body.len()) };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body[..length]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    if method == "POST" {
        let place = answer.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap();
        let place = place.trim().trim_start_matches("http://").trim_start_matches(host);
        return put(host, &format!("{place}&digest={}", Digest::of(body)), "application/octet-stream", body);
    }
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[tokio::test]
async fn a_bundle_under_a_tag_vouches() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let (key, trust) = signer(docker.host());
    let (stranger, _) = signer(docker.host());
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let artifact = bench.egress.registry().push(&reference, component(COMPONENT)).await.unwrap().digest().unwrap();
    let attach = |bundles: &[Vec<u8>]| {
        let mut manifests = Vec::new();
        for bundle in bundles {
            for blob in [&b"{}"[..], bundle] {
                put(docker.host(), "/v2/acme/slack/blobs/uploads/", "application/octet-stream", blob);
            }
            let manifest = attaching(bundle, artifact);
            put(
                docker.host(),
                &format!("/v2/acme/slack/manifests/{}", Digest::of(&manifest)),
                MANIFEST_TYPE,
                &manifest,
            );
            manifests.push(Digest::of(&manifest));
        }
        put(
            docker.host(),
            &format!("/v2/acme/slack/manifests/{}", referrers_tag(artifact)),
            LIST_TYPE,
            &list(&manifests),
        );
    };
    attach(&[bundle(&stranger, artifact), bundle(&key, Digest::of(b"another"))]);
    let refused = install(&bench.egress, &reference, &trust).await;
    assert_refused(refused, Code::SignatureRefused, "is of another artifact");
    attach(&[bundle(&stranger, artifact), bundle(&key, artifact)]);
    assert_eq!(install(&bench.egress, &reference, &trust).await.as_deref(), Ok(COMPONENT));
}

#[tokio::test]
async fn a_bundle_that_the_registry_lists_vouches() {
    let missing = || b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n".to_vec();
    let artifact = component(COMPONENT);
    let (key, _) = signer("registry.example");
    let signed = bundle(&key, artifact.digest());
    let manifest = attaching(&signed, artifact.digest());
    let listed = |digest: Digest| answer(200, &format!("content-type: {LIST_TYPE}\r\n"), list(&[digest]));
    let found = async |answers: Vec<Vec<u8>>| {
        let service = Service::answering(answers).await;
        let host = service.origin.trim_start_matches("http://").to_owned();
        let repository = format!("{host}/acme/slack").parse().unwrap();
        let found = Bench::plain().await.egress.registry().signatures(&repository, artifact.digest()).await;
        (found, service)
    };
    let ok = |bytes: &[u8]| answer(200, "", bytes);
    let (right, service) = found(vec![missing(), listed(Digest::of(&manifest)), ok(&manifest), ok(&signed)]).await;
    assert_eq!(right, Ok(vec![RawSignature::Bundle { bundle: signed.clone() }]));
    let asked = String::from_utf8_lossy(&service.requests.lock().unwrap()[1]).into_owned();
    assert!(asked.starts_with(&format!("GET /v2/acme/slack/referrers/{} ", artifact.digest())), "{asked}");
    assert!(asked.contains(&format!("accept: {LIST_TYPE}")), "{asked}");

    // Another manifest than was listed, another bundle than the manifest names, and a page that is no list.
    let (other, _) = found(vec![missing(), listed(Digest::of(b"x")), ok(&manifest)]).await;
    assert_refused(other, Code::DigestMismatch, "the manifest of");
    let changed = String::from_utf8_lossy(&signed).replace("sig", "gis").into_bytes();
    let (other, _) = found(vec![missing(), listed(Digest::of(&manifest)), ok(&manifest), ok(&changed)]).await;
    assert_refused(other, Code::DigestMismatch, "gives for");
    let (none, service) = found(vec![missing(), ok(b"<html>"), missing()]).await;
    assert_eq!((none, service.sent()), (Ok(vec![]), 3));
    let (many, _) =
        found(vec![missing(), answer(200, &format!("content-type: {LIST_TYPE}\r\n"), vec![b' '; MAX_BYTES])]).await;
    assert_refused(many, Code::ResponseTooLarge, "announces");
}

/// Pushes a bundle to a service that gives these answers, and says what was asked.
async fn pushed(signed: &[u8], answers: Vec<Vec<u8>>) -> (Result<Reference, Refusal>, Vec<String>) {
    pushed_to(":1.0", signed, answers).await
}

async fn pushed_to(what: &str, signed: &[u8], answers: Vec<Vec<u8>>) -> (Result<Reference, Refusal>, Vec<String>) {
    let service = Service::answering(answers).await;
    let host = service.origin.trim_start_matches("http://").to_owned();
    let reference: Reference = format!("{host}/acme/slack{what}").parse().unwrap();
    let pushed = Bench::plain().await.egress.registry().push_bundle(&reference, signed.to_vec()).await;
    let requests = service.requests.lock().unwrap();
    let first_line = |request: &Vec<u8>| String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned();
    (pushed, requests.iter().map(first_line).collect())
}

#[tokio::test]
async fn a_bundle_is_listed_by_the_registry_or_by_whoever_pushes_it() {
    let artifact = component(COMPONENT);
    let (key, _) = signer("registry.example");
    let signed = bundle(&key, artifact.digest());
    let there = || answer(200, "", b"");
    let (ours, own) = (answer(200, "", &artifact.manifest), format!("oci-subject: {}\r\n", artifact.digest()));
    let (listed, asked) = pushed(&signed, vec![ours.clone(), there(), there(), answer(201, &own, b"")]).await;
    assert_eq!((listed.unwrap().digest(), asked.len()), (Some(artifact.digest()), 4), "{asked:?}");
    // Where the registry says nothing of it, the list is kept under a tag, with what is there already.
    let tag = format!("/v2/acme/slack/manifests/{}", referrers_tag(artifact.digest()));
    for existing in
        [b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n".to_vec(), answer(200, "", list(&[Digest::of(b"x")]))]
    {
        let answers = vec![ours.clone(), there(), there(), answer(201, "", b""), existing, answer(201, "", b"")];
        let (tagged, asked) = pushed(&signed, answers).await;
        assert!(tagged.is_ok() && asked.len() == 6, "{tagged:?} {asked:?}");
        assert!(
            asked[4].starts_with(&format!("GET {tag} ")) && asked[5].starts_with(&format!("PUT {tag} ")),
            "{asked:?}"
        );
    }
    let full: Vec<Digest> = (0..32_u8).map(|other| Digest::of(&[other])).collect();
    let answers = vec![ours.clone(), there(), there(), answer(201, "", b""), answer(200, "", list(&full))];
    assert_refused(pushed(&signed, answers).await.0, Code::SignatureRefused, "33 bundles");
    // Nothing is pushed for an artifact that it is not about, nor for one that is not there.
    let other = answer(200, "", &component(b"other").manifest);
    let (refused, asked) = pushed(&signed, vec![other]).await;
    assert_refused(refused, Code::SignatureRefused, "is of another artifact");
    assert_eq!(asked.len(), 1);
    // What was named by its digest is that, whatever the registry gives, and whatever the bundle is about.
    let named = |digest: Digest| format!("@{digest}");
    let answers = || vec![ours.clone(), there(), there(), answer(201, &own, b"")];
    assert!(pushed_to(&named(artifact.digest()), &signed, answers()).await.0.is_ok());
    let (refused, asked) = pushed_to(&named(Digest::of(b"another")), &signed, answers()).await;
    assert_refused(refused, Code::DigestMismatch, "the manifest of");
    assert_eq!(asked.len(), 1);
    let (absent, _) = pushed(&signed, vec![b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n".to_vec()]).await;
    assert_refused(absent, Code::SourceUnavailable, "has no");
}

#[tokio::test]
async fn a_bundle_that_was_pushed_is_found_and_vouches() {
    let (docker, bench) = (DockerRegistry::open(), Bench::plain().await);
    let (key, trust) = signer(docker.host());
    let (stranger, _) = signer(docker.host());
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let registry = bench.egress.registry();
    let artifact = registry.push(&reference, component(COMPONENT)).await.unwrap().digest().unwrap();
    registry.push_bundle(&reference, bundle(&stranger, artifact)).await.unwrap();
    assert!(install(&bench.egress, &reference, &trust).await.is_err());
    let right = bundle(&key, artifact);
    for _ in 0..2 {
        registry.push_bundle(&reference, right.clone()).await.unwrap();
    }
    assert_eq!(install(&bench.egress, &reference, &trust).await.as_deref(), Ok(COMPONENT));
    assert_eq!(registry.signatures(reference.repository(), artifact).await.unwrap().len(), 2);
    let pinned = reference.pinned(Digest::of(b"another"));
    assert!(registry.push_bundle(&pinned, right).await.is_err());
}
