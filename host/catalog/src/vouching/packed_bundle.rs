//! A bundle with a signature on its way into a registry, as `cosign` attaches it: as an artifact of its own that refers to
//! what was signed (cosign's bundle specification).
//!
//! Who signed it is for those to check who list them. That it is about the artifact is checked here, so that nobody waits
//! for an install to hear of it.

use portcullis_model::{Code, Digest, Refusal, parse_strict};
use serde_json::{Value, json};

use crate::vouching::artifact::{Blob, EMPTY_CONFIG, MANIFEST_TYPE};
use crate::vouching::referrers::{LIST_TYPE, MAX_LIST_BYTES, listed_bundles, manifests, unread};
use crate::vouching::signature::Said;
use crate::vouching::statement::{MAX_BUNDLE_BYTES, PREDICATE, about, payload_of};

/// What a bundle is as an artifact of its own.
const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A bundle on its way into a registry.
#[derive(Debug, Clone)]
pub struct PackedBundle {
    /// The manifest that refers to the artifact.
    pub manifest: Vec<u8>,
    /// What the manifest names as configuration.
    pub config: Vec<u8>,
    /// The bundle.
    pub bundle: Vec<u8>,
}

/// Whether a file is a bundle, whatever is in it.
#[must_use]
pub fn is_bundle(bytes: &[u8]) -> bool {
    let parsed = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_BUNDLE_BYTES).map(parse_strict);
    parsed.is_some_and(|bundle| {
        bundle.is_ok_and(|bundle| bundle.get("mediaType").and_then(Value::as_str) == Some(BUNDLE_TYPE))
    })
}

impl PackedBundle {
    /// Makes a bundle refer to an artifact.
    ///
    /// # Errors
    /// `signature-refused` where it is about another artifact, or no signature of one.
    pub fn new(bundle: Vec<u8>, artifact_manifest: &[u8]) -> Result<Self, Refusal> {
        let artifact = Digest::of(artifact_manifest);
        let said = payload_of(&bundle).map(|(kind, payload)| about(&kind, &payload, artifact));
        match said {
            Some(Said::Vouched) => {}
            Some(Said::Other(what)) => return Err(unfit(&format!("what it signs {what}"), artifact)),
            _ => return Err(unfit("it signs no statement about an artifact", artifact)),
        }
        let config = b"{}".to_vec();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "artifactType": BUNDLE_TYPE,
            "config": Blob::of(EMPTY_CONFIG, &config),
            "layers": [Blob::of(BUNDLE_TYPE, &bundle)],
            "subject": Blob::of(MANIFEST_TYPE, artifact_manifest),
            "annotations": annotations(),
        });
        Ok(Self { manifest: manifest.to_string().into_bytes(), config, bundle })
    }

    /// The list of what refers to the artifact, with this bundle in it: for registries that keep none themselves.
    ///
    /// # Errors
    /// `signature-refused` where what is there is no list, or would be larger than is read.
    pub fn listed(&self, existing: Option<&[u8]>) -> Result<Vec<u8>, Refusal> {
        let mut entries = match existing {
            Some(list) => manifests(list)?,
            None => Vec::new(),
        };
        let own = Blob::of(MANIFEST_TYPE, &self.manifest);
        if !entries.iter().any(|entry| entry.get("digest") == Some(&json!(own.digest))) {
            entries.push(json!({
                "mediaType": own.media_type, "size": own.size, "digest": own.digest, "artifactType": BUNDLE_TYPE,
                "annotations": annotations(),
            }));
        }
        let list = json!({"schemaVersion": 2, "mediaType": LIST_TYPE, "manifests": entries}).to_string().into_bytes();
        // What could not be found again is not added.
        listed_bundles(&list)?;
        if list.len() > MAX_LIST_BYTES {
            return Err(unread(&format!("the list of them would be over {MAX_LIST_BYTES} bytes")));
        }
        Ok(list)
    }
}

/// By which `cosign` tells signatures from what else bundles hold.
fn annotations() -> Value {
    json!({"dev.sigstore.bundle.content": "dsse-envelope", "dev.sigstore.bundle.predicateType": PREDICATE})
}

fn unfit(why: &str, artifact: Digest) -> Refusal {
    Refusal::new(Code::SignatureRefused, format!("the bundle does not vouch for {artifact}: {why}"))
        .fix("cosign sign --bundle FILE REGISTRY/NAME@DIGEST, with the digest that `portcullis publish` printed")
}
