//! What somebody wants to install: bytes that were fetched and are not believed yet.

use portcullis_catalog::{Document, Evidence, Trust, VouchedBy};
use portcullis_model::{Code, Digest, Refusal, Shown};
use serde::{Deserialize, Serialize};

use crate::source::Source;

/// A component or a document, where it came from, and what vouches for it.
pub struct Package {
    pub(crate) content: Content,
    pub(crate) source: Source,
    pub(crate) vouched: Option<Vouched>,
    /// The document that referred to this component, and to whose words it is held.
    pub(crate) told_by: Option<Box<Document>>,
    /// What the document's author wants the operator to know, and what of the document means nothing here.
    pub(crate) help: Option<String>,
    pub(crate) ignored: Vec<String>,
}

/// What serves the actions.
pub(crate) enum Content {
    /// A component of its own.
    Component(Vec<u8>),
    /// The template, by this document.
    Document(Box<Document>),
}

/// What vouches for an installed plugin, as it is kept: for which bytes, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vouched {
    /// Digest of the bytes as they were fetched: a component's, or a document's.
    content: Digest,
    evidence: Evidence,
}

impl Package {
    /// A component from this source, with nothing that vouches for it.
    #[must_use]
    pub fn component(bytes: Vec<u8>, source: Source) -> Self {
        Self {
            content: Content::Component(bytes),
            source,
            vouched: None,
            told_by: None,
            help: None,
            ignored: Vec::new(),
        }
    }

    /// Whether it is data that the template serves, and no component of its own.
    #[must_use]
    pub fn is_document(&self) -> bool {
        matches!(&self.content, Content::Document(document) if document.component.is_none())
    }

    /// What some bytes are: a component by its first bytes (WebAssembly Core Specification, section 5.5.16), anything
    /// else a document.
    ///
    /// # Errors
    /// `bad-document` with every problem.
    pub fn read(bytes: Vec<u8>, source: Source) -> Result<Self, Refusal> {
        if bytes.starts_with(b"\0asm") {
            return Ok(Self::component(bytes, source));
        }
        let text = String::from_utf8(bytes).map_err(|_| {
            Refusal::new(Code::BadDocument, "the bytes are neither a component nor the text of a document")
                .fix("name a .wasm component, or a .json document as catalog/README.md describes it")
        })?;
        let read = Document::parse(&text)?;
        let ignored = read.warnings.iter().map(ToString::to_string).collect();
        let help = read.document.help_text.clone();
        let content = Content::Document(Box::new(read.document));
        Ok(Self { content, source, vouched: None, told_by: None, help, ignored })
    }

    /// The same, vouched for by this evidence, which is checked now.
    ///
    /// # Errors
    /// As [`Evidence::verify`].
    pub(crate) fn vouched(self, content: Digest, evidence: Evidence, trust: &Trust) -> Result<Self, Refusal> {
        evidence.verify(trust, content)?;
        Ok(Self { vouched: Some(Vouched { content, evidence }), ..self })
    }
}

impl Vouched {
    /// Reads it back.
    ///
    /// # Errors
    /// `signature-refused` where it is anything else than was kept.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        serde_json::from_str(text).map_err(|_| {
            Refusal::new(Code::SignatureRefused, "what vouches for the plugin is not what was kept")
                .fix("remove the port and install it again")
        })
    }

    /// As text, to be kept.
    ///
    /// # Errors
    /// Never for data of these types.
    pub(crate) fn to_text(&self) -> Result<String, Refusal> {
        serde_json::to_string(self).map_err(|error| {
            let what = format!("what vouches for the plugin cannot be kept: {}", Shown::new(&error.to_string()));
            Refusal::new(Code::SignatureRefused, what)
        })
    }

    /// That whom the operator lists still vouches for it. `component` is the digest of the installed component; where a
    /// definition is installed, which was made of a document, the document's digest was kept.
    ///
    /// # Errors
    /// As [`Evidence::verify`]; `digest-mismatch` where it vouches for another component.
    pub(crate) fn verify(&self, trust: &Trust, component: Option<Digest>) -> Result<VouchedBy, Refusal> {
        if let Some(component) = component.filter(|digest| *digest != self.content) {
            let what = format!("what vouches for the plugin is about {}, and {component} is installed", self.content);
            return Err(Refusal::new(Code::DigestMismatch, what).fix("remove the port and install it again"));
        }
        self.evidence.verify(trust, self.content)
    }
}
