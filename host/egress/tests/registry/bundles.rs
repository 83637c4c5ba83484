//! Signatures in bundles, as `cosign` attaches them since its version 3: found by the registry's list, or by the list under
//! a tag where the registry keeps none.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_catalog::{Envelope, LIST_TYPE, MANIFEST_TYPE, RawSignature, Reference, SigningKey, referrers_tag};
use portcullis_model::{Code, Digest};
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
