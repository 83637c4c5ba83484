//! What is kept with a plugin is enough to verify it again, and nothing of it can be changed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use portcullis_catalog::{Artifact, ArtifactKind, Evidence, Identity, Index, IndexDraft, Packed, Trust};
use portcullis_model::{Code, Digest, Refusal};
use support::{COMPONENT, KeyPair, assert_refused, component, packed, slack, turned};

fn kept(pair: &KeyPair) -> Evidence {
    let packed = component();
    let signature = pair.vouch("registry.example/acme/slack", packed.digest());
    Evidence::of_artifact(&slack().pinned(packed.digest()), &packed.manifest, vec![signature]).unwrap()
}

#[test]
fn what_was_kept_verifies_again_and_only_these_bytes() {
    let pair = KeyPair::new();
    let trust = pair.trusted_for("registry.example/acme/*");
    let evidence = Evidence::read(&kept(&pair).to_text().unwrap()).unwrap();
    assert_eq!(evidence, kept(&pair).clone_with_signatures_of(&evidence));
    assert_eq!(evidence.verify(&trust, Digest::of(COMPONENT)).unwrap().who.name(), "acme.pub");
    let changed = Digest::of(&turned(COMPONENT, 7));
    assert_refused(evidence.verify(&trust, changed), Code::DigestMismatch, "these bytes are");
}

#[test]
fn whoever_is_not_listed_any_more_does_not_vouch_any_more() {
    let (pair, other) = (KeyPair::new(), KeyPair::new());
    let evidence = kept(&pair);
    for trust in [Trust::default(), other.trusted_for("registry.example/acme/*")] {
        assert_refused(evidence.verify(&trust, Digest::of(COMPONENT)), Code::SignatureRefused, "");
    }
}

#[test]
fn a_manifest_of_other_bytes_is_not_what_was_signed() {
    let pair = KeyPair::new();
    let trust = pair.trusted_for("registry.example/acme/*");
    let Evidence::Artifact { reference, manifest, signatures } = kept(&pair) else { panic!("an artifact") };
    let other = packed(b"other bytes");
    // By tag, as it would be where the reference was not pinned.
    let swapped = Evidence::Artifact { reference: slack(), manifest: other.manifest, signatures: signatures.clone() };
    assert_refused(
        swapped.verify(&trust, Digest::of(b"other bytes")),
        Code::SignatureRefused,
        "is of another artifact",
    );
    // The name of a layer's digest, changed to that of other bytes.
    let text = String::from_utf8(manifest.clone()).unwrap();
    let forged = text.replace(&Digest::of(COMPONENT).to_string(), &Digest::of(b"other bytes").to_string());
    let forged = Evidence::Artifact { reference, manifest: forged.into_bytes(), signatures: signatures.clone() };
    assert_refused(forged.verify(&trust, Digest::of(b"other bytes")), Code::DigestMismatch, "is not that of");
    // The name of what was asked for, changed to one that the same key may vouch for as well.
    let renamed = "registry.example/acme/github:1.0".parse().unwrap();
    let renamed = Evidence::Artifact { reference: renamed, manifest, signatures };
    assert_refused(renamed.verify(&trust, Digest::of(COMPONENT)), Code::SignatureRefused, "is for");
}

#[test]
fn no_bit_of_what_is_kept_can_be_turned() {
    let pair = KeyPair::new();
    let trust = pair.trusted_for("registry.example/acme/*");
    let text = kept(&pair).to_text().unwrap();
    assert!(Evidence::read(&text).unwrap().verify(&trust, Digest::of(COMPONENT)).is_ok());
    let mut taken = Vec::new();
    for at in 0..text.len() {
        let Ok(text) = String::from_utf8(turned(text.as_bytes(), at)) else { continue };
        let verified = Evidence::read(&text).and_then(|evidence| evidence.verify(&trust, Digest::of(COMPONENT)));
        if verified.is_ok() {
            taken.push(at);
        }
    }
    // The tag is a name that was asked by; what it pointed to is pinned beside it.
    let tag = text.find(":1.0@").unwrap() + 1;
    assert!(taken.iter().all(|at| (tag..tag + 3).contains(at)), "{taken:?}");
}

#[test]
fn what_is_kept_is_bounded_and_nothing_else_is_read() {
    let pair = KeyPair::new();
    let packed = component();
    let signature = pair.vouch("registry.example/acme/slack", packed.digest());
    let many = vec![signature; 33];
    assert_refused(Evidence::of_artifact(&slack(), &packed.manifest, many), Code::SignatureRefused, "more of it");
    for text in ["", "{}", "null", r#"{"kind":"none"}"#, r#"{"kind":"artifact"}"#] {
        assert_refused(Evidence::read(text), Code::SignatureRefused, "not what was kept");
    }
}

fn index(pair: &KeyPair, digest: Digest) -> Vec<u8> {
    let text = format!(
        r#"{{"name":"acme","version":1,"issued":"2026-01-01T00:00:00Z","expires":"2026-02-01T00:00:00Z","entries":[
        {{"name":"slack","summary":"Slack","version":"1.0.0","ref":"https://acme.example/slack.json","digest":"{digest}"}}]}}"#
    );
    Index::seal(&IndexDraft::parse(text.as_bytes()).unwrap(), &pair.signing()).unwrap()
}

#[test]
fn an_entry_of_an_index_vouches_for_its_bytes_whatever_its_age() {
    let (pair, other) = (KeyPair::new(), KeyPair::new());
    let listed = |pair: &KeyPair, bytes: &[u8]| Evidence::Listed {
        index: "acme".to_owned(),
        entry: "slack".to_owned(),
        envelope: index(pair, Digest::of(bytes)),
    };
    let trust = Trust::default().index("acme", vec![pair.public("acme.pub")]);
    let content = Digest::of(b"a document");
    let by = listed(&pair, b"a document").verify(&trust, content).unwrap();
    assert_eq!((by.who.name(), by.scope.as_str()), ("acme.pub", "index acme"));
    assert_refused(listed(&pair, b"another").verify(&trust, content), Code::DigestMismatch, "these bytes are");
    assert_refused(listed(&other, b"a document").verify(&trust, content), Code::SignatureRefused, "nobody vouches");
    let unlisted = pair.trusted_for("registry.example/acme/*");
    assert_refused(listed(&pair, b"a document").verify(&unlisted, content), Code::SignatureRefused, "no key is listed");
}

#[test]
fn artifacts_are_of_a_known_kind_with_one_layer() {
    let read = |packed: Packed| Artifact::read(&packed.manifest).map(|artifact| artifact.kind());
    assert_eq!(read(component()), Ok(ArtifactKind::Component));
    assert_eq!(Packed::document(b"{}".to_vec()).and_then(read), Ok(ArtifactKind::Document));
    assert_eq!(Packed::index(b"{}".to_vec()).and_then(read), Ok(ArtifactKind::Index));
    let text = String::from_utf8(component().manifest).unwrap();
    let layer = text[text.find(r#""layers":["#).unwrap() + 10..].trim_end_matches("]}").to_owned();
    for (manifest, words) in [
        (text.replace(r#""schemaVersion":2"#, r#""schemaVersion":1"#), "another kind"),
        (text.replace("oci.image.manifest", "oci.image.index"), "another kind"),
        (text.replace(&layer, ""), "it has 0 layers"),
        (text.replace(&layer, &format!("{layer},{layer}")), "it has 2 layers"),
        (text.replace("application/wasm", "application/x-sh"), "its layer is `application/x-sh`"),
        (text.replace("vnd.wasm.config.v0", "vnd.oci.image.config.v1"), "its configuration"),
        (text.replace("sha256:", "sha512:"), "lacks what every manifest has"),
        (text.replace(r#""size":"#, r#""size":-"#), "lacks what every manifest has"),
        (text.replacen("{", r#"{"layers":[],"#, 1), "occurs twice"),
        (r#"{"schemaVersion":2,"manifests":[]}"#.to_owned(), "several platforms"),
        (format!("{}{text}", " ".repeat(70_000)), "over 65536 bytes"),
        ("{}".to_owned(), "lacks"),
    ] {
        assert_refused(Artifact::read(manifest.as_bytes()), Code::SourceUnavailable, words);
    }
}

/// Signatures differ from one making to the next.
trait WithSignatures {
    fn clone_with_signatures_of(&self, other: &Evidence) -> Evidence;
}

impl WithSignatures for Evidence {
    fn clone_with_signatures_of(&self, other: &Evidence) -> Evidence {
        match (self, other) {
            (Evidence::Artifact { reference, manifest, .. }, Evidence::Artifact { signatures, .. }) => {
                Evidence::Artifact {
                    reference: reference.clone(),
                    manifest: manifest.clone(),
                    signatures: signatures.clone(),
                }
            }
            _ => self.clone(),
        }
    }
}

#[test]
fn overlapping_scopes_are_each_enough() -> Result<(), Refusal> {
    let (narrow, wide) = (KeyPair::new(), KeyPair::new());
    let trust = Trust::new(vec![
        Identity::new("registry.example/acme/slack".parse()?, narrow.public("slack.pub")),
        Identity::new("registry.example/acme/*".parse()?, wide.public("acme.pub")),
    ]);
    assert_eq!(kept(&wide).verify(&trust, Digest::of(COMPONENT))?.who.name(), "acme.pub");
    assert_eq!(kept(&narrow).verify(&trust, Digest::of(COMPONENT))?.who.name(), "slack.pub");
    Ok(())
}
