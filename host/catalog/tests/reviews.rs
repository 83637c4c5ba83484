//! Reviews: each is worth what its key is worth, about its own bytes, and only where nothing was found.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use portcullis_catalog::{Envelope, PublicKey, Review, ReviewedBy, Verdict};
use portcullis_model::{Code, Digest};
use serde_json::json;

use support::KeyPair;

fn review(verdict: Verdict) -> Review {
    Review {
        reviewer: "Jane Doe, Acme".to_owned(),
        reviewed_on: "2026-11-29T10:00:00Z".parse().unwrap(),
        host_version: "0.1.0".to_owned(),
        verdict,
        inspected: json!({"tier": "sealed"}),
        probed: json!({"calls": 10, "findings": []}),
    }
}

fn refused(envelope: &[u8], keys: &[PublicKey], digest: Digest, why: &str) {
    let refusal = ReviewedBy::open(envelope, keys, digest).err().unwrap_or_else(|| panic!("taken, expected: {why}"));
    assert_eq!(refusal.code(), Code::ReviewRequired);
    assert!(refusal.message().contains(why), "{refusal}, expected: {why}");
}

#[test]
fn a_review_counts_from_a_listed_key_for_its_own_bytes() {
    let (own, other) = (KeyPair::new(), KeyPair::new());
    let digest = Digest::of(b"component");
    let sealed = review(Verdict::Passed).seal("weather", digest, &own.signing()).unwrap();
    let keys = [other.public("other.pub"), own.public("own.pub")];
    let by = ReviewedBy::open(&sealed, &keys, digest).unwrap();
    assert_eq!((by.reviewer.as_str(), by.key.as_str()), ("Jane Doe, Acme", "own.pub"));
    assert_eq!(by.fingerprint, keys[1].fingerprint());

    refused(&sealed, &keys[..1], digest, "signed by nobody who is listed");
    refused(&sealed, &[], digest, "signed by nobody who is listed");
    refused(&sealed, &keys, Digest::of(b"other"), "about other bytes");
    let found = review(Verdict::Findings).seal("weather", digest, &own.signing()).unwrap();
    refused(&found, &keys, digest, "found something");
    refused(b"{}", &keys, digest, "no signed envelope");
    refused(&vec![b' '; 5 << 20], &keys, digest, "expected at most");
}

#[test]
fn any_changed_byte_of_what_was_signed_is_noticed() {
    let own = KeyPair::new();
    let digest = Digest::of(b"component");
    let keys = [own.public("own.pub")];
    let sealed = review(Verdict::Passed).seal("weather", digest, &own.signing()).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&sealed).unwrap();
    let payload = value["payload"].as_str().unwrap().to_owned();
    for at in (0..payload.len() - 4).step_by(7) {
        let mut bytes = payload.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let mut changed = value.clone();
        changed["payload"] = json!(String::from_utf8(bytes).unwrap());
        assert!(ReviewedBy::open(changed.to_string().as_bytes(), &keys, digest).is_err(), "byte {at}");
    }
}

#[test]
fn what_is_no_review_is_none_whoever_signed_it() {
    let own = KeyPair::new();
    let digest = Digest::of(b"component");
    let keys = [own.public("own.pub")];
    let statement = |predicate_type: &str, predicate: serde_json::Value| {
        json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": predicate_type, "predicate": predicate,
            "subject": [{"name": "x", "digest": {"sha256": digest.to_hex()}}]})
        .to_string()
    };
    let good = serde_json::to_value(review(Verdict::Passed)).unwrap();
    let sealed = |kind: &str, text: &str| Envelope::seal(kind, text.as_bytes(), &own.signing()).unwrap();
    let intoto = "application/vnd.in-toto+json";
    assert!(
        ReviewedBy::open(&sealed(intoto, &statement("urn:portcullis:review:v1", good.clone())), &keys, digest).is_ok()
    );

    let signature = statement("https://sigstore.dev/cosign/sign/v1", good.clone());
    refused(&sealed(intoto, &signature), &keys, digest, "is no review");
    refused(&sealed("text/plain", &statement("urn:portcullis:review:v1", good.clone())), &keys, digest, "is no review");
    let mut more = good.clone();
    more["waived"] = json!(true);
    refused(&sealed(intoto, &statement("urn:portcullis:review:v1", more)), &keys, digest, "something else");
    let mut less = good;
    less.as_object_mut().unwrap().remove("verdict");
    refused(&sealed(intoto, &statement("urn:portcullis:review:v1", less)), &keys, digest, "something else");
}

#[test]
fn a_reviewer_has_a_readable_name() {
    for name in ["", " ", "Jane\u{202e}", &"x".repeat(201)] {
        let review = Review { reviewer: name.to_owned(), ..review(Verdict::Passed) };
        let refusal = review.seal("weather", Digest::of(b"c"), &KeyPair::new().signing()).err().unwrap();
        assert_eq!(refusal.code(), Code::BadRequest, "{name:?}");
    }
}
