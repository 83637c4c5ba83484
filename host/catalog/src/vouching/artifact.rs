//! Artifacts of registries: a manifest (OCI image specification 1.1) with exactly one layer, of a kind known here.
//!
//! A component is kept as the CNCF's guidance for WebAssembly artifacts says, so that other tools read it too. Reads and
//! writes manifests; does not fetch anything, nor ask who vouches for it.

use portcullis_model::{Code, Digest, Refusal, Shown, parse_strict};
use serde::{Deserialize, Serialize};

use crate::vouching::dsse::ENVELOPE_TYPE;
use crate::vouching::index::INDEX_TYPE;

/// Media type of a manifest.
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

/// Largest manifest in bytes.
pub const MAX_MANIFEST_BYTES: usize = 64 << 10;

/// An integration document, as artifact and as layer.
pub const DOCUMENT_TYPE: &str = "application/vnd.portcullis.integration.v1+json";

const COMPONENT_CONFIG: &str = "application/vnd.wasm.config.v0+json";
const COMPONENT_LAYER: &str = "application/wasm";
/// Configuration of artifacts that have none (OCI image specification 1.1, "Guidelines for Artifact Usage").
pub(crate) const EMPTY_CONFIG: &str = "application/vnd.oci.empty.v1+json";

/// What an artifact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactKind {
    /// A WebAssembly component.
    Component,
    /// An integration document.
    Document,
    /// A catalog's index.
    Index,
}

impl ArtifactKind {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Document => "document",
            Self::Index => "index",
        }
    }
}

/// Bytes that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blob {
    /// What they are.
    pub media_type: String,
    /// Which they are.
    pub digest: Digest,
    /// How many there are.
    pub size: u64,
}

impl Blob {
    pub(crate) fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self { media_type: media_type.to_owned(), digest: Digest::of(bytes), size: bytes.len() as u64 }
    }
}

/// An artifact by its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    kind: ArtifactKind,
    manifest: Digest,
    layer: Blob,
}

/// An artifact on its way into a registry.
#[derive(Debug, Clone)]
pub struct Packed {
    /// The manifest.
    pub manifest: Vec<u8>,
    /// What the manifest names as configuration.
    pub config: Vec<u8>,
    /// The component, document or index itself.
    pub content: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u64,
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    config: Blob,
    layers: Vec<Blob>,
}

impl Artifact {
    /// Reads a manifest.
    ///
    /// # Errors
    /// `source-unavailable` where it is none, or none of a kind known here.
    pub fn read(manifest: &[u8]) -> Result<Self, Refusal> {
        let Manifest { schema_version, media_type, artifact_type, config, layers } = parsed(manifest)?;
        if schema_version != 2 || media_type.as_deref().is_some_and(|media_type| media_type != MANIFEST_TYPE) {
            return Err(unknown("its manifest is of another kind than one artifact's"));
        }
        let [layer] = <[Blob; 1]>::try_from(layers)
            .map_err(|layers| unknown(&format!("it has {} layers: expected exactly one", layers.len())))?;
        let kind = match (config.media_type.as_str(), artifact_type.as_deref(), layer.media_type.as_str()) {
            (COMPONENT_CONFIG, _, COMPONENT_LAYER) => ArtifactKind::Component,
            (EMPTY_CONFIG, Some(DOCUMENT_TYPE), DOCUMENT_TYPE) => ArtifactKind::Document,
            (EMPTY_CONFIG, Some(INDEX_TYPE), ENVELOPE_TYPE) => ArtifactKind::Index,
            _ => {
                let (layer, config) = (Shown::new(&layer.media_type), Shown::new(&config.media_type));
                return Err(unknown(&format!("its layer is `{layer}`, its configuration `{config}`")));
            }
        };
        Ok(Self { kind, manifest: Digest::of(manifest), layer })
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> ArtifactKind {
        self.kind
    }

    /// Digest of the manifest: which artifact it is, and what signatures are of.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.manifest
    }

    /// The component, document or index.
    #[must_use]
    pub fn layer(&self) -> &Blob {
        &self.layer
    }
}

fn parsed(manifest: &[u8]) -> Result<Manifest, Refusal> {
    if manifest.len() > MAX_MANIFEST_BYTES {
        return Err(unknown(&format!("its manifest is over {MAX_MANIFEST_BYTES} bytes")));
    }
    let text = std::str::from_utf8(manifest).map_err(|_| unknown("its manifest is no text"))?;
    let value = parse_strict(text).map_err(|error| unknown(&format!("its manifest is {error}")))?;
    if value.get("manifests").is_some() {
        return Err(unknown("it is a list of artifacts for several platforms"));
    }
    serde_json::from_value(value)
        .map_err(|_| unknown("its manifest lacks what every manifest has, or has it otherwise"))
}

fn unknown(why: &str) -> Refusal {
    Refusal::new(Code::SourceUnavailable, format!("what is there is no artifact that can be installed: {why}"))
        .fix("publish it with `portcullis publish`, or as a WebAssembly component with another tool")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WasmConfig<'a> {
    created: &'a str,
    architecture: &'a str,
    os: &'a str,
    layer_digests: [Digest; 1],
    component: Component<'a>,
}

#[derive(Serialize)]
struct Component<'a> {
    exports: &'a [String],
    imports: &'a [String],
}

impl Packed {
    /// A component, with what it exports and imports, and the time (RFC 3339) it is packed at.
    ///
    /// # Errors
    /// Never for data of these types.
    pub fn component(content: Vec<u8>, exports: &[String], imports: &[String], created: &str) -> Result<Self, Refusal> {
        let config = WasmConfig {
            created,
            architecture: "wasm",
            // What the guidance has for every component, whatever it imports.
            os: "wasip2",
            layer_digests: [Digest::of(&content)],
            component: Component { exports, imports },
        };
        let config = serde_json::to_vec(&config).map_err(|_| unwritten())?;
        Self::new(None, (COMPONENT_CONFIG, config), (COMPONENT_LAYER, content))
    }

    /// An integration document.
    ///
    /// # Errors
    /// Never for data of these types.
    pub fn document(content: Vec<u8>) -> Result<Self, Refusal> {
        Self::new(Some(DOCUMENT_TYPE), (EMPTY_CONFIG, b"{}".to_vec()), (DOCUMENT_TYPE, content))
    }

    /// An index in its envelope.
    ///
    /// # Errors
    /// Never for data of these types.
    pub fn index(content: Vec<u8>) -> Result<Self, Refusal> {
        Self::new(Some(INDEX_TYPE), (EMPTY_CONFIG, b"{}".to_vec()), (ENVELOPE_TYPE, content))
    }

    /// Digest of the manifest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    fn new(kind: Option<&str>, config: (&str, Vec<u8>), content: (&str, Vec<u8>)) -> Result<Self, Refusal> {
        let manifest = Manifest {
            schema_version: 2,
            media_type: Some(MANIFEST_TYPE.to_owned()),
            artifact_type: kind.map(str::to_owned),
            config: Blob::of(config.0, &config.1),
            layers: vec![Blob::of(content.0, &content.1)],
        };
        let manifest = serde_json::to_vec(&manifest).map_err(|_| unwritten())?;
        Ok(Self { manifest, config: config.1, content: content.1 })
    }
}

fn unwritten() -> Refusal {
    Refusal::new(Code::Internal, "a manifest cannot be written")
}
