//! Keys are read as `openssl` writes them, and what is no key is refused without a word of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use portcullis_catalog::{PublicKey, SigningKey};
use portcullis_model::{Code, Digest};
use support::{KeyPair, assert_refused, openssl};

#[test]
fn a_key_is_named_by_the_digest_of_its_der() {
    let pair = KeyPair::new();
    let der = openssl(&["pkey", "-pubin", "-in", &pair.path("key.pub"), "-outform", "DER"]).stdout;
    assert_eq!(pair.public("acme.pub").fingerprint(), Digest::of(&der));
    assert_eq!(pair.public("acme.pub").name(), "acme.pub");
    assert_eq!(pair.signing().public("own").unwrap().fingerprint(), Digest::of(&der));
    assert_eq!(pair.signing().public_pem().unwrap().as_bytes(), pair.read("key.pub"));
}

#[test]
fn an_encrypted_key_opens_with_its_passphrase_only() {
    let pair = KeyPair::new();
    let (plain, sealed) = (pair.path("key.pem"), pair.path("sealed.pem"));
    openssl(&["pkcs8", "-topk8", "-in", &plain, "-out", &sealed, "-passout", "pass:correct horse"]);
    let pem = pair.read("sealed.pem");
    assert!(SigningKey::is_encrypted(&pem) && !SigningKey::is_encrypted(&pair.read("key.pem")));
    let opened = SigningKey::from_pem(&pem, "correct horse").unwrap();
    assert_eq!(opened.public("own").unwrap().fingerprint(), pair.public("own").fingerprint());
    for passphrase in ["", "correct", "correct horse "] {
        assert_refused(SigningKey::from_pem(&pem, passphrase), Code::BadRequest, "does not open");
    }
    openssl(&["pkcs8", "-topk8", "-scrypt", "-in", &plain, "-out", &sealed, "-passout", "pass:correct horse"]);
    assert!(SigningKey::from_pem(&pair.read("sealed.pem"), "correct horse").is_ok(), "scrypt");
}

/// Made by Python's scrypt and libsodium's secret box, for the passphrase below.
#[test]
fn a_key_of_cosign_opens_with_its_passphrase_only() {
    let pem = include_bytes!("support/cosign.key");
    let public = PublicKey::from_pem("cosign.pub", include_bytes!("support/cosign.pub")).unwrap();
    assert!(SigningKey::is_encrypted(pem));
    let opened = SigningKey::from_pem(pem, "correct horse").unwrap();
    assert_eq!(opened.public("own").unwrap().fingerprint(), public.fingerprint());
    assert_refused(SigningKey::from_pem(pem, "correct"), Code::BadRequest, "does not open");
}

#[test]
fn what_is_no_key_of_the_kind_is_refused_without_a_word_of_it() {
    let pair = KeyPair::new();
    let other = |arguments: &[&str], name: &str| {
        openssl(&[arguments, &["-out", &pair.path(name)]].concat());
        pair.read(name)
    };
    let rsa = other(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "rsa.pem");
    let p384 = other(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "p384.pem");
    let ed = other(&["genpkey", "-algorithm", "ED25519"], "ed.pem");
    let sec1 = other(&["ec", "-in", &pair.path("key.pem")], "sec1.pem");
    let half = &pair.read("key.pem")[..100];
    for bad in [&rsa[..], &p384, &ed, &sec1, half, b"", b"secret words", &[0xff; 64], &pair.read("key.pub")] {
        assert_refused(SigningKey::from_pem(bad, ""), Code::BadRequest, "no private key");
    }
    for (name, source) in [("rsa.pub", "rsa.pem"), ("p384.pub", "p384.pem"), ("ed.pub", "ed.pem")] {
        let public = other(&["pkey", "-in", &pair.path(source), "-pubout"], name);
        assert_refused(PublicKey::from_pem(name, &public), Code::BadRequest, name);
    }
    for bad in [&b""[..], b"secret words", &pair.read("key.pem"), &[b'a'; 100_000]] {
        let refusal = PublicKey::from_pem("acme.pub", bad).err().unwrap();
        assert!(!format!("{refusal:?}").contains("secret"), "{refusal}");
    }
}
