//! A log that says no time: then a service that the root lists has to, about this very signature.

use std::time::SystemTime;

use portcullis_model::Code;
use serde_json::{Value, json};

use crate::sigstore::{BEGIN, Entry, LIFE, Signing, Sigstore};
use crate::support::assert_refused;
use crate::time_service::TimeService;
use crate::{artifact, trusting, verified};

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

fn signing() -> Signing {
    Signing { entry: Entry::HashedRekord, begin: now() - LIFE / 2, ..Signing::of(artifact()) }
}

/// A signature with its time, and the root that lists who said it.
fn stamped(sigstore: &Sigstore, service: &TimeService, signing: &Signing) -> (Value, Value) {
    let mut bundle = sigstore.sign(signing);
    bundle["verificationMaterial"]["timestampVerificationData"] = service.stamp(&Sigstore::signature(&bundle));
    let mut root = sigstore.root();
    root["timestampAuthorities"] = json!([service.listed()]);
    (bundle, root)
}

#[test]
fn a_service_that_is_listed_says_when() {
    let (sigstore, service) = (Sigstore::new(), TimeService::new());
    let (bundle, root) = stamped(&sigstore, &service, &signing());
    let found = verified(&trusting(&root), &bundle);
    assert!(found.is_ok(), "{found:?}");
    let when = "says when it was signed";
    // By nobody, by somebody who is not listed, and about another signature.
    let mut untimed = bundle.clone();
    untimed["verificationMaterial"]["timestampVerificationData"].take();
    assert_refused(verified(&trusting(&root), &untimed), Code::SignatureRefused, when);
    assert_refused(verified(&trusting(&sigstore.root()), &bundle), Code::SignatureRefused, when);
    let mut theirs = root.clone();
    theirs["timestampAuthorities"] = json!([TimeService::new().listed()]);
    assert_refused(verified(&trusting(&theirs), &bundle), Code::SignatureRefused, when);
    let mut other = bundle;
    other["verificationMaterial"]["timestampVerificationData"] = service.stamp(b"another signature");
    assert_refused(verified(&trusting(&root), &other), Code::SignatureRefused, when);
}

#[test]
fn a_certificate_that_was_over_then_does_not_count() {
    let (sigstore, service) = (Sigstore::new(), TimeService::new());
    for (begin, words) in [(BEGIN, "does not count"), (now() + 3600, "does not count")] {
        let (bundle, root) = stamped(&sigstore, &service, &Signing { begin, ..signing() });
        assert_refused(verified(&trusting(&root), &bundle), Code::SignatureRefused, words);
    }
}

#[test]
fn a_log_whose_key_was_given_up_has_nothing_new() {
    let (mut sigstore, service) = (Sigstore::new(), TimeService::new());
    let (bundle, root) = stamped(&sigstore, &service, &signing());
    assert!(verified(&trusting(&root), &bundle).is_ok());
    sigstore.log_holds.1 = Some(BEGIN + 3600);
    let mut over = root;
    over["tlogs"] = sigstore.root()["tlogs"].clone();
    let words = "when the key of its transparency log was not in use";
    assert_refused(verified(&trusting(&over), &bundle), Code::SignatureRefused, words);
}

#[test]
fn a_log_does_not_lend_its_word_to_another() {
    let (ours, other, service) = (Sigstore::new(), Sigstore::new(), TimeService::new());
    let (mut bundle, mut root) = stamped(&ours, &service, &signing());
    let logs = json!([ours.root()["tlogs"][0].clone(), other.root()["tlogs"][0].clone()]);
    root["tlogs"] = logs;
    assert!(verified(&trusting(&root), &bundle).is_ok());
    // The entry is called one of the other log, which is listed as well, and never saw it.
    let id = other.root()["tlogs"][0]["logId"].clone();
    bundle["verificationMaterial"]["tlogEntries"][0]["logId"] = id;
    assert_refused(verified(&trusting(&root), &bundle), Code::SignatureRefused, "does not have the bundle");
}
