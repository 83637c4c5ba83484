//! What comes over a network: from registries, from addresses, from signed indexes. Nothing of it is believed before
//! somebody whom the operator lists vouches for it.

use portcullis_catalog::{Artifact, ArtifactKind, Evidence, Index, Reference, Source as Place, WebAddress};
use portcullis_model::{Code, Digest, Refusal, Shown};

use crate::host::{Host, misset};
use crate::indexes;
use crate::package::Package;
use crate::source::Source;

/// A component or document of a registry, with signatures by whom the operator lists.
///
/// # Errors
/// `source-unavailable`, `digest-mismatch`, `signature-refused`, `bad-document`.
pub(crate) async fn from_registry(host: &Host, reference: &Reference) -> Result<Package, Refusal> {
    let registry = host.egress().registry();
    let pulled = registry.pull(reference, limit(host)?).await?;
    let signatures = registry.signatures(reference.repository(), pulled.artifact.digest()).await?;
    let (digest, evidence) = (pulled.digest(), pulled.evidence(signatures)?);
    let trust = host.trust()?;
    // Vouched for first: nobody's bytes are not even parsed.
    evidence.verify(&trust, digest)?;
    plugin(&pulled.artifact, &reference.to_string())?;
    let source = Source::At(Place::Registry(reference.clone()));
    Package::read(pulled.content, source)?.vouched(digest, evidence, &trust)
}

/// Whatever an address gives.
///
/// # Errors
/// `source-unavailable`, `address-refused` or `response-too-large`.
pub(crate) async fn fetch(host: &Host, address: &WebAddress) -> Result<Vec<u8>, Refusal> {
    host.egress().fetch(address, limit(host)?).await
}

/// An entry of a signed index: the index vouches for it by its digest, wherever it is had from.
///
/// # Errors
/// `index-refused`, `signature-refused`, `source-unavailable`, `digest-mismatch`, `bad-document`.
pub(crate) async fn listed(host: &Host, name: &str, entry: &str) -> Result<Package, Refusal> {
    let (index, envelope) = index(host, name, false).await?;
    let found = index.find(entry).ok_or_else(|| {
        let shown = Shown::new(entry).limit_bytes(100).to_string();
        Refusal::new(Code::SourceUnavailable, format!("the index `{name}` has no `{shown}`"))
            .fix("portcullis catalog list")
    })?;
    let content = match &found.source {
        Place::Registry(reference) => {
            let pulled = host.egress().registry().pull(reference, limit(host)?).await?;
            plugin(&pulled.artifact, &reference.to_string())?;
            pulled.content
        }
        Place::Web(address) => fetch(host, address).await?,
    };
    let digest = Digest::of(&content);
    if digest != found.digest {
        let what = format!("`{}` has {digest}, and the index `{name}` lists {}", found.source, found.digest);
        return Err(Refusal::new(Code::DigestMismatch, what).fix("ask whoever publishes the index"));
    }
    let evidence = Evidence::Listed { index: name.to_owned(), entry: entry.to_owned(), envelope };
    let source = Source::Listed { index: name.to_owned(), entry: entry.to_owned() };
    Package::read(content, source)?.vouched(digest, evidence, &host.trust()?)
}

/// A signed index with its envelope: got anew unless `offline` says otherwise.
///
/// # Errors
/// `index-refused`, `signature-refused`, `source-unavailable`.
pub(crate) async fn index(host: &Host, name: &str, offline: bool) -> Result<(Index, Vec<u8>), Refusal> {
    let trust = host.trust()?;
    if !offline {
        indexes::refresh(host, &trust, name, &host.settings().distribution().index(name)?).await?;
    }
    indexes::kept(host, &trust, name)?.ok_or_else(|| {
        Refusal::new(Code::SourceUnavailable, format!("the index `{name}` was not got yet"))
            .fix("portcullis catalog list")
    })
}

/// That an artifact is something to install.
fn plugin(artifact: &Artifact, reference: &str) -> Result<(), Refusal> {
    match artifact.kind() {
        ArtifactKind::Component | ArtifactKind::Document => Ok(()),
        kind => {
            let what = format!("`{reference}` is a {}, and only components and documents are installed", kind.as_str());
            Err(Refusal::new(Code::BadDocument, what).fix("portcullis catalog list"))
        }
    }
}

fn limit(host: &Host) -> Result<usize, Refusal> {
    Ok(host.settings().limits_for_strangers().map_err(misset)?.component_bytes)
}
