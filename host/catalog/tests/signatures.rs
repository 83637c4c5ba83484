//! Who vouches for an artifact: only whom the operator lists, only for that artifact, only under its name.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use portcullis_catalog::{Identity, RawSignature, Trust};
use portcullis_model::{Code, Digest};
use support::{KeyPair, assert_refused, component, packed, payload, slack, turned};

#[test]
fn a_signature_made_elsewhere_vouches() {
    let pair = KeyPair::new();
    let trust = pair.trusted_for("registry.example/acme/*");
    let digest = component().digest();
    let by = trust.verify(&slack(), digest, &[pair.vouch("registry.example/acme/slack", digest)]).unwrap();
    assert_eq!((by.key.as_str(), by.scope.as_str()), ("acme.pub", "registry.example/acme/*"));
    assert_eq!(by.fingerprint, pair.public("x").fingerprint());
    for name in ["registry.example/acme/slack:1.0", "registry.example/acme/slack:other", ""] {
        assert!(trust.verify(&slack(), digest, &[pair.vouch(name, digest)]).is_ok(), "{name}");
    }
}

#[test]
fn a_signature_made_here_is_taken_elsewhere_and_here() {
    let pair = KeyPair::new();
    let digest = component().digest();
    let made = pair.signing().vouch(slack().repository(), digest).unwrap();
    assert_eq!(String::from_utf8_lossy(&made.payload), payload("registry.example/acme/slack", &digest.to_string()));
    assert!(pair.takes(&made.signature, &made.payload));
    assert!(!pair.takes(&made.signature, &turned(&made.payload, 3)));
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
    assert_eq!(both.verify(&slack(), digest, &[by_other]).unwrap().key, "registry.pub");
}

#[test]
fn a_signature_of_something_else_is_not_taken_over() {
    let pair = KeyPair::new();
    let trust = pair.trusted_for("registry.example/acme/*");
    let digest = component().digest();
    let sign = |text: String| RawSignature { signature: pair.sign(text.as_bytes()), payload: text.into_bytes() };
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
    for at in [0, 20, right.payload.len() - 1] {
        let bad = RawSignature { payload: turned(&right.payload, at), ..right.clone() };
        assert_refused(trust.verify(&slack(), digest, &[bad]), Code::SignatureRefused, "what was signed was changed");
    }
    for at in [0, 30, right.signature.len() - 3] {
        let text = String::from_utf8(turned(right.signature.as_bytes(), at)).unwrap();
        let bad = RawSignature { signature: text, ..right.clone() };
        assert!(trust.verify(&slack(), digest, &[bad]).is_err(), "{at}");
    }
    for text in ["", "MA==", "not base64", &"A".repeat(100_000)] {
        let bad = RawSignature { signature: text.to_owned(), ..right.clone() };
        assert!(trust.verify(&slack(), digest, &[bad]).is_err(), "{text}");
    }
    assert!(trust.verify(&slack(), Digest::of(b"other"), std::slice::from_ref(&right)).is_err());
    assert!(trust.verify(&slack(), digest, &[right]).is_ok());
}
