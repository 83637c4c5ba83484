//! A catalog's index: got from where the operator lists it, and taken out again, verified each time.

use portcullis_catalog::{ArtifactKind, Index, MAX_INDEX_BYTES, Seen, Source, Trust};
use portcullis_model::{Code, Refusal};
use portcullis_policy::{Clock as _, StoreError};
use portcullis_store::IndexKept;

use crate::host::Host;

/// Gets an index, and keeps it where it is right: signed, not older than what was seen, in its time. Where it is not, the
/// one that is kept stays as it was.
///
/// # Errors
/// `signature-refused`, `index-refused`, or what `egress` says where it is not to be had.
pub async fn refresh(host: &Host, trust: &Trust, name: &str, source: &Source) -> Result<Index, Refusal> {
    let keys = trust.index_keys(name)?;
    let envelope = match source {
        Source::Web(address) => host.egress().fetch(address, MAX_INDEX_BYTES).await?,
        Source::Registry(reference) => {
            let pulled = host.egress().registry().pull(reference, MAX_INDEX_BYTES).await?;
            if pulled.artifact.kind() != ArtifactKind::Index {
                let what = format!("`{reference}` is a {}, not an index", pulled.artifact.kind().as_str());
                return Err(Refusal::new(Code::IndexRefused, what).fix("check the reference in portcullis.toml"));
            }
            pulled.content
        }
    };
    let index = Index::open(name, &envelope, keys, host.clock().now_ms(), seen(host, name)?)?;
    let Seen { version, digest } = index.seen();
    match host.store().keep_index(name, version, digest, &envelope).map_err(unreadable)? {
        IndexKept::Newer | IndexKept::Same => Ok(index),
        // Another process took a newer one in the meantime.
        IndexKept::Refused { seen } => {
            let what = format!("the index `{name}` is refused: it is version {version}, and {seen} was seen before");
            Err(Refusal::new(Code::IndexRefused, what).fix("try again"))
        }
    }
}

/// The index that is kept, with its envelope; `None` where none is. It was checked when it was got, and is checked again:
/// the file it lies in could have been changed, a key taken away, and its time be over.
///
/// # Errors
/// `signature-refused` or `index-refused`.
pub fn kept(host: &Host, trust: &Trust, name: &str) -> Result<Option<(Index, Vec<u8>)>, Refusal> {
    let Some(kept) = host.store().index(name).map_err(unreadable)? else { return Ok(None) };
    let seen = Seen { version: kept.version, digest: kept.digest };
    let index = Index::open(name, &kept.envelope, trust.index_keys(name)?, host.clock().now_ms(), Some(seen))?;
    Ok(Some((index, kept.envelope)))
}

fn seen(host: &Host, name: &str) -> Result<Option<Seen>, Refusal> {
    let kept = host.store().index(name).map_err(unreadable)?;
    Ok(kept.map(|kept| Seen { version: kept.version, digest: kept.digest }))
}

fn unreadable(error: StoreError) -> Refusal {
    Refusal::new(Code::AuditUnavailable, error.to_string()).fix("portcullis doctor")
}
