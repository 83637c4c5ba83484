//! Whom the operator lists: one name of one issuer, by one root, for one scope.

use portcullis_catalog::{Identity, Keyless, RawSignature, Signer, Trust, TrustedRoot, Who};
use portcullis_model::{Code, Digest};
use serde_json::json;

use crate::sigstore::{GITHUB, Signing, Sigstore, WORKFLOW};
use crate::support::{KeyPair, assert_refused, slack};
use crate::{artifact, listing, not_made_so, raw, trusting, verified};

#[test]
fn a_signer_who_is_listed_vouches() {
    let sigstore = Sigstore::new();
    let by = verified(&trusting(&sigstore.root()), &sigstore.sign(&Signing::of(artifact()))).unwrap();
    assert_eq!(by.scope, "registry.example/acme/*");
    assert_eq!(
        json!(by),
        json!({"identity": WORKFLOW, "issuer": GITHUB, "root": "trusted_root.json", "scope": "registry.example/acme/*"})
    );
    assert_eq!(by.who.to_string(), format!("`{WORKFLOW}` (by `{GITHUB}` and `trusted_root.json`)"));
    // Somebody with an address of mail, of another issuer.
    let (mail, google) = ("release@acme.example", "https://accounts.google.com");
    let signing =
        Signing { identity: mail.to_owned(), mail: true, issuer: Some(google.to_owned()), ..Signing::of(artifact()) };
    let by = verified(&listing(mail, google, &sigstore.root()), &sigstore.sign(&signing)).unwrap();
    assert_eq!(by.who.name(), mail);
}

#[test]
fn another_name_or_issuer_is_somebody_else() {
    let other = "https://github.com/acme/weather/.github/workflows/release.yml@refs/tags/v2";
    for (identity, words) in [
        (other, "v2`, and not by"),
        (&WORKFLOW[..WORKFLOW.len() - 1], "v`, and not by"),
        (&format!("{WORKFLOW}.1"), "v1.1`, and not by"),
        (&WORKFLOW.to_uppercase(), "and not by"),
    ] {
        not_made_so(|signing| signing.identity = identity.to_owned(), words);
    }
    // The same letters, as an address of mail.
    not_made_so(|signing| signing.mail = true, "and not by");
    for issuer in ["https://accounts.google.com", &format!("{GITHUB}/"), "https://token.actions.githubusercontent.co"] {
        not_made_so(|signing| signing.issuer = Some(issuer.to_owned()), &format!("one of the issuer `{issuer}`"));
    }
    not_made_so(|signing| signing.issuer = None, "one of the issuer ``");
}

#[test]
fn a_name_is_shown_without_what_could_act_in_it() {
    not_made_so(|signing| signing.identity = "https://x\u{7}\u{1b}[2J`".to_owned(), r"https://x\u{7}\u{1b}[2J");
}

#[test]
fn what_is_signed_is_one_artifact() {
    let sigstore = Sigstore::new();
    let trust = trusting(&sigstore.root());
    let bundle = raw(&sigstore.sign(&Signing::of(artifact())));
    assert!(trust.verify(&slack(), artifact(), std::slice::from_ref(&bundle)).is_ok());
    let other = Digest::of(b"another artifact");
    assert_refused(trust.verify(&slack(), other, &[bundle]), Code::SignatureRefused, "is of another artifact");
}

#[test]
fn whoever_is_not_listed_for_it_does_not_vouch() {
    let sigstore = Sigstore::new();
    let bundle = sigstore.sign(&Signing::of(artifact()));
    assert_refused(verified(&Trust::default(), &bundle), Code::SignatureRefused, "nobody is listed");
    let root = TrustedRoot::from_json("r", sigstore.root().to_string().as_bytes()).unwrap();
    let keyless = Keyless::new(Signer::new(WORKFLOW, GITHUB).unwrap(), root);
    let elsewhere = Trust::new(vec![Identity::new("registry.example/other/*".parse().unwrap(), keyless)]);
    let refusal = verified(&elsewhere, &bundle).err().unwrap();
    assert!(refusal.way_out().unwrap().contains("identity, issuer and root"), "{refusal:?}");
    let unsigned = trusting(&sigstore.root()).verify(&slack(), artifact(), &[]);
    assert_refused(unsigned, Code::SignatureRefused, &format!("expected a signature by `{WORKFLOW}`"));
}

#[test]
fn a_key_and_a_signer_are_not_taken_for_each_other() {
    let (sigstore, pair) = (Sigstore::new(), KeyPair::new());
    let bundle = raw(&sigstore.sign(&Signing::of(artifact())));
    let by_key = pair.vouch("registry.example/acme/slack", artifact());
    let (signer, key) = (trusting(&sigstore.root()), pair.trusted_for("registry.example/acme/*"));
    for (trust, signature) in [(&signer, &by_key), (&key, &bundle)] {
        let refused = trust.verify(&slack(), artifact(), std::slice::from_ref(signature));
        assert_refused(refused, Code::SignatureRefused, "its signature is not by");
    }
    // A bundle by a key says nothing of a signer.
    let mut keyed = sigstore.sign(&Signing::of(artifact()));
    let material = keyed["verificationMaterial"].as_object_mut().unwrap();
    material.remove("certificate");
    material.insert("publicKey".to_owned(), json!({"hint": "whatever"}));
    assert_refused(verified(&signer, &keyed), Code::SignatureRefused, "its signature is not by");
    // Where both are listed, either is enough, and the other one beside it does no harm.
    let root = TrustedRoot::from_json("r", sigstore.root().to_string().as_bytes()).unwrap();
    let keyless = Keyless::new(Signer::new(WORKFLOW, GITHUB).unwrap(), root);
    let scope = || "registry.example/acme/*".parse().unwrap();
    let both = Trust::new(vec![Identity::new(scope(), pair.public("acme.pub")), Identity::new(scope(), keyless)]);
    for (signatures, name) in [
        (vec![by_key.clone()], "acme.pub"),
        (vec![bundle.clone()], WORKFLOW),
        (vec![RawSignature::Bundle { bundle: b"{}".to_vec() }, bundle], WORKFLOW),
    ] {
        assert_eq!(both.verify(&slack(), artifact(), &signatures).unwrap().who.name(), name);
    }
    assert!(matches!(both.verify(&slack(), artifact(), &[by_key]).unwrap().who, Who::Key { .. }));
}
