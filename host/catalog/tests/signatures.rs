//! Who vouches for an artifact: only whom the operator lists, only for that artifact, only under its name.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_catalog::{
    Identity, MAX_BUNDLE_BYTES, MAX_LIST_BYTES, PackedBundle, RawSignature, Trust, Who, bundle_in, is_bundle,
    listed_bundles,
};
use portcullis_model::{Code, Digest};
use serde_json::json;
use support::{KeyPair, assert_refused, component, packed, payload, slack, turned};

fn simple(signature: &RawSignature) -> (Vec<u8>, String) {
    let RawSignature::Simple { payload, signature } = signature.clone() else { panic!("not of the simple form") };
    (payload, signature)
}

#[test]
fn a_signature_made_elsewhere_vouches() {
    let pair = KeyPair::new();
    let trust = pair.trusted_for("registry.example/acme/*");
    let digest = component().digest();
    let by = trust.verify(&slack(), digest, &[pair.vouch("registry.example/acme/slack", digest)]).unwrap();
    assert_eq!((by.who.name(), by.scope.as_str()), ("acme.pub", "registry.example/acme/*"));
    let fingerprint = pair.public("x").fingerprint();
    assert_eq!(by.who, Who::Key { key: "acme.pub".to_owned(), fingerprint });
    for name in ["registry.example/acme/slack:1.0", "registry.example/acme/slack:other", ""] {
        assert!(trust.verify(&slack(), digest, &[pair.vouch(name, digest)]).is_ok(), "{name}");
    }
}

#[test]
fn a_signature_made_here_is_taken_elsewhere_and_here() {
    let pair = KeyPair::new();
    let digest = component().digest();
    let made = pair.signing().vouch(slack().repository(), digest).unwrap();
    let (signed, signature) = simple(&made);
    assert_eq!(String::from_utf8_lossy(&signed), payload("registry.example/acme/slack", &digest.to_string()));
    assert!(pair.takes(&signature, &signed));
    assert!(!pair.takes(&signature, &turned(&signed, 3)));
    assert!(pair.trusted_for("registry.example/acme/slack").verify(&slack(), digest, &[made]).is_ok());
}

#[test]
fn nobody_vouches_who_is_not_listed() {
    let pair = KeyPair::new();
    let digest = component().digest();
    let signed = [pair.vouch("registry.example/acme/slack", digest)];
    for trust in [Trust::default(), Trust::new(vec![]), pair.trusted_for("registry.example/other/*")] {
        let refusal = trust.verify(&slack(), digest, &signed).err().unwrap();
        assert_eq!(refusal.code(), Code::SignatureRefused);
        assert!(refusal.message().contains("nobody is listed"), "{refusal}");
        let fix = refusal.way_out().unwrap();
        assert!(fix.contains("[[trust]]") && fix.contains("scope = \"registry.example/acme/*\""), "{fix}");
    }
}

#[test]
fn what_is_not_signed_or_by_another_key_is_refused() {
    let (pair, other) = (KeyPair::new(), KeyPair::new());
    let trust = pair.trusted_for("registry.example/acme/*");
    let digest = component().digest();
    assert_refused(trust.verify(&slack(), digest, &[]), Code::SignatureRefused, "it is not signed");
    let by_other = other.vouch("registry.example/acme/slack", digest);
    assert_refused(
        trust.verify(&slack(), digest, std::slice::from_ref(&by_other)),
        Code::SignatureRefused,
        "its signature is not by `acme.pub`",
    );
    // Beside a right one it does no harm.
    let right = pair.vouch("registry.example/acme/slack", digest);
    assert!(trust.verify(&slack(), digest, &[by_other.clone(), right]).is_ok());
    let both = Trust::new(vec![
        Identity::new("registry.example/acme/*".parse().unwrap(), pair.public("acme.pub")),
        Identity::new("registry.example/*".parse().unwrap(), other.public("registry.pub")),
    ]);
    assert_eq!(both.verify(&slack(), digest, &[by_other]).unwrap().who.name(), "registry.pub");
}

#[test]
fn a_signature_of_something_else_is_not_taken_over() {
    let pair = KeyPair::new();
    let trust = pair.trusted_for("registry.example/acme/*");
    let digest = component().digest();
    let sign =
        |text: String| RawSignature::Simple { signature: pair.sign(text.as_bytes()), payload: text.into_bytes() };
    let name = "registry.example/acme/slack";
    let whole = payload(name, &digest.to_string());
    let another = packed(b"another").digest();
    for (signature, words) in [
        (pair.vouch(name, another), "is of another artifact"),
        (pair.vouch("registry.example/acme/github", digest), "is for `registry.example/acme/github`"),
        (pair.vouch("registry.example/acme/slack/more", digest), "is for"),
        (pair.vouch("registry.example/acme/slack-evil:1", digest), "is for"),
        (pair.vouch("evil.test/registry.example/acme/slack", digest), "is for"),
        (sign(whole.replace("cosign container image", "atomic container")), "is of another kind"),
        (sign(whole.replace("docker-manifest-digest", "digest")), "names no digest"),
        (sign(whole.replace(r#""optional":null"#, r#""critical":{}"#)), "no payload"),
        (sign("null".to_owned()), "is of another kind"),
        (sign("not JSON".to_owned()), "no payload"),
    ] {
        assert_refused(trust.verify(&slack(), digest, &[signature]), Code::SignatureRefused, words);
    }
}

#[test]
fn one_bit_of_payload_or_signature_breaks_it() {
    let pair = KeyPair::new();
    let trust = pair.trusted_for("registry.example/acme/*");
    let digest = component().digest();
    let right = pair.vouch("registry.example/acme/slack", digest);
    let (payload, signature) = simple(&right);
    for at in [0, 20, payload.len() - 1] {
        let bad = RawSignature::Simple { payload: turned(&payload, at), signature: signature.clone() };
        assert_refused(trust.verify(&slack(), digest, &[bad]), Code::SignatureRefused, "what was signed was changed");
    }
    let with = |signature: String| RawSignature::Simple { payload: payload.clone(), signature };
    for at in [0, 30, signature.len() - 3] {
        let bad = with(String::from_utf8(turned(signature.as_bytes(), at)).unwrap());
        assert!(trust.verify(&slack(), digest, &[bad]).is_err(), "{at}");
    }
    for text in ["", "MA==", "not base64", &"A".repeat(100_000)] {
        assert!(trust.verify(&slack(), digest, &[with(text.to_owned())]).is_err(), "{text}");
    }
    assert!(trust.verify(&slack(), Digest::of(b"other"), std::slice::from_ref(&right)).is_err());
    assert!(trust.verify(&slack(), digest, &[right]).is_ok());
}

const STATEMENT: &str = "application/vnd.in-toto+json";

/// What `cosign` 3 signs.
fn statement(digest: &str) -> String {
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"digest":{{"sha256":"{digest}"}}}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{{}}}}"#
    )
}

/// A bundle around a payload, signed by `openssl`.
fn bundle(pair: &KeyPair, kind: &str, payload: &str) -> RawSignature {
    let signed = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
    let bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": "whatever"}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": STANDARD.encode(payload), "payloadType": kind,
            "signatures": [{"sig": pair.sign(signed.as_bytes())}],
        },
    });
    RawSignature::Bundle { bundle: bundle.to_string().into_bytes() }
}

#[test]
fn a_bundle_vouches_as_a_signature_does() {
    let (pair, other) = (KeyPair::new(), KeyPair::new());
    let trust = pair.trusted_for("registry.example/acme/*");
    let digest = component().digest();
    let right = bundle(&pair, STATEMENT, &statement(&digest.to_hex()));
    assert_eq!(trust.verify(&slack(), digest, std::slice::from_ref(&right)).unwrap().who.name(), "acme.pub");
    let theirs = bundle(&other, STATEMENT, &statement(&digest.to_hex()));
    assert_refused(
        trust.verify(&slack(), digest, std::slice::from_ref(&theirs)),
        Code::SignatureRefused,
        "not by `acme.pub`",
    );
    assert!(trust.verify(&slack(), digest, &[theirs, right.clone()]).is_ok());
    let whole = statement(&digest.to_hex());
    for (kind, payload, words) in [
        (STATEMENT, statement(&packed(b"another").digest().to_hex()), "is of another artifact"),
        (STATEMENT, whole.replace("cosign/sign/v1", "cosign/attest/v1"), "is of another kind"),
        (STATEMENT, whole.replace("predicateType", "predicate-type"), "is of another kind"),
        (STATEMENT, whole.replace("sha256", "sha512"), "is of another artifact"),
        (STATEMENT, "[]".to_owned(), "is of another kind"),
        (STATEMENT, "not JSON".to_owned(), "no statement"),
        ("application/vnd.portcullis.index.v1+json", whole.clone(), "no statement"),
    ] {
        let signed = bundle(&pair, kind, &payload);
        assert_refused(trust.verify(&slack(), digest, &[signed]), Code::SignatureRefused, words);
    }
    let RawSignature::Bundle { bundle } = right else { panic!("a bundle") };
    for text in [
        "",
        "{}",
        "null",
        r#"{"dsseEnvelope":{}}"#,
        &format!("{}{}", " ".repeat(200_000), String::from_utf8_lossy(&bundle)),
    ] {
        let bad = RawSignature::Bundle { bundle: text.as_bytes().to_vec() };
        assert!(trust.verify(&slack(), digest, &[bad]).is_err(), "{text}");
    }
    let payload = String::from_utf8_lossy(&bundle).find("payload\":\"").unwrap() + 30;
    let bad = RawSignature::Bundle { bundle: turned(&bundle, payload) };
    assert!(trust.verify(&slack(), digest, &[bad]).is_err());
}

#[test]
fn bundles_are_found_among_what_refers_to_an_artifact() {
    let digest = Digest::of(b"bundle");
    let entry = |kind: &str, digest: &str| json!({"artifactType": kind, "digest": digest, "size": 1});
    let kind = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let list = |entries: Vec<serde_json::Value>| json!({"schemaVersion": 2, "manifests": entries}).to_string();
    let some =
        list(vec![entry(kind, &digest.to_string()), entry("application/spdx+json", &digest.to_string()), json!(1)]);
    assert_eq!(listed_bundles(some.as_bytes()).unwrap(), [digest]);
    assert!(listed_bundles(list(vec![entry(kind, "sha512:00")]).as_bytes()).unwrap().is_empty());
    let many = list(vec![entry(kind, &digest.to_string()); 33]);
    assert_refused(listed_bundles(many.as_bytes()), Code::SignatureRefused, "33 bundles");
    for bad in ["", "[]", "{}", r#"{"manifests":1}"#] {
        assert_refused(listed_bundles(bad.as_bytes()), Code::SignatureRefused, "no list");
    }
    let manifest = |kind: &str, size: u64| {
        let layer = json!({"mediaType": kind, "digest": digest, "size": size});
        json!({"schemaVersion": 2, "layers": [layer]}).to_string().into_bytes()
    };
    assert_eq!(bundle_in(&manifest(kind, 100)).map(|blob| blob.digest), Some(digest));
    assert_eq!(bundle_in(&manifest(kind, 1 << 20)), None);
    assert_eq!(bundle_in(&manifest("application/wasm", 100)), None);
    assert_eq!(bundle_in(b"{}"), None);
}

#[test]
fn a_bundle_is_attached_to_what_it_is_about() {
    let (pair, artifact) = (KeyPair::new(), component());
    let made = |kind: &str, payload: &str| {
        let RawSignature::Bundle { bundle } = bundle(&pair, kind, payload) else { panic!("a bundle") };
        bundle
    };
    let whole = statement(&artifact.digest().to_hex());
    let right = made(STATEMENT, &whole);
    let packed = PackedBundle::new(right.clone(), &artifact.manifest).unwrap();
    assert_eq!(bundle_in(&packed.manifest).map(|blob| blob.digest), Some(Digest::of(&right)));
    let manifest: serde_json::Value = serde_json::from_slice(&packed.manifest).unwrap();
    assert_eq!(manifest["subject"]["digest"], json!(artifact.digest()));
    assert_eq!(manifest["subject"]["size"], json!(artifact.manifest.len()));
    // Beside what is listed already, and once.
    let spdx = json!({"artifactType": "application/spdx+json", "digest": Digest::of(b"x"), "size": 1});
    let there = json!({"schemaVersion": 2, "manifests": [spdx]}).to_string();
    for existing in [None, Some(there.as_bytes())] {
        let list = packed.listed(existing).unwrap();
        assert_eq!(listed_bundles(&list).unwrap(), [Digest::of(&packed.manifest)]);
        assert_eq!(String::from_utf8_lossy(&list).contains("spdx"), existing.is_some());
        assert_eq!(packed.listed(Some(&list)).unwrap(), list);
    }
    let full = |bytes: usize| json!({"manifests": [{"title": "x".repeat(bytes)}]}).to_string();
    assert!(packed.listed(Some(full(MAX_LIST_BYTES - 2000).as_bytes())).is_ok());
    for (list, words) in [(full(MAX_LIST_BYTES), "would be over 262144 bytes"), ("{}".to_owned(), "no list")] {
        assert_refused(packed.listed(Some(list.as_bytes())), Code::SignatureRefused, words);
    }
    for (bundle, words) in [
        (made(STATEMENT, &statement(&packed_digest(b"another"))), "is of another artifact"),
        (made(STATEMENT, &whole.replace("sign/v1", "attest/v1")), "is of another kind"),
        (made("text/plain", &whole), "no statement"),
        (b"{}".to_vec(), "signs no statement"),
        ([right.clone(), vec![b' '; MAX_BUNDLE_BYTES]].concat(), "signs no statement"),
    ] {
        assert_refused(PackedBundle::new(bundle, &artifact.manifest), Code::SignatureRefused, words);
    }
    assert!(is_bundle(&right));
    for other in [&b"{}"[..], b"", &artifact.manifest, &[right.clone(), vec![b' '; MAX_BUNDLE_BYTES]].concat()] {
        assert!(!is_bundle(other));
    }
}

fn packed_digest(content: &[u8]) -> String {
    packed(content).digest().to_hex()
}
