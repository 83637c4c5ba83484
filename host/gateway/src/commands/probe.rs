//! `portcullis probe`: tries a plugin with tens of thousands of inputs, for whoever must vouch for it.

use std::path::Path;

use anyhow::Result;
use portcullis_model::ActionSlug;
use portcullis_probe::{Report, Summary};

use super::trying::Trying;
use super::{Context, Done};
use crate::host::Host;
use crate::install::Candidate;
use crate::obtain::obtain;
use crate::probe::Probe;
use crate::terminal;

/// Tries a plugin: describes tens of thousands of inputs, and says whether any left its declaration.
///
/// Inputs are made from each action's schema, and from every word that manifest and code hold. Reported is what left its
/// declaration, differed on a second call, kept or leaked something from call to call, crashed, or took more than its
/// limits, each with the smallest input that does it. Nothing is sent, and nothing is installed.
///
/// Exits with status 1 where something was found, or where it was stopped with Ctrl-C; what was found is printed then, too.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis probe ./my-plugin.wasm
  portcullis probe mistral --action chat-complete --calls 200000 --seconds 600
  portcullis probe registry.example/acme/weather:1.2 --seed 7 --json > report.json")]
pub(super) struct Args {
    /// An installed port, or whatever `install` takes.
    #[arg(value_name = "PORT|NAME|FILE|REF|URL")]
    what: String,
    /// Try only this action.
    #[arg(long, value_name = "ACTION")]
    action: Option<ActionSlug>,
    #[command(flatten)]
    trying: Trying,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let report = report(&host, &args).await?;
    if as_json {
        terminal::json(&report)?;
    } else {
        terminal::say(Summary(&report));
    }
    Ok(if report.is_clean() { Done::Well } else { Done::No })
}

async fn report(host: &Host, args: &Args) -> Result<Report> {
    let only = args.action.as_ref();
    if !Path::new(&args.what).is_file()
        && let Ok(slug) = args.what.parse()
        && let Some(installed) = host.store().installed(&slug)?
    {
        let (port, plugins) = host.serving_all(&slug)?;
        let bytes = host.store().component_bytes(installed.line.digest)?;
        let own = plugins.first().is_some_and(|plugin| plugin.definition().is_none());
        let plugins: Vec<_> = plugins.iter().map(AsRef::as_ref).collect();
        let probe = Probe::new(&port, &plugins, own.then_some(bytes.as_slice()));
        return Ok(args.trying.run(|options, progress, stop| probe.run(options, only, progress, stop)).await?);
    }
    let candidate = Candidate::examine(host, obtain(host, &args.what).await?, None)?;
    let probe = Probe::new(candidate.port(), &[candidate.plugin()], candidate.component());
    Ok(args.trying.run(|options, progress, stop| probe.run(options, only, progress, stop)).await?)
}
