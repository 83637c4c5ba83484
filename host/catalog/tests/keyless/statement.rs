//! What is signed: a statement that its signer stands behind this artifact, in a bundle of the one form.

use portcullis_model::Code;
use serde_json::{Value, json};

use crate::sigstore::{Signing, Sigstore};
use crate::support::{assert_refused, slack};
use crate::{artifact, not_made_so, raw, taken_but_not_so, trusting, verified};

#[test]
fn a_statement_says_that_its_signer_stands_behind_the_artifact() {
    not_made_so(|signing| signing.predicate = "https://slsa.dev/provenance/v1".to_owned(), "is of another kind");
    let payload = |payload: String| {
        move |signing: &mut Signing| signing.payload = Some(("application/vnd.in-toto+json".to_owned(), payload))
    };
    let (digest, predicate) = (artifact().to_hex(), "https://sigstore.dev/cosign/sign/v1");
    let subject = |digests: Value| json!({"_type": "x", "subject": [{"digest": digests}], "predicateType": predicate});
    // So written, it is right.
    let sigstore = Sigstore::new();
    let mut right = Signing::of(artifact());
    payload(subject(json!({"sha256": digest})).to_string())(&mut right);
    assert!(verified(&trusting(&sigstore.root()), &sigstore.sign(&right)).is_ok());
    not_made_so(payload(subject(json!({"sha256": "00".repeat(32)})).to_string()), "is of another artifact");
    not_made_so(payload(subject(json!({"sha1": digest})).to_string()), "does not hold");
    not_made_so(payload(json!({"_type": "x", "subject": [], "predicateType": predicate}).to_string()), "does not hold");
    not_made_so(payload("[]".to_owned()), "does not hold");
    not_made_so(payload("not JSON".to_owned()), "does not hold");
    let twice = subject(json!({"sha256": digest})).to_string().replacen('{', r#"{"predicateX":1,"predicateX":2,"#, 1);
    not_made_so(payload(twice), "no statement");
    let other = ("text/plain".to_owned(), subject(json!({"sha256": digest})).to_string());
    not_made_so(|signing| signing.payload = Some(other), "does not hold");
}

#[test]
fn a_changed_signature_or_payload_is_not_the_signers() {
    let (sigstore, words) = (Sigstore::new(), "not by the key of its certificate");
    let signature = sigstore.sign(&Signing::of(artifact()))["dsseEnvelope"]["signatures"][0]["sig"].clone();
    let place = |bundle: &mut Value| bundle["dsseEnvelope"]["signatures"][0]["sig"].take();
    taken_but_not_so(
        &Signing::of(artifact()),
        |bundle| {
            assert_ne!(place(bundle), signature);
            bundle["dsseEnvelope"]["signatures"][0]["sig"] = signature;
        },
        words,
    );
    let other = Signing { predicate: "https://sigstore.dev/cosign/sign/v2".to_owned(), ..Signing::of(artifact()) };
    let payload = sigstore.sign(&other)["dsseEnvelope"]["payload"].take();
    taken_but_not_so(&Signing::of(artifact()), |bundle| bundle["dsseEnvelope"]["payload"] = payload, words);
    let twice = |bundle: &mut Value| {
        let signatures = bundle["dsseEnvelope"]["signatures"].as_array_mut().unwrap();
        signatures.push(signatures[0].clone());
    };
    taken_but_not_so(&Signing::of(artifact()), twice, "cannot be read");
}

#[test]
fn a_bundle_is_of_the_one_form() {
    let signing = Signing::of(artifact());
    let version = |version: &str| {
        let media_type = json!(format!("application/vnd.dev.sigstore.bundle+json;version={version}"));
        move |bundle: &mut Value| bundle["mediaType"] = media_type
    };
    for older in ["0.1", "0.2"] {
        taken_but_not_so(&signing, version(older), "expected version 0.3");
    }
    taken_but_not_so(&signing, version("0.4"), "cannot be read");
    taken_but_not_so(
        &signing,
        |bundle| drop(bundle.as_object_mut().unwrap().remove("mediaType")),
        "expected version 0.3",
    );
    let bytes = |bundle: &mut Value| {
        let bundle = bundle.as_object_mut().unwrap();
        let signature = bundle.remove("dsseEnvelope").unwrap()["signatures"][0]["sig"].clone();
        bundle.insert("messageSignature".to_owned(), json!({"signature": signature}));
    };
    taken_but_not_so(&signing, bytes, "signs bytes, and no statement");
    taken_but_not_so(&signing, |bundle| *bundle = json!({}), "cannot be read");
    taken_but_not_so(&signing, |bundle| *bundle = json!(null), "cannot be read");
}

#[test]
fn a_bundle_is_bounded_and_read_in_one_way() {
    let sigstore = Sigstore::new();
    let trust = trusting(&sigstore.root());
    let bundle = sigstore.sign(&Signing::of(artifact()));
    let text = bundle.to_string();
    let taken = |text: String| {
        let bundle = portcullis_catalog::RawSignature::Bundle { bundle: text.into_bytes() };
        trust.verify(&slack(), artifact(), &[bundle])
    };
    let room = portcullis_catalog::MAX_BUNDLE_BYTES - text.len();
    assert!(taken(format!("{}{text}", " ".repeat(room))).is_ok());
    let large = taken(format!("{}{text}", " ".repeat(room + 1)));
    assert_refused(large, Code::SignatureRefused, "the bundle is over 131072 bytes");
    let twice = taken(text.replacen('{', r#"{"unknown":1,"unknown":2,"#, 1));
    assert_refused(twice, Code::SignatureRefused, "occurs twice");
    let bytes = portcullis_catalog::RawSignature::Bundle { bundle: vec![0xff; 8] };
    assert_refused(trust.verify(&slack(), artifact(), &[bytes]), Code::SignatureRefused, "it is no text");
    assert!(trust.verify(&slack(), artifact(), &[raw(&bundle)]).is_ok());
}
