//! What refers to an artifact in its registry (OCI distribution specification 1.1, "Listing referrers"): of that, bundles
//! with signatures.
//!
//! Finds them; does not look at what they say. `packed_bundle` adds them.

use portcullis_model::{Code, Digest, Refusal, parse_strict};
use serde::Deserialize;
use serde_json::Value;

use crate::vouching::artifact::{Blob, MAX_MANIFEST_BYTES};
use crate::vouching::statement::{BUNDLE_TYPES, MAX_BUNDLE_BYTES};
use crate::vouching::trust::MAX_SIGNATURES;

/// Media type of the list.
pub const LIST_TYPE: &str = "application/vnd.oci.image.index.v1+json";

/// Largest list in bytes.
pub const MAX_LIST_BYTES: usize = 256 << 10;

/// The tag under which the list is where a registry keeps none itself.
#[must_use]
pub fn referrers_tag(artifact: Digest) -> String {
    format!("sha256-{}", artifact.to_hex())
}

/// Manifests of the bundles in a list.
///
/// # Errors
/// `signature-refused` where it is no list, or has more than are looked at.
pub fn listed_bundles(list: &[u8]) -> Result<Vec<Digest>, Refusal> {
    let entries = manifests(list)?;
    let is_bundle = |entry: &&Value| {
        entry.get("artifactType").and_then(Value::as_str).is_some_and(|kind| kind.starts_with(BUNDLE_TYPES))
    };
    let digest = |entry: &Value| entry.get("digest")?.as_str()?.parse().ok();
    let digests: Vec<Digest> = entries.iter().filter(is_bundle).filter_map(digest).collect();
    if digests.len() > MAX_SIGNATURES {
        return Err(unread(&format!("there are {} bundles: expected at most {MAX_SIGNATURES}", digests.len())));
    }
    Ok(digests)
}

/// The bundle that a manifest names; `None` where it names something else, or something too large.
#[must_use]
pub fn bundle_in(manifest: &[u8]) -> Option<Blob> {
    let text = std::str::from_utf8(manifest).ok().filter(|text| text.len() <= MAX_MANIFEST_BYTES)?;
    let value = parse_strict(text).ok()?;
    let [layer] = value.get("layers")?.as_array()?.as_slice() else { return None };
    let blob = Blob::deserialize(layer).ok()?;
    (blob.media_type.starts_with(BUNDLE_TYPES) && blob.size <= MAX_BUNDLE_BYTES as u64).then_some(blob)
}

/// Everything in a list.
pub(crate) fn manifests(list: &[u8]) -> Result<Vec<Value>, Refusal> {
    let parsed = std::str::from_utf8(list).ok().and_then(|text| parse_strict(text).ok());
    match parsed.as_ref().and_then(|list| list.get("manifests")) {
        Some(Value::Array(entries)) => Ok(entries.clone()),
        _ => Err(unread("what the registry lists is no list")),
    }
}

pub(crate) fn unread(why: &str) -> Refusal {
    Refusal::new(Code::SignatureRefused, format!("the artifact's signatures cannot be found: {why}"))
        .fix("ask whoever publishes it to sign it anew")
}
