//! Where `cosign` keeps an artifact's signatures: beside it, as a manifest under a tag made of its digest, with a layer for
//! each payload and the signature as that layer's annotation.
//!
//! Finds and adds signatures; does not look at what they say.

use portcullis_model::{Code, Digest, Refusal, parse_strict};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::vouching::artifact::{Blob, MANIFEST_TYPE, MAX_MANIFEST_BYTES};
use crate::vouching::signature::{MAX_PAYLOAD_BYTES, RawSignature};
use crate::vouching::trust::MAX_SIGNATURES;

const PAYLOAD_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";

/// A signature that is there, with the payload still to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// What was signed.
    pub payload: Blob,
    /// ASN.1 DER in base64.
    pub signature: String,
}

/// A manifest of signatures on its way into a registry.
#[derive(Debug, Clone)]
pub struct PackedSignatures {
    /// The manifest.
    pub manifest: Vec<u8>,
    /// What the manifest names as configuration.
    pub config: Vec<u8>,
    /// What was signed, which the manifest names as well.
    pub payload: Vec<u8>,
}

/// The tag under which the signatures of an artifact are.
#[must_use]
pub fn signature_tag(artifact: Digest) -> String {
    format!("sha256-{}.sig", artifact.to_hex())
}

impl Attached {
    /// The signatures that a manifest names. What is no signature by key is left out, and so is what is too large to be
    /// one.
    ///
    /// # Errors
    /// `signature-refused` where it is no such manifest, or names more signatures than are looked at.
    pub fn read(manifest: &[u8]) -> Result<Vec<Self>, Refusal> {
        let layers = layers(manifest)?;
        if layers.len() > MAX_SIGNATURES {
            return Err(unread(&format!("there are {} of them: expected at most {MAX_SIGNATURES}", layers.len())));
        }
        Ok(layers.iter().filter_map(Self::of_layer).collect())
    }

    fn of_layer(layer: &Value) -> Option<Self> {
        let payload = Blob::deserialize(layer).ok()?;
        let signature = layer.get("annotations")?.get(SIGNATURE)?.as_str()?.to_owned();
        let fits = payload.media_type == PAYLOAD_TYPE && payload.size <= MAX_PAYLOAD_BYTES as u64;
        fits.then_some(Self { payload, signature })
    }

    /// The manifest with one more signature, beside those that are there.
    ///
    /// # Errors
    /// As [`read`](Self::read), and where it is one of another form.
    pub fn with(existing: Option<&[u8]>, signature: &RawSignature) -> Result<PackedSignatures, Refusal> {
        let RawSignature::Simple { payload, signature } = signature else {
            return Err(unread("a bundle is kept elsewhere"));
        };
        let mut layers = existing.map_or(Ok(Vec::new()), layers)?;
        layers.push(json!({
            "mediaType": PAYLOAD_TYPE,
            "size": payload.len(),
            "digest": Digest::of(payload),
            "annotations": {SIGNATURE: signature},
        }));
        if layers.len() > MAX_SIGNATURES {
            return Err(unread(&format!("there are {MAX_SIGNATURES} of them already")));
        }
        let digests: Vec<&Value> = layers.iter().filter_map(|layer| layer.get("digest")).collect();
        let config = json!({
            "architecture": "", "os": "", "config": {}, "rootfs": {"type": "layers", "diff_ids": digests},
        });
        let config = config.to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {"mediaType": CONFIG_TYPE, "size": config.len(), "digest": Digest::of(&config)},
            "layers": layers,
        });
        Ok(PackedSignatures { manifest: manifest.to_string().into_bytes(), config, payload: payload.clone() })
    }
}

fn layers(manifest: &[u8]) -> Result<Vec<Value>, Refusal> {
    if manifest.len() > MAX_MANIFEST_BYTES {
        return Err(unread(&format!("their manifest is over {MAX_MANIFEST_BYTES} bytes")));
    }
    let parsed = std::str::from_utf8(manifest).ok().and_then(|text| parse_strict(text).ok());
    match parsed.as_ref().and_then(|value| value.get("layers")) {
        Some(Value::Array(layers)) => Ok(layers.clone()),
        _ => Err(unread("their manifest is none")),
    }
}

fn unread(why: &str) -> Refusal {
    Refusal::new(Code::SignatureRefused, format!("the artifact's signatures cannot be read: {why}"))
        .fix("ask whoever publishes it to sign it anew")
}
