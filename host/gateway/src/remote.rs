//! What comes over a network: from registries, from addresses, from signed indexes. Nothing of it is believed before
//! somebody whom the operator lists vouches for it.

use portcullis_catalog::{
    Artifact, ArtifactKind, Evidence, Index, MAX_INDEX_BYTES, Reference, Seen, Source as Place, WebAddress,
};
use portcullis_model::{Code, Digest, Refusal, Shown};
use portcullis_policy::Clock as _;
use portcullis_store::IndexKept;

use crate::host::{Host, misset, unreadable};
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
    // Vouched for first: nobody's bytes are not even parsed.
    evidence.verify(host.trust()?, digest)?;
    plugin(&pulled.artifact, &reference.to_string())?;
    let source = Source::At(Place::Registry(reference.clone()));
    Package::read(pulled.content, source)?.vouched(digest, evidence, host.trust()?)
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
    Package::read(content, source)?.vouched(digest, evidence, host.trust()?)
}

/// A signed index, fetched anew unless `offline` says otherwise; with its envelope. One that is older than any seen
/// before is refused, and what was kept stays.
///
/// # Errors
/// `index-refused`, `signature-refused`, `source-unavailable`.
pub(crate) async fn index(host: &Host, name: &str, offline: bool) -> Result<(Index, Vec<u8>), Refusal> {
    let keys = host.trust()?.index_keys(name)?;
    let kept = host.store().index(name).map_err(unreadable)?;
    let seen = kept.as_ref().map(|kept| Seen { version: kept.version, digest: kept.digest });
    let now_ms = host.clock().now_ms();
    if offline {
        let Some(kept) = kept else {
            let what = format!("the index `{name}` was not fetched yet");
            return Err(Refusal::new(Code::SourceUnavailable, what).fix("portcullis catalog list"));
        };
        return Ok((Index::open(name, &kept.envelope, keys, now_ms, seen)?, kept.envelope));
    }
    let envelope = match host.settings().index(name) {
        Some(Place::Web(address)) => host.egress().fetch(address, MAX_INDEX_BYTES).await?,
        Some(Place::Registry(reference)) => host.egress().registry().pull(reference, MAX_INDEX_BYTES).await?.content,
        None => {
            let what = format!("no index `{name}` is listed");
            return Err(
                Refusal::new(Code::SourceUnavailable, what).fix(format!("set [indexes.{name}] in portcullis.toml"))
            );
        }
    };
    let index = Index::open(name, &envelope, keys, now_ms, seen)?;
    let Seen { version, digest } = index.seen();
    match host.store().keep_index(name, version, digest, &envelope).map_err(unreadable)? {
        IndexKept::Newer | IndexKept::Same => Ok((index, envelope)),
        IndexKept::Refused { seen } => {
            let what = format!("the index `{name}` is version {version}, and {seen} was seen meanwhile");
            Err(Refusal::new(Code::IndexRefused, what).fix("type the same again"))
        }
    }
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
