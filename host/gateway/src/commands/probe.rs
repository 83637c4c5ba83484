//! `portcullis probe`: tries a plugin with tens of thousands of inputs, for whoever must vouch for it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use portcullis_model::ActionSlug;
use portcullis_probe::{Options, Progress, Report, Summary};

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
    /// Most calls of `describe` for each action.
    #[arg(long, value_name = "N", default_value_t = Options::default().calls_per_action, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    calls: u64,
    /// Most time for all of it, in seconds. What is found after that depends on the machine.
    #[arg(long, value_name = "S", default_value_t = Options::default().seconds, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Where chance begins: the same seed tries the same inputs.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopping = stop.clone();
    let listening = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.store(true, Ordering::Relaxed);
        }
    });
    let report = report(&host, &args, &stop).await;
    listening.abort();
    let report = report?;
    if as_json {
        terminal::json(&report)?;
    } else {
        terminal::say(Summary(&report));
    }
    Ok(if report.is_clean() { Done::Well } else { Done::No })
}

async fn report(host: &Host, args: &Args, stop: &AtomicBool) -> Result<Report> {
    let options =
        Options { seed: args.seed, calls_per_action: args.calls, seconds: args.seconds, ..Options::default() };
    let bar = bar();
    let progress = |Progress { calls, of, findings }: Progress| {
        bar.set_length(of);
        bar.set_position(calls);
        if findings > 0 {
            bar.set_message("something was found");
        }
    };
    let only = args.action.as_ref();
    let run = |probe: &Probe<'_>| tokio::task::block_in_place(|| probe.run(options, only, &progress, stop));
    let report = if !Path::new(&args.what).is_file()
        && let Ok(slug) = args.what.parse()
        && let Some(installed) = host.store().installed(&slug)?
    {
        let (port, plugins) = host.serving_all(&slug)?;
        let bytes = host.store().component_bytes(installed.line.digest)?;
        let own = plugins.first().is_some_and(|plugin| plugin.definition().is_none());
        let plugins: Vec<_> = plugins.iter().map(AsRef::as_ref).collect();
        run(&Probe::new(&port, &plugins, own.then_some(bytes.as_slice())))
    } else {
        let candidate = Candidate::examine(host, obtain(host, &args.what).await?, None)?;
        run(&Probe::new(candidate.port(), &[candidate.plugin()], candidate.component()))
    };
    bar.finish_and_clear();
    Ok(report?)
}

/// Shown on a terminal only.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent}% {pos} calls, {per_sec} {msg}") {
        bar.set_style(style);
    }
    bar
}
