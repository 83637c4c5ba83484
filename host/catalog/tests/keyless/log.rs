//! The log of signatures: it has this very signature, it proves that, and it says when.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_model::Code;
use serde_json::{Value, json};

use crate::sigstore::{BEGIN, Signing, Sigstore};
use crate::support::{assert_refused, turned};
use crate::{artifact, taken_but_not_so, trusting, verified};

fn entry(bundle: &mut Value) -> &mut Value {
    &mut bundle["verificationMaterial"]["tlogEntries"][0]
}

/// That a bundle is taken as it was made, and not with another entry of the log.
#[track_caller]
fn not_with(change: impl FnOnce(&mut Value), words: &str) {
    taken_but_not_so(&Signing::of(artifact()), |bundle| change(entry(bundle)), words);
}

/// One bit of a text in base64 turned.
fn spoilt(value: &mut Value, at: usize) {
    let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    *value = json!(STANDARD.encode(turned(&bytes, at)));
}

#[test]
fn a_bundle_has_exactly_one_entry() {
    let entries = |change: fn(&mut Vec<Value>), words| {
        let change = |bundle: &mut Value| {
            change(bundle["verificationMaterial"]["tlogEntries"].as_array_mut().unwrap());
        };
        taken_but_not_so(&Signing::of(artifact()), change, words);
    };
    entries(Vec::clear, "has 0 entries of a transparency log");
    entries(|entries| entries.push(entries[0].clone()), "has 2 entries of a transparency log");
}

#[test]
fn what_is_not_proven_to_be_in_the_log_is_not_in_it() {
    let unproven = "does not prove that the transparency log has its entry";
    not_with(|entry| drop(entry.as_object_mut().unwrap().remove("inclusionProof")), unproven);
    let not_there = "the transparency log of `trusted_root.json` does not have the bundle";
    let another = |entry: &mut Value| {
        let body = STANDARD.decode(entry["canonicalizedBody"].as_str().unwrap()).unwrap();
        entry["inclusionProof"]["hashes"] = json!(Sigstore::path_of_another(&body));
    };
    not_with(another, not_there);
    not_with(|entry| entry["inclusionProof"]["logIndex"] = json!("2"), not_there);
    not_with(|entry| entry["inclusionProof"]["treeSize"] = json!("9"), not_there);
    not_with(|entry| entry["inclusionProof"]["hashes"] = json!([]), not_there);
    not_with(|entry| spoilt(&mut entry["inclusionProof"]["hashes"][0], 0), not_there);
    not_with(|entry| spoilt(&mut entry["inclusionProof"]["rootHash"], 0), "does not hold");
    not_with(|entry| entry["inclusionProof"]["logIndex"] = json!("7"), "does not hold");
    not_with(|entry| drop(entry["inclusionProof"].as_object_mut().unwrap().remove("checkpoint")), "does not hold");
}

#[test]
fn a_checkpoint_is_signed_by_the_log() {
    let not_there = "the transparency log of `trusted_root.json` does not have the bundle";
    let checkpoint = |change: fn(&str) -> String| {
        move |entry: &mut Value| {
            let text = entry["inclusionProof"]["checkpoint"]["envelope"].as_str().unwrap();
            entry["inclusionProof"]["checkpoint"]["envelope"] = json!(change(text));
        }
    };
    not_with(checkpoint(|text| text.replacen("log.acme.test", "log.acme.text", 1)), not_there);
    not_with(checkpoint(|text| text.replacen("\n6\n", "\n7\n", 1)), not_there);
    // Of another log of the same tree: the name of the key is in front of the signature.
    let other = Sigstore::new().sign(&Signing::of(artifact()));
    let other = other["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"].clone();
    let line = other.as_str().unwrap().lines().last().unwrap().to_owned();
    let signed = move |entry: &mut Value| {
        let text = entry["inclusionProof"]["checkpoint"]["envelope"].as_str().unwrap();
        let note = text.split("\n\n").next().unwrap();
        entry["inclusionProof"]["checkpoint"]["envelope"] = json!(format!("{note}\n\n{line}\n"));
    };
    not_with(signed, not_there);
}

#[test]
fn the_log_says_when_and_nobody_else() {
    let when = "nothing that `trusted_root.json` lists says when it was signed";
    not_with(|entry| drop(entry.as_object_mut().unwrap().remove("inclusionPromise")), when);
    not_with(|entry| drop(entry.as_object_mut().unwrap().remove("integratedTime")), when);
    let not_there = "the transparency log of `trusted_root.json` does not have the bundle";
    not_with(|entry| entry["integratedTime"] = json!((BEGIN + 61).to_string()), not_there);
    not_with(|entry| entry["logIndex"] = json!("4"), not_there);
    not_with(|entry| spoilt(&mut entry["inclusionPromise"]["signedEntryTimestamp"], 20), not_there);
}

#[test]
fn nothing_was_signed_in_the_future() {
    let sigstore = Sigstore::new();
    let trust = trusting(&sigstore.root());
    // In the year 2100, with a certificate that will hold then.
    let begin = 4_102_444_800;
    let signing = Signing { begin, at: begin + 60, ..Signing::of(artifact()) };
    assert_refused(verified(&trust, &sigstore.sign(&signing)), Code::SignatureRefused, "is in the future");
}

#[test]
fn the_key_of_a_log_counts_in_its_time_only() {
    let mut sigstore = Sigstore::new();
    for (end, counts) in [(BEGIN + 60, true), (BEGIN + 59, false)] {
        sigstore.log_holds = (BEGIN - 1000, Some(end));
        let found = verified(&trusting(&sigstore.root()), &sigstore.sign(&Signing::of(artifact())));
        assert_eq!(found.is_ok(), counts, "{found:?}");
    }
}

#[test]
fn the_log_has_this_very_signature() {
    let sigstore = Sigstore::new();
    let trust = trusting(&sigstore.root());
    let (mut one, two) = (sigstore.sign(&Signing::of(artifact())), sigstore.sign(&Signing::of(artifact())));
    assert!(verified(&trust, &one).is_ok() && verified(&trust, &two).is_ok());
    // An older entry of the same signer's, to say that it was signed then.
    *entry(&mut one) = two["verificationMaterial"]["tlogEntries"][0].clone();
    let words = "the transparency log has another signature than the bundle";
    assert_refused(verified(&trust, &one), Code::SignatureRefused, words);
    not_with(|entry| spoilt(&mut entry["canonicalizedBody"], 30), "does not have the bundle");
}
