//! `portcullis publish`: hands a component, a document or an index to a registry, signed; or hands on a bundle in which
//! somebody else signed what is there.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use portcullis_catalog::{Envelope, INDEX_TYPE, MAX_INDEX_BYTES, Packed, Reference, is_bundle};
use portcullis_model::{Code, Digest, Refusal};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_sandbox::Census;
use serde_json::json;

use super::{Context, Done, signing};
use crate::host::Host;
use crate::install::Candidate;
use crate::obtain;
use crate::package::{Content, Package};
use crate::source::Source;
use crate::terminal;

/// Publishes a component, an integration document or a sealed index in a registry.
///
/// What is published is checked first, and signed as `cosign` does by key. Whoever lists the public key can install it.
/// Without a key, `cosign sign` does it on what is published; a bundle that it made elsewhere is published beside it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -out acme.pem
  openssl pkey -in acme.pem -pubout -out acme.pub
  portcullis secret set --registry registry.example
  portcullis publish slack.json registry.example/acme/slack:1.0 --key acme.pem
  portcullis publish slack.sigstore.json registry.example/acme/slack:1.0")]
pub(super) struct Args {
    /// A component, a document, an index made by `catalog seal`, or a bundle made by `cosign sign` of what is in REF.
    file: PathBuf,
    /// Where to: REGISTRY/NAME:TAG.
    #[arg(value_name = "REF")]
    reference: String,
    /// The private key that signs it; its passphrase is asked for, or read from standard input.
    #[arg(long, value_name = "KEY.pem")]
    key: Option<PathBuf>,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let reference: Reference = args.reference.parse()?;
    let host = context.host()?;
    let bytes = obtain::read(&args.file, host.settings().limits_for_strangers()?.component_bytes)?;
    if is_bundle(&bytes) {
        return attach(&host, &args, &reference, bytes, as_json).await;
    }
    if reference.tag().is_none() {
        let refusal = Refusal::new(Code::BadRequest, format!("`{reference}` has no tag to publish under"));
        return Err(refusal.fix("write it as REGISTRY/NAME:TAG").into());
    }
    let key = args.key.as_deref().map(signing::key).transpose()?;
    let (kind, packed) = packed(&host, &args.file, bytes)?;
    let content = Digest::of(&packed.content);
    let registry = host.egress().registry();
    let pushed = registry.push(&reference, packed).await?;
    let digest = pushed.digest().unwrap_or(content);
    let signer = match &key {
        Some(key) => {
            let signature = key.vouch(reference.repository(), digest)?;
            registry.push_signature(reference.repository(), digest, &signature).await?;
            key.public("").map(|public| public.fingerprint())
        }
        None => None,
    };
    let facts = json!({"kind": kind, "reference": pushed, "content": content, "signer": signer});
    host.store().note(Event { kind: "published", call: None, facts: facts.clone() }).await?;
    if as_json {
        terminal::json(&json!({
            "id": pushed, "kind": kind, "digest": digest, "content": content, "signer": signer,
        }))?;
        return Ok(Done::Well);
    }
    terminal::say(&pushed);
    if signer.is_none() && kind != "index" {
        let what = "it is not signed: nobody can install it";
        let next = format!("publish it again with --key, or: cosign sign {}@{digest}", reference.repository());
        terminal::note(format_args!("  {what}; {next}"));
    }
    Ok(Done::Well)
}

/// Hands on a bundle. Who signed it is a matter of whoever installs what it is about.
async fn attach(host: &Host, args: &Args, reference: &Reference, bundle: Vec<u8>, as_json: bool) -> Result<Done> {
    if args.key.is_some() {
        let refusal =
            Refusal::new(Code::BadRequest, "a bundle is signed already, and is not signed by a key once more");
        return Err(refusal.fix("leave out --key").into());
    }
    let content = Digest::of(&bundle);
    let pushed = host.egress().registry().push_bundle(reference, bundle).await?;
    let facts = json!({"kind": "bundle", "reference": pushed, "content": content, "signer": null});
    host.store().note(Event { kind: "published", call: None, facts }).await?;
    if as_json {
        terminal::json(&json!({
            "id": pushed, "kind": "bundle", "digest": pushed.digest(), "content": content, "signer": null,
        }))?;
    } else {
        terminal::say(&pushed);
    }
    Ok(Done::Well)
}

/// What a file is, checked as an install would check it, and ready for a registry.
fn packed(host: &Host, file: &Path, bytes: Vec<u8>) -> Result<(&'static str, Packed)> {
    if bytes.len() <= MAX_INDEX_BYTES && Envelope::read(&bytes).is_some_and(|e| e.payload_type() == INDEX_TYPE) {
        return Ok(("index", Packed::index(bytes)?));
    }
    let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let package = Package::read(bytes.clone(), Source::File(name))?;
    match &package.content {
        Content::Component(_) => {
            let census = Census::of(&bytes)?;
            let exports = Census::exports(&bytes)?;
            Candidate::examine(host, package, None)?;
            let now = Timestamp::now().round(jiff::Unit::Second).context("the clock cannot be read")?.to_string();
            Ok(("component", Packed::component(bytes, &exports, &census.imports, &now)?))
        }
        // What a component elsewhere describes is checked where that is published.
        Content::Document(document) if document.component.is_some() => Ok(("document", Packed::document(bytes)?)),
        Content::Document(_) => {
            Candidate::examine(host, package, None)?;
            Ok(("document", Packed::document(bytes)?))
        }
    }
}
