//! The certificate: of a listed authority, for signing, in a listed log of certificates, and in its time when it was used.

use portcullis_model::Code;
use rcgen::ExtendedKeyUsagePurpose;

use crate::sigstore::{BEGIN, LIFE, Logged, Signing, Sigstore};
use crate::support::assert_refused;
use crate::{artifact, not_made_so, taken_but_not_so, trusting, verified};

#[test]
fn an_authority_or_log_that_is_not_listed_does_not_count() {
    let (ours, other) = (Sigstore::new(), Sigstore::new());
    let bundle = ours.sign(&Signing::of(artifact()));
    assert!(verified(&trusting(&ours.root()), &bundle).is_ok());
    let words = "is in a transparency log that `trusted_root.json` does not list";
    assert_refused(verified(&trusting(&other.root()), &bundle), Code::SignatureRefused, words);
    for (part, words) in [
        ("certificateAuthorities", "the signer's certificate does not count by `trusted_root.json`"),
        ("ctlogs", "no log of certificates that `trusted_root.json` lists has"),
        ("tlogs", words),
    ] {
        let mut root = ours.root();
        root[part] = other.root()[part].clone();
        assert_refused(verified(&trusting(&root), &bundle), Code::SignatureRefused, words);
    }
}

#[test]
fn an_authority_counts_in_its_time_only() {
    let sigstore = Sigstore::new();
    let bundle = sigstore.sign(&Signing::of(artifact()));
    for (end, counts) in [("2025-06-01T00:05:00Z", true), ("2025-06-01T00:00:30Z", false)] {
        let mut root = sigstore.root();
        root["certificateAuthorities"][0]["validFor"]["end"] = end.into();
        let found = verified(&trusting(&root), &bundle);
        assert_eq!(found.is_ok(), counts, "{end}: {found:?}");
    }
}

#[test]
fn a_certificate_is_used_in_its_time() {
    for at in [BEGIN, BEGIN + LIFE] {
        let sigstore = Sigstore::new();
        let signing = Signing { at, ..Signing::of(artifact()) };
        assert!(verified(&trusting(&sigstore.root()), &sigstore.sign(&signing)).is_ok(), "{at}");
    }
    for at in [BEGIN - 1, BEGIN + LIFE + 1] {
        not_made_so(|signing| signing.at = at, "the signer's certificate does not count");
    }
}

#[test]
fn a_certificate_is_for_signing() {
    for usage in [ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::TimeStamping] {
        not_made_so(|signing| signing.usage = usage, "the signer's certificate does not count");
    }
}

#[test]
fn a_certificate_is_in_a_log_of_certificates() {
    for logged in [Logged::Nowhere, Logged::Elsewhere, Logged::Otherwise] {
        not_made_so(|signing| signing.logged = logged, "no log of certificates that `trusted_root.json` lists has");
    }
}

#[test]
fn a_certificate_is_the_one_that_was_signed_with() {
    let mut another = Sigstore::new().sign(&Signing::of(artifact()));
    let change = |words: &str, certificate: serde_json::Value| {
        let place = "/verificationMaterial/certificate";
        taken_but_not_so(&Signing::of(artifact()), |bundle| *bundle.pointer_mut(place).unwrap() = certificate, words);
    };
    // Another authority's, of the same name.
    change("does not count", another["verificationMaterial"]["certificate"].take());
    change("cannot be read", serde_json::json!({"rawBytes": "!"}));
    change("does not count", serde_json::json!({"rawBytes": "AAAA"}));
    // The same authority's and signer's, for another signature.
    let sigstore = Sigstore::new();
    let trust = trusting(&sigstore.root());
    let (mut one, two) = (sigstore.sign(&Signing::of(artifact())), sigstore.sign(&Signing::of(artifact())));
    assert!(verified(&trust, &one).is_ok() && verified(&trust, &two).is_ok());
    one["verificationMaterial"]["certificate"] = two["verificationMaterial"]["certificate"].clone();
    assert_refused(verified(&trust, &one), Code::SignatureRefused, "not by the key of its certificate");
    let chain = |bundle: &mut serde_json::Value| {
        let material = bundle["verificationMaterial"].as_object_mut().unwrap();
        let certificate = material.remove("certificate").unwrap();
        material.insert("x509CertificateChain".to_owned(), serde_json::json!({"certificates": [certificate]}));
    };
    taken_but_not_so(&Signing::of(artifact()), chain, "has a chain of certificates");
}
