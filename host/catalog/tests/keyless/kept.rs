//! A bundle is kept with a plugin and verified again at each load: nothing of it can be changed that anything hangs on.

use portcullis_catalog::{Evidence, RawSignature, Trust};
use portcullis_model::{Code, Digest};

use crate::sigstore::{Signing, Sigstore, WORKFLOW};
use crate::support::{COMPONENT, assert_refused, component, slack, turned};
use crate::{artifact, raw, trusting};

fn kept(sigstore: &Sigstore) -> Evidence {
    let packed = component();
    let bundle = raw(&sigstore.sign(&Signing::of(artifact())));
    Evidence::of_artifact(&slack().pinned(packed.digest()), &packed.manifest, vec![bundle]).unwrap()
}

#[test]
fn what_was_kept_verifies_again_while_the_signer_is_listed() {
    let (sigstore, other) = (Sigstore::new(), Sigstore::new());
    let evidence = Evidence::read(&kept(&sigstore).to_text().unwrap()).unwrap();
    let trust = trusting(&sigstore.root());
    for _ in 0..2 {
        assert_eq!(evidence.verify(&trust, Digest::of(COMPONENT)).unwrap().who.name(), WORKFLOW);
    }
    assert_refused(evidence.verify(&trust, Digest::of(b"other")), Code::DigestMismatch, "these bytes are");
    for trust in [Trust::default(), trusting(&other.root())] {
        assert_refused(evidence.verify(&trust, Digest::of(COMPONENT)), Code::SignatureRefused, "");
    }
}

/// But for what no signature is over and nothing hangs on: how large the tree was said to be beside the signed note that
/// says so, and the name in front of the note's signature, which is found by its key.
#[test]
fn no_bit_of_a_kept_bundle_can_be_turned() {
    let sigstore = Sigstore::new();
    let trust = trusting(&sigstore.root());
    let bundle = sigstore.sign(&Signing::of(artifact())).to_string();
    let taken = |bytes: Vec<u8>| trust.verify(&slack(), artifact(), &[RawSignature::Bundle { bundle: bytes }]).is_ok();
    assert!(taken(bundle.clone().into_bytes()));
    let place = |words: &str, length: usize| {
        let begin = bundle.find(words).unwrap() + words.len();
        begin..begin + length
    };
    let free = [place(r#""treeSize":""#, 1), place("\u{2014} ", "log.acme.test".len())];
    let turnable = (0..bundle.len()).filter(|at| taken(turned(bundle.as_bytes(), *at)));
    let hangs: Vec<&str> =
        turnable.filter(|at| !free.iter().any(|free| free.contains(at))).map(|at| &bundle[at - 20..at + 1]).collect();
    assert_eq!(hangs, Vec::<&str>::new());
}
