//! Registries of artifacts (OCI distribution specification 1.1): pulls them with their signatures.
//!
//! Nothing a registry says is taken for what it is: every digest is computed here on the bytes that came, sizes are known
//! before anything is read. Does not say who vouches for an artifact; `catalog` does.

mod challenge;
mod push;
mod session;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use portcullis_catalog::{
    Artifact, Attached, Blob, Evidence, LIST_TYPE, MANIFEST_TYPE, MAX_BUNDLE_BYTES, MAX_LIST_BYTES, MAX_MANIFEST_BYTES,
    MAX_PAYLOAD_BYTES, RawSignature, Reference, Repository, WebAddress, bundle_in, listed_bundles, referrers_tag,
    signature_tag,
};
use portcullis_model::{Code, Digest, Refusal};
use tokio::time::Instant;

use crate::Egress;
use crate::registry::session::{Rights, Session};
use crate::web::Told;

/// What a registry says a manifest's digest is.
const SAID_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// The way to registries.
#[derive(Clone, Copy)]
pub struct Registry<'a> {
    egress: &'a Egress,
}

/// An artifact as it was pulled: all of it is what its digests say. Nobody has vouched for it yet.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// What was asked for, pinned to the manifest that came.
    pub reference: Reference,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// What the manifest says.
    pub artifact: Artifact,
    /// The component, document or index.
    pub content: Vec<u8>,
}

impl Pulled {
    /// Digest of the component, document or index.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.artifact.layer().digest
    }

    /// What is kept with it, so that it can be verified again.
    ///
    /// # Errors
    /// `signature-refused` where it is more than would be kept.
    pub fn evidence(&self, signatures: Vec<RawSignature>) -> Result<Evidence, Refusal> {
        Evidence::of_artifact(&self.reference, &self.manifest, signatures)
    }
}

impl Egress {
    /// The way to registries.
    #[must_use]
    pub fn registry(&self) -> Registry<'_> {
        Registry { egress: self }
    }
}

impl Registry<'_> {
    /// Pulls an artifact whose content has at most so many bytes.
    ///
    /// # Errors
    /// `source-unavailable` where the registry does not give it, `digest-mismatch` where it gives something else,
    /// `response-too-large`, `credential-missing` where it wants one.
    pub async fn pull(&self, reference: &Reference, max_bytes: usize) -> Result<Pulled, Refusal> {
        let deadline = self.egress.web().deadline();
        let mut session = Session::new(self.egress, reference.repository(), Rights::Pull);
        let wanted = match (reference.digest(), reference.tag()) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.to_owned(),
            (None, None) => return Err(absent(&reference.to_string())),
        };
        let Some(manifest) = manifest(&mut session, &wanted, deadline).await? else {
            return Err(absent(&reference.to_string()));
        };
        let found = Digest::of(&manifest);
        if let Some(digest) = reference.digest()
            && digest != found
        {
            return Err(other(&format!("the manifest of `{reference}`"), found));
        }
        let artifact = Artifact::read(&manifest)?;
        let content = blob(&mut session, artifact.layer(), max_bytes, deadline).await?;
        Ok(Pulled { reference: reference.pinned(found), manifest, artifact, content })
    }

    /// The signatures that are kept beside an artifact; none where there are none.
    ///
    /// # Errors
    /// As [`pull`](Self::pull), and `signature-refused` where they cannot be read.
    pub async fn signatures(&self, repository: &Repository, artifact: Digest) -> Result<Vec<RawSignature>, Refusal> {
        let deadline = self.egress.web().deadline();
        let mut session = Session::new(self.egress, repository, Rights::Pull);
        let mut signatures = Vec::new();
        if let Some(manifest) = manifest(&mut session, &signature_tag(artifact), deadline).await? {
            for Attached { payload, signature } in Attached::read(&manifest)? {
                let payload = blob(&mut session, &payload, MAX_PAYLOAD_BYTES, deadline).await?;
                signatures.push(RawSignature::Simple { payload, signature });
            }
        }
        let list = referrers(&mut session, artifact, deadline).await?;
        for digest in list.as_deref().map_or(Ok(Vec::new()), listed_bundles)? {
            let Some(manifest) = manifest(&mut session, &digest.to_string(), deadline).await? else { continue };
            if Digest::of(&manifest) != digest {
                return Err(other(&format!("the manifest of `{repository}@{digest}`"), Digest::of(&manifest)));
            }
            if let Some(place) = bundle_in(&manifest) {
                let bundle = blob(&mut session, &place, MAX_BUNDLE_BYTES, deadline).await?;
                signatures.push(RawSignature::Bundle { bundle });
            }
        }
        Ok(signatures)
    }
}

/// What refers to an artifact: by the registry's own list, or where it keeps none, by the list that others keep.
async fn referrers(session: &mut Session<'_>, artifact: Digest, deadline: Instant) -> Result<Option<Vec<u8>>, Refusal> {
    let place = address(session.repository(), &format!("referrers/{artifact}"))?;
    let told = session.ask(Method::GET, place, accepting(LIST_TYPE), None, deadline).await?;
    let is_list = told.response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == LIST_TYPE);
    if told.response.status() == StatusCode::OK && is_list {
        return told.bytes(MAX_LIST_BYTES, deadline).await.map(Some);
    }
    tagged(session, &referrers_tag(artifact), LIST_TYPE, MAX_LIST_BYTES, deadline).await
}

/// A manifest by tag or digest; `None` where there is none.
async fn manifest(session: &mut Session<'_>, wanted: &str, deadline: Instant) -> Result<Option<Vec<u8>>, Refusal> {
    tagged(session, wanted, MANIFEST_TYPE, MAX_MANIFEST_BYTES, deadline).await
}

/// What a tag or digest points to, of this media type; `None` where there is nothing.
async fn tagged(
    session: &mut Session<'_>,
    wanted: &str,
    media_type: &'static str,
    max_bytes: usize,
    deadline: Instant,
) -> Result<Option<Vec<u8>>, Refusal> {
    let address = address(session.repository(), &format!("manifests/{wanted}"))?;
    let told = session.ask(Method::GET, address, accepting(media_type), None, deadline).await?;
    match told.response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(None),
        _ => return Err(unexpected(&told)),
    }
    let said = told.response.headers().get(SAID_DIGEST).cloned();
    let bytes = told.bytes(max_bytes, deadline).await?;
    let found = Digest::of(&bytes);
    if said.is_some_and(|said| said.as_bytes() != found.to_string().as_bytes()) {
        return Err(other(&format!("the manifest that `{}` calls by another digest", session.registry()), found));
    }
    Ok(Some(bytes))
}

/// Bytes that a manifest names.
async fn blob(session: &mut Session<'_>, blob: &Blob, max_bytes: usize, deadline: Instant) -> Result<Vec<u8>, Refusal> {
    let size = usize::try_from(blob.size).ok().filter(|size| *size <= max_bytes).ok_or_else(|| {
        let what = format!("`{}` is to have {} bytes: expected at most {max_bytes}", session.repository(), blob.size);
        Refusal::new(Code::ResponseTooLarge, what).fix("nothing that large can be installed; ask whoever publishes it")
    })?;
    let address = address(session.repository(), &format!("blobs/{}", blob.digest))?;
    let told = session.ask(Method::GET, address, HeaderMap::new(), None, deadline).await?;
    match told.response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Err(absent(&format!("{}@{}", session.repository(), blob.digest))),
        _ => return Err(unexpected(&told)),
    }
    let bytes = told.bytes(size, deadline).await?;
    let found = Digest::of(&bytes);
    if found != blob.digest || bytes.len() != size {
        return Err(other(&format!("what `{}` gives for {}", session.registry(), blob.digest), found));
    }
    Ok(bytes)
}

fn accepting(media_type: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(media_type))])
}

fn address(repository: &Repository, rest: &str) -> Result<WebAddress, Refusal> {
    format!("{}/v2/{}/{rest}", repository.registry(), repository.path()).parse()
}

fn absent(what: &str) -> Refusal {
    Refusal::new(Code::SourceUnavailable, format!("the registry has no `{what}`")).fix("check name and tag")
}

fn other(what: &str, found: Digest) -> Refusal {
    Refusal::new(Code::DigestMismatch, format!("{what} is {found}"))
        .fix("do not install it; ask whoever runs the registry")
}

/// An answer that says neither yes nor no. Nothing of its body is read.
fn unexpected(told: &Told) -> Refusal {
    let status = told.response.status();
    let what = format!("the registry `{}` answers {} to what every registry can do", told.origin, status.as_u16());
    let refusal = Refusal::new(Code::SourceUnavailable, what).fix("try again later, or ask whoever runs the registry");
    match crate::retry::pause(status, told.response.headers(), now_ms()) {
        Some(pause) => refusal.retry_after_ms(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)),
        None => refusal,
    }
}

fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
