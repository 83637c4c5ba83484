//! `portcullis publish`: hands a component, a document or an index to a registry, signed.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use portcullis_catalog::{Document, Envelope, INDEX_TYPE, MAX_INDEX_BYTES, Packed, Reference};
use portcullis_model::{Code, Digest, Refusal, Shown, parse_strict};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_sandbox::Census;
use serde_json::json;

use super::{Context, Done, signing};
use crate::terminal;

/// Publishes a component, an integration document or a sealed index in a registry.
///
/// What is published is checked first, and signed as `cosign` does by key. Whoever lists the public key can install it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -out acme.pem
  openssl pkey -in acme.pem -pubout -out acme.pub
  portcullis secret set --registry registry.example
  portcullis publish slack.json registry.example/acme/slack:1.0 --key acme.pem")]
pub(super) struct Args {
    /// A component, a document, or an index made by `catalog seal`.
    file: PathBuf,
    /// Where to: REGISTRY/NAME:TAG.
    #[arg(value_name = "REF")]
    reference: String,
    /// The private key that signs it; its passphrase is asked for, or read from standard input.
    #[arg(long, value_name = "KEY.pem")]
    key: Option<PathBuf>,
}

/// Largest file that is published, in bytes: the largest component that a host takes is smaller.
const MAX_BYTES: u64 = 64 << 20;

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let reference: Reference = args.reference.parse()?;
    if reference.tag().is_none() {
        let refusal = Refusal::new(Code::BadRequest, format!("`{reference}` has no tag to publish under"));
        return Err(refusal.fix("write it as REGISTRY/NAME:TAG").into());
    }
    let (kind, packed) = packed(&args.file)?;
    let key = args.key.as_deref().map(signing::key).transpose()?;
    let host = context.host()?;
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
        terminal::note("  it is not signed: nobody can install it; publish it again with --key");
    }
    Ok(Done::Well)
}

/// What a file is, ready for a registry.
fn packed(file: &Path) -> Result<(&'static str, Packed)> {
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    opened
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("`{}` cannot be read", file.display()))?;
    if bytes.len() as u64 > MAX_BYTES {
        let what = format!("`{}` is over {MAX_BYTES} bytes", file.display());
        return Err(Refusal::new(Code::PluginTooLarge, what).fix("publish something smaller").into());
    }
    if bytes.starts_with(b"\0asm") {
        let census = Census::of(&bytes)?;
        let exports = Census::exports(&bytes)?;
        let now = Timestamp::now().round(jiff::Unit::Second).context("the clock cannot be read")?.to_string();
        return Ok(("component", Packed::component(bytes, &exports, &census.imports, &now)?));
    }
    if bytes.len() <= MAX_INDEX_BYTES && Envelope::read(&bytes).is_some_and(|e| e.payload_type() == INDEX_TYPE) {
        return Ok(("index", Packed::index(bytes)?));
    }
    let bad = |why: &str| {
        let what = format!("`{}` is no component, document or index: {}", file.display(), Shown::new(why));
        Refusal::new(Code::BadDocument, what).fix("name what `portcullis inspect` can show")
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| bad("it is no text"))?;
    let value = parse_strict(text).map_err(|error| bad(&error.to_string()))?;
    serde_json::from_value::<Document>(value).map_err(|error| bad(&error.to_string()))?;
    Ok(("document", Packed::document(bytes)?))
}
