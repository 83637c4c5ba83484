//! Signatures of artifacts as `cosign` makes them since its version 3: an in-toto statement in a signed envelope, in a
//! bundle of Sigstore's.
//!
//! Here by key: whatever a bundle holds of certificates and logs is `keyless`'s to look at. A statement names no repository,
//! so that the one who signed it stands behind the artifact wherever they may vouch.

use portcullis_model::{Digest, Shown, parse_strict};
use serde_json::Value;

use crate::vouching::dsse::Envelope;
use crate::vouching::key::PublicKey;
use crate::vouching::signature::Said;

/// How media types of bundles begin.
pub(crate) const BUNDLE_TYPES: &str = "application/vnd.dev.sigstore.bundle.";

/// Largest bundle in bytes; one has some 5,000.
pub const MAX_BUNDLE_BYTES: usize = 128 << 10;

/// Payload type of a statement.
pub(crate) const STATEMENT: &str = "application/vnd.in-toto+json";

/// What a statement is that says no more than that its signer stands behind the artifact. Others, such as a list of
/// ingredients or a test's result, may be signed for artifacts that nobody should run.
pub(crate) const PREDICATE: &str = "https://sigstore.dev/cosign/sign/v1";

/// What a bundle, if the key signed what is in it, says about the artifact of this digest.
pub(crate) fn says(bundle: &[u8], key: &PublicKey, manifest: Digest) -> Said {
    let Some(envelope) = envelope_of(bundle) else { return Said::NotByThem };
    // Before anything is read out of it: until here these are a stranger's bytes.
    let Some((payload, _)) = envelope.open(std::slice::from_ref(key)) else { return Said::NotByThem };
    match about(envelope.payload_type(), payload, manifest) {
        Said::Other(what) => Said::Other(format!("the signature by `{}` {what}", key.name())),
        said => said,
    }
}

/// What a bundle says in its envelope, with its type, whoever signed it: a stranger's word.
pub(crate) fn payload_of(bundle: &[u8]) -> Option<(String, Vec<u8>)> {
    envelope_of(bundle).map(Envelope::unopened)
}

fn envelope_of(bundle: &[u8]) -> Option<Envelope> {
    let text = std::str::from_utf8(bundle).ok().filter(|text| text.len() <= MAX_BUNDLE_BYTES)?;
    Envelope::of(parse_strict(text).ok()?.get("dsseEnvelope")?.clone())
}

/// What a statement says about the artifact of this digest, once it is known whose it is.
pub(crate) fn about(payload_type: &str, payload: &[u8], manifest: Digest) -> Said {
    let statement = std::str::from_utf8(payload).ok().and_then(|text| parse_strict(text).ok());
    let Some(statement) = statement.filter(|_| payload_type == STATEMENT) else {
        return Said::Other("is over something that is no statement".to_owned());
    };
    match statement.get("predicateType").and_then(Value::as_str) {
        Some(PREDICATE) => {}
        other => {
            let found = Shown::new(other.unwrap_or_default()).to_string();
            return Said::Other(format!("is of another kind, `{found}`, than `{PREDICATE}`"));
        }
    }
    let subjects = statement.get("subject").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut digests = subjects.iter().filter_map(|subject| subject.pointer("/digest/sha256")?.as_str());
    if digests.any(|digest| digest == manifest.to_hex()) {
        return Said::Vouched;
    }
    Said::Other("is of another artifact".to_owned())
}
