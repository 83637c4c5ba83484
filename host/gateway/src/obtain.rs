//! Finding what somebody wants to install: by file, by name, from a signed index, a registry or the web.
//!
//! Whatever comes over a network is vouched for by somebody whom the operator lists, or it is not taken; a web address is
//! the operator's own word for the bytes behind it, so they are shown with their digest and nothing vouches for them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use portcullis_catalog::{ComponentRef, Source as Place};
use portcullis_model::{Code, Digest, Refusal, Shown};

use crate::embedded;
use crate::host::Host;
use crate::package::{Content, Package};
use crate::remote;
use crate::source::Source;

/// Finds it and says what it is. Nothing of it runs.
///
/// # Errors
/// `bad-request` where there is no such thing, `source-unavailable`, `signature-refused`, `index-refused`,
/// `digest-mismatch` or `bad-document`.
pub(crate) async fn obtain(host: &Host, what: &str) -> Result<Package> {
    let package = found(host, what).await?;
    let Package { content: Content::Document(document), source, vouched, told_by, help, ignored } = package else {
        return Ok(package);
    };
    let Some(component) = document.component.clone() else {
        return Ok(Package { content: Content::Document(document), source, vouched, told_by, help, ignored });
    };
    let package = component_of(host, &component, source).await?;
    Ok(Package { told_by: Some(document), help, ignored, ..package })
}

async fn found(host: &Host, what: &str) -> Result<Package> {
    let path = Path::new(what);
    if path.is_file() {
        let bytes = read(path, host.settings().limits_for_strangers()?.component_bytes)?;
        let name = path.file_name().map_or_else(|| what.to_owned(), |name| name.to_string_lossy().into_owned());
        return Ok(Package::read(bytes, Source::File(name))?);
    }
    if let Some(bytes) = embedded::plugin(what) {
        return Ok(Package::component(bytes.to_vec(), Source::Shipped(what.to_owned())));
    }
    if let Some(text) = embedded::document(what) {
        return Ok(Package::read(text.as_bytes().to_vec(), Source::Catalog(what.to_owned()))?);
    }
    if let Some((index, entry)) = what.split_once('/')
        && host.settings().distribution().index_names().any(|name| name == index)
    {
        return Ok(remote::listed(host, index, entry).await?);
    }
    if !what.contains('/') {
        return Err(unknown(what).into());
    }
    Ok(match what.parse::<Place>()? {
        Place::Registry(reference) => remote::from_registry(host, &reference).await?,
        Place::Web(address) => {
            let bytes = remote::fetch(host, &address).await?;
            Package::read(bytes, Source::At(Place::Web(address)))?
        }
    })
}

/// Reads a file that is no larger than it may be.
pub(crate) fn read(path: &Path, limit_bytes: usize) -> Result<Vec<u8>> {
    let shown = path.display();
    let size = fs::metadata(path).with_context(|| format!("`{shown}` cannot be read"))?.len();
    if size > limit_bytes as u64 {
        let what = format!("`{}` has {size} bytes, expected at most {limit_bytes}", Shown::new(&shown.to_string()));
        return Err(Refusal::new(Code::PluginTooLarge, what)
            .fix("the operator can raise `component_bytes` under [sandbox.limits] in portcullis.toml")
            .into());
    }
    fs::read(path).with_context(|| format!("`{shown}` cannot be read"))
}

/// The component that a document refers to, as from where the document is.
async fn component_of(host: &Host, component: &ComponentRef, source: Source) -> Result<Package, Refusal> {
    let package = match component.shipped() {
        Some(name) => {
            let shown = Shown::new(name);
            let bytes = embedded::plugin(name).ok_or_else(|| {
                let what = format!("the document refers to the shipped component `{shown}`, and there is none");
                Refusal::new(Code::BadDocument, what).fix("portcullis catalog list")
            })?;
            Package::component(bytes.to_vec(), source)
        }
        None => {
            let package = remote::from_registry(host, &component.reference.parse()?).await?;
            Package { source, ..package }
        }
    };
    let Content::Component(bytes) = &package.content else {
        let what = format!("`{}` is no component, as the document says it is", Shown::new(&component.reference));
        return Err(Refusal::new(Code::BadDocument, what).fix("ask whoever publishes the document"));
    };
    let digest = Digest::of(bytes);
    if let Some(expected) = component.pinned().filter(|expected| *expected != digest) {
        let what = format!("the document's component is {digest}, expected {expected}");
        return Err(Refusal::new(Code::DigestMismatch, what).fix("ask whoever publishes the document"));
    }
    Ok(package)
}

fn unknown(what: &str) -> Refusal {
    let mut names: Vec<&str> = embedded::plugin_names().chain(embedded::documents().map(|(name, _)| name)).collect();
    names.sort_unstable();
    names.dedup();
    let shown = Shown::new(what);
    Refusal::new(Code::BadRequest, format!("`{shown}` is neither a file nor in the catalog")).fix(format!(
        "name a component or document file, a registry reference, an https address, or one of: {}",
        names.join(", ")
    ))
}
