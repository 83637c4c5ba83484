//! `portcullis install`: takes a plugin in, after showing everything it could ever send.

use std::path::{Path, PathBuf};

use anyhow::Result;
use portcullis_catalog::MAX_REVIEW_BYTES;
use portcullis_model::{Code, PortSlug, Refusal};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_store::Installation;
use serde_json::json;

use super::{Context, Done, changes};
use crate::host::Host;
use crate::install::{Candidate, install};
use crate::obtain::{obtain, read};
use crate::report::Report;
use crate::terminal::{self, DIM, styled};

/// Installs a port: from the catalog, a component or document file, a signed index, a registry, or an address.
///
/// Shows what it could ever send and asks. Its digest is pinned and checked at every load. What comes from a registry or
/// an index must be signed by whom you list in portcullis.toml, and that is checked at every load, too.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis install mistral
  portcullis install slack-web-api
  portcullis install mistral --as mistral-work       a second account, beside the first
  portcullis install ./my-plugin.wasm --yes
  portcullis install ./my-service.json
  portcullis install acme/weather                    from the index that portcullis.toml calls `acme`
  portcullis install registry.example/acme/weather:1.2")]
pub(super) struct Args {
    /// A name of the catalog, a file, INDEX/NAME, a registry reference, or an https address.
    #[arg(value_name = "NAME|FILE|REF|URL")]
    what: String,
    /// Install it under this name, with a credential of its own.
    #[arg(long = "as", value_name = "PORT")]
    name: Option<PortSlug>,
    /// A review of these very bytes, as `attest` makes it, by somebody listed under [reviews] in portcullis.toml.
    #[arg(long, value_name = "FILE")]
    review: Option<PathBuf>,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Replace the plugin that has the port now.
    #[arg(long)]
    replace: bool,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let candidate = candidate(&host, &args.what, args.name.clone(), args.review.as_deref()).await?;
    let slug = candidate.slug().clone();
    if !as_json {
        Report::of(&host, &candidate)?.print();
        if let Some(list) = candidate.changes().filter(|list| !list.is_empty()) {
            terminal::say(format_args!("\ninstead of what has the port now:"));
            changes::print(&list);
        }
    }
    if !args.yes {
        let again = match &args.name {
            Some(name) => format!("portcullis install {} --as {name} --yes", args.what),
            None => format!("portcullis install {} --yes", args.what),
        };
        if !consent("install it?", "nothing was installed", &again)? {
            return Ok(Done::No);
        }
    }
    let done = install(&host, &candidate, args.replace)?;
    let digest = candidate.plugin().digest();
    if as_json {
        terminal::json(&json!({
            "id": slug, "digest": digest, "source": candidate.source().to_string(), "installed": done,
        }))?;
        return Ok(Done::Well);
    }
    terminal::say(styled(
        terminal::GREEN,
        match done {
            Installation::New => format!("{slug} is installed"),
            Installation::Again => format!("{slug} was installed already, from the same bytes"),
            Installation::Replaced { digest } => format!("{slug} is replaced (it was {digest})"),
        },
    ));
    if let Some(help) = candidate.help() {
        terminal::say(format_args!("{}", styled(DIM, "its author says:")));
        terminal::say(portcullis_model::Shown::new(help).limit_bytes(2000));
    }
    terminal::note(format_args!("  next: portcullis secret set {slug}"));
    Ok(Done::Well)
}

/// Finds and examines what is to be installed, and takes in the review that comes with it. A no is recorded.
pub(super) async fn candidate(
    host: &Host,
    what: &str,
    name: Option<PortSlug>,
    review: Option<&Path>,
) -> Result<Candidate> {
    let review = review.map(|path| read(path, MAX_REVIEW_BYTES)).transpose()?;
    let candidate = match obtain(host, what).await {
        Ok(package) => Candidate::examine(host, package, name).and_then(|candidate| {
            let digest = candidate.plugin().digest();
            if let Some(review) = &review {
                host.take_review(digest, review)?;
            }
            host.must_be_reviewed(digest)?;
            Ok(candidate)
        }),
        Err(error) => Err(error.downcast::<Refusal>()?),
    };
    match candidate {
        Ok(candidate) => Ok(candidate),
        Err(refusal) => {
            let what = portcullis_model::Shown::new(what).limit_bytes(300).to_string();
            let facts = json!({"source": what, "code": refusal.code(), "message": refusal.message()});
            host.store().note(Event { kind: "install-refused", call: None, facts }).await?;
            Err(refusal.into())
        }
    }
}

/// Asks. Off a terminal nobody can be asked, and `again` is what to type instead.
///
/// # Errors
/// `approval-required` off a terminal.
pub(super) fn consent(question: &str, otherwise: &str, again: &str) -> Result<bool> {
    if !terminal::can_ask() {
        let refusal = Refusal::new(Code::ApprovalRequired, format!("nobody can be asked here, so {otherwise}"));
        return Err(refusal.fix(again).into());
    }
    let yes = terminal::ask(&format!("\n{question}"))?;
    if !yes {
        terminal::note(otherwise);
    }
    Ok(yes)
}
