//! Pushes artifacts and signatures. An operator's act, as a publisher.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use portcullis_catalog::{
    Attached, LIST_TYPE, MANIFEST_TYPE, MAX_LIST_BYTES, Packed, PackedBundle, RawSignature, Reference, Repository,
    WebAddress, referrers_tag, signature_tag,
};
use portcullis_model::{Code, Digest, Refusal};
use tokio::time::Instant;

use crate::registry::session::{Rights, Session};
use crate::registry::{Registry, SAID_DIGEST, absent, address, manifest, other, tagged, unexpected};

/// By which a registry says that it took a manifest for one that refers to another, and lists it there.
const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

impl Registry<'_> {
    /// Pushes an artifact under the reference's tag, or under its own digest where the reference has no tag. Gives the
    /// reference pinned to what was pushed.
    ///
    /// # Errors
    /// `source-unavailable` where the registry does not take it, `credential-missing` where it wants one,
    /// `digest-mismatch` where it takes it for something else, or the reference's digest is another's.
    pub async fn push(&self, reference: &Reference, packed: Packed) -> Result<Reference, Refusal> {
        let digest = packed.digest();
        if reference.digest().is_some_and(|wanted| wanted != digest) {
            return Err(other(&format!("what was to be pushed as `{reference}`"), digest));
        }
        let deadline = self.egress.web().deadline();
        let mut session = Session::new(self.egress, reference.repository(), Rights::Push);
        let tag = reference.tag().map_or_else(|| digest.to_string(), str::to_owned);
        for blob in [packed.config, packed.content] {
            put_blob(&mut session, blob.into(), deadline).await?;
        }
        put_manifest(&mut session, &tag, MANIFEST_TYPE, packed.manifest, deadline).await?;
        Ok(reference.pinned(digest))
    }

    /// Adds a signature to those of an artifact.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub async fn push_signature(
        &self,
        repository: &Repository,
        artifact: Digest,
        signature: &RawSignature,
    ) -> Result<(), Refusal> {
        let deadline = self.egress.web().deadline();
        let mut session = Session::new(self.egress, repository, Rights::Push);
        let tag = signature_tag(artifact);
        let existing = manifest(&mut session, &tag, deadline).await?;
        let packed = Attached::with(existing.as_deref(), signature)?;
        for blob in [packed.config, packed.payload] {
            put_blob(&mut session, blob.into(), deadline).await?;
        }
        put_manifest(&mut session, &tag, MANIFEST_TYPE, packed.manifest, deadline).await.map(drop)
    }

    /// Adds a bundle that somebody made to what refers to an artifact: by the registry's own list, or where it keeps none,
    /// by the list under a tag. Gives the reference pinned to the artifact.
    ///
    /// # Errors
    /// As [`push`](Self::push), and `signature-refused` where the bundle is not about the artifact.
    pub async fn push_bundle(&self, reference: &Reference, bundle: Vec<u8>) -> Result<Reference, Refusal> {
        let deadline = self.egress.web().deadline();
        let mut session = Session::new(self.egress, reference.repository(), Rights::Push);
        let named = reference.digest().map(|digest| digest.to_string());
        let wanted = named.as_deref().or(reference.tag()).unwrap_or_default();
        let artifact = manifest(&mut session, wanted, deadline).await?.ok_or_else(|| absent(&reference.to_string()))?;
        let digest = Digest::of(&artifact);
        if reference.digest().is_some_and(|wanted| wanted != digest) {
            return Err(other(&format!("the manifest of `{reference}`"), digest));
        }
        let packed = PackedBundle::new(bundle, &artifact)?;
        for blob in [&packed.config, &packed.bundle] {
            put_blob(&mut session, blob.clone().into(), deadline).await?;
        }
        let own = Digest::of(&packed.manifest).to_string();
        if !put_manifest(&mut session, &own, MANIFEST_TYPE, packed.manifest.clone(), deadline).await? {
            let tag = referrers_tag(digest);
            let existing = tagged(&mut session, &tag, LIST_TYPE, MAX_LIST_BYTES, deadline).await?;
            let list = packed.listed(existing.as_deref())?;
            put_manifest(&mut session, &tag, LIST_TYPE, list, deadline).await?;
        }
        Ok(reference.pinned(digest))
    }
}

async fn put_blob(session: &mut Session<'_>, bytes: Bytes, deadline: Instant) -> Result<(), Refusal> {
    let digest = Digest::of(&bytes);
    let there = address(session.repository(), &format!("blobs/{digest}"))?;
    let told = session.ask(Method::HEAD, there, HeaderMap::new(), None, deadline).await?;
    if told.response.status() == StatusCode::OK {
        return Ok(());
    }
    let begin = address(session.repository(), "blobs/uploads/")?;
    let empty = HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from_static("0"))]);
    let told = session.ask(Method::POST, begin.clone(), empty, None, deadline).await?;
    if told.response.status() != StatusCode::ACCEPTED {
        return Err(unexpected(&told));
    }
    let upload = upload(&begin, told.response.headers().get(header::LOCATION), digest)?;
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))]);
    let told = session.ask(Method::PUT, upload, headers, Some(bytes), deadline).await?;
    if told.response.status() == StatusCode::CREATED { Ok(()) } else { Err(unexpected(&told)) }
}

/// Where an upload goes on: at the same registry, since the credential goes along.
fn upload(begin: &WebAddress, location: Option<&HeaderValue>, digest: Digest) -> Result<WebAddress, Refusal> {
    let refused = |why: &str| {
        let what = format!("the registry `{}` would have an upload go on {why}", begin.origin());
        Refusal::new(Code::AddressRefused, what).fix("ask whoever runs the registry")
    };
    let text = location.and_then(|location| location.to_str().ok()).ok_or_else(|| refused("nowhere"))?;
    let mut url = begin.url().join(text).map_err(|_| refused("at what is no address"))?;
    url.query_pairs_mut().append_pair("digest", &digest.to_string());
    let next = WebAddress::try_from(url).map_err(|_| refused("elsewhere"))?;
    if next.origin() == begin.origin() { Ok(next) } else { Err(refused(&format!("at `{}`", next.origin()))) }
}

/// Puts a manifest under a tag or digest. Says whether the registry lists it with the artifact that it refers to.
async fn put_manifest(
    session: &mut Session<'_>,
    tag: &str,
    media_type: &'static str,
    manifest: Vec<u8>,
    deadline: Instant,
) -> Result<bool, Refusal> {
    let digest = Digest::of(&manifest);
    let address = address(session.repository(), &format!("manifests/{tag}"))?;
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
    let told = session.ask(Method::PUT, address, headers, Some(manifest.into()), deadline).await?;
    if told.response.status() != StatusCode::CREATED {
        return Err(unexpected(&told));
    }
    match told.response.headers().get(SAID_DIGEST) {
        Some(said) if said.as_bytes() != digest.to_string().as_bytes() => {
            Err(other(&format!("what `{}` took for something else", session.registry()), digest))
        }
        _ => Ok(told.response.headers().contains_key(SUBJECT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_goes_on_where_it_began() -> Result<(), Refusal> {
        let begin: WebAddress = "https://registry.example/v2/a/blobs/uploads/".parse()?;
        for (location, fine) in [
            ("/v2/a/blobs/uploads/1?state=x", true),
            ("https://registry.example/v2/a/blobs/uploads/1", true),
            ("https://registry.example:444/v2/a/blobs/uploads/1", false),
            ("http://registry.example/v2/a/blobs/uploads/1", false),
            ("https://evil.example/v2/a/blobs/uploads/1", false),
            ("//evil.example/x", false),
        ] {
            let upload = upload(&begin, Some(&HeaderValue::from_static(location)), Digest::of(b"x"));
            assert_eq!(upload.is_ok(), fine, "{location}");
            if let Ok(upload) = upload {
                assert!(upload.to_string().contains("digest=sha256%3A"), "{upload}");
            }
        }
        Ok(())
    }
}
