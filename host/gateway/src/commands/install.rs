//! `portcullis install`: takes a plugin in, after showing everything it could ever send.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use portcullis_model::{Code, Refusal};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_store::Installation;
use serde_json::json;

use super::{Context, Done};
use crate::install::{Candidate, install};
use crate::terminal::{self, styled};

/// Installs a plugin: a component file, or one shipped with this program by its name.
///
/// Shows what it could ever send and asks. Its digest is pinned and checked at every load.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  portcullis install mistral\n  portcullis install ./my-plugin.wasm --yes")]
pub(super) struct Args {
    /// A component file, or a shipped plugin's name.
    #[arg(value_name = "FILE|NAME")]
    what: String,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Replace the plugin that has the port now.
    #[arg(long)]
    replace: bool,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let (bytes, source) = component(&args.what)?;
    let host = context.host()?;
    let candidate = match Candidate::examine(&host, bytes) {
        Ok(candidate) => candidate,
        Err(refusal) => {
            let facts = json!({"source": source, "code": refusal.code(), "message": refusal.message()});
            host.store().note(Event { kind: "install-refused", call: None, facts }).await?;
            return Err(refusal.into());
        }
    };
    let slug = candidate.slug().clone();
    if !as_json {
        super::inspect::page(candidate.port(), candidate.plugin().census(), candidate.component_bytes());
    }
    if !args.yes {
        if !terminal::can_ask() {
            let refusal = Refusal::new(Code::ApprovalRequired, "nobody can be asked here, so nothing was installed");
            return Err(refusal.fix(format!("portcullis install {} --yes", args.what)).into());
        }
        if !terminal::ask("\ninstall it?")? {
            terminal::note("nothing was installed");
            return Ok(Done::No);
        }
    }
    let done = install(&host, &candidate, &source, args.replace)?;
    if as_json {
        terminal::json(&json!({"id": slug, "digest": candidate.plugin().digest(), "installed": done}))?;
        return Ok(Done::Well);
    }
    let what = match done {
        Installation::New => format!("{slug} is installed"),
        Installation::Again => format!("{slug} was installed already, from the same bytes"),
        Installation::Replaced { digest } => format!("{slug} is replaced (it was {digest})"),
    };
    terminal::say(styled(terminal::GREEN, what));
    terminal::note(format_args!("  next: portcullis secret set {slug}"));
    Ok(Done::Well)
}

/// Finds the bytes: a file where there is one, else a shipped plugin.
pub(super) fn component(what: &str) -> Result<(Vec<u8>, String)> {
    let path = PathBuf::from(what);
    if path.is_file() {
        let bytes = std::fs::read(&path).with_context(|| format!("`{what}` cannot be read"))?;
        let name = path.file_name().map_or_else(|| what.to_owned(), |n| n.to_string_lossy().into_owned());
        return Ok((bytes, format!("file {name}")));
    }
    match crate::embedded::plugin(what) {
        Some(bytes) => Ok((bytes.to_vec(), format!("shipped {what}"))),
        None => {
            let names: Vec<&str> = crate::embedded::plugin_names().collect();
            let shown = portcullis_model::Shown::new(what);
            let refusal = Refusal::new(Code::BadRequest, format!("`{shown}` is neither a file nor a shipped plugin"));
            Err(refusal.fix(format!("name a component file, or one of: {}", names.join(", "))).into())
        }
    }
}
