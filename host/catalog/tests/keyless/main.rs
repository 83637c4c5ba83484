//! Who vouches without a key of their own: only a signer whom the operator lists, only by the root that the operator lists,
//! only with everything that Sigstore gives with a signature.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

#[path = "../../../../tests/support/sigstore/mod.rs"]
mod sigstore;
#[path = "../support/mod.rs"]
mod support;

mod certificate;
mod kept;
mod listed;
mod log;
mod root;
mod statement;
mod time_service;
mod timestamp;

use portcullis_catalog::{Identity, Keyless, RawSignature, Signer, Trust, TrustedRoot, VouchedBy};
use portcullis_model::{Code, Digest, Refusal};
use serde_json::Value;
use sigstore::{GITHUB, Signing, Sigstore, WORKFLOW};
use support::{assert_refused, component, slack};

/// An operator who lists the workflow by a root.
pub(crate) fn trusting(root: &Value) -> Trust {
    listing(WORKFLOW, GITHUB, root)
}

pub(crate) fn listing(identity: &str, issuer: &str, root: &Value) -> Trust {
    let root = TrustedRoot::from_json("trusted_root.json", root.to_string().as_bytes()).unwrap();
    let keyless = Keyless::new(Signer::new(identity, issuer).unwrap(), root);
    Trust::new(vec![Identity::new("registry.example/acme/*".parse().unwrap(), keyless)])
}

/// What is signed.
pub(crate) fn artifact() -> Digest {
    component().digest()
}

pub(crate) fn raw(bundle: &Value) -> RawSignature {
    RawSignature::Bundle { bundle: bundle.to_string().into_bytes() }
}

pub(crate) fn verified(trust: &Trust, bundle: &Value) -> Result<VouchedBy, Refusal> {
    trust.verify(&slack(), artifact(), &[raw(bundle)])
}

/// That a bundle is taken as it was made, and not after something was done to it.
#[track_caller]
pub(crate) fn taken_but_not_so(signing: &Signing, change: impl FnOnce(&mut Value), words: &str) {
    let sigstore = Sigstore::new();
    let trust = trusting(&sigstore.root());
    let mut bundle = sigstore.sign(signing);
    assert!(verified(&trust, &bundle).is_ok(), "{:?}", verified(&trust, &bundle));
    change(&mut bundle);
    assert_refused(verified(&trust, &bundle), Code::SignatureRefused, words);
}

/// That a right signature is taken, and not one that was made otherwise.
#[track_caller]
pub(crate) fn not_made_so(otherwise: impl FnOnce(&mut Signing), words: &str) {
    let sigstore = Sigstore::new();
    let trust = trusting(&sigstore.root());
    let mut signing = Signing::of(artifact());
    assert!(verified(&trust, &sigstore.sign(&signing)).is_ok());
    otherwise(&mut signing);
    assert_refused(verified(&trust, &sigstore.sign(&signing)), Code::SignatureRefused, words);
}
