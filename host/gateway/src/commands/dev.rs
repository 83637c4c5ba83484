//! `portcullis dev`: builds and installs again whenever a source changes, and shows what changes about what could be sent.

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use portcullis_authoring::{Project, fingerprint};
use portcullis_model::{Change, Refusal};
use portcullis_policy::{AuditLog as _, Event};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::{Context, Done, build, changes, install::consent};
use crate::authors::{Made, Watched, make};
use crate::host::Host;
use crate::install::{Candidate, install};
use crate::package::Package;
use crate::report::Report;
use crate::source::Source;
use crate::terminal::{self, DIM, GREEN, RED, YELLOW, styled};

/// Watches a project: builds it, installs it in the place of the one before, and shows what changed.
///
/// The first install is asked about, and so is what widens what could be sent, as with `upgrade`; what narrows it is done
/// at once. A project that does not build leaves what is installed as it is. Ctrl-C ends it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis dev
  portcullis dev ./my-notes --yes                     do not ask; your own machine, your own plugin
  portcullis dev --once --json                        build and install once, and end")]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Do not ask, whatever it widens.
    #[arg(long, short)]
    yes: bool,
    /// Build and install once, and end.
    #[arg(long)]
    once: bool,
}

/// What a round needs.
struct Desk {
    host: Host,
    runtime: Handle,
    yes: bool,
    json: bool,
    again: String,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let json = context.json;
    Project::find(&args.folder)?;
    let again = format!("portcullis dev {} --yes", args.folder.display());
    let desk = Desk { host: context.host()?, runtime: Handle::current(), yes: args.yes, json, again };
    let (ended, end) = oneshot::channel();
    // Building, asking and watching all block; on a thread of their own, Ctrl-C ends them wherever they are.
    thread::Builder::new()
        .name("dev".to_owned())
        .spawn(move || drop(ended.send(rounds(&desk, &args.folder, args.once))))
        .context("no thread can be started")?;
    tokio::select! {
        ended = end => ended.map_err(|_| anyhow!("the watch ended without a word"))?,
        stopped = tokio::signal::ctrl_c() => {
            stopped.context("Ctrl-C cannot be heard")?;
            terminal::remark("stopped; what is installed stays installed");
            Ok(Done::Well)
        }
    }
}

/// Round after round. The first one that fails ends it: there is nothing yet to go on from.
fn rounds(desk: &Desk, folder: &Path, once: bool) -> Result<Done> {
    if once {
        return round(desk, folder);
    }
    let mut watched = Watched::new(folder)?;
    let mut seen = fingerprint(folder)?;
    if let Done::No = round(desk, folder)? {
        return Ok(Done::No);
    }
    loop {
        terminal::remark(styled(DIM, "watching; Ctrl-C ends it"));
        loop {
            watched.wait()?;
            // A file that goes away while it is read is a change that is still to be told.
            let Ok(now) = fingerprint(folder) else { continue };
            if now != seen {
                seen = now;
                break;
            }
        }
        if let Err(error) = round(desk, folder) {
            failed(desk, &error)?;
        }
    }
}

/// Tells of a round that failed, and goes on: the next change may mend it.
fn failed(desk: &Desk, error: &anyhow::Error) -> Result<()> {
    let refusal = error.downcast_ref::<Refusal>();
    if desk.json {
        let told = match refusal {
            Some(refusal) => json!({"installed": false, "refusal": refusal}),
            None => json!({"installed": false, "failure": format!("{error:#}")}),
        };
        terminal::say(serde_json::to_string(&told)?);
        return Ok(());
    }
    match refusal {
        Some(refusal) => terminal::refusal(refusal),
        None => terminal::note(format_args!("{} {error:#}", styled(RED, "failed:"))),
    }
    Ok(())
}

/// Builds, examines, asks where that is due, and installs.
fn round(desk: &Desk, folder: &Path) -> Result<Done> {
    let project = Project::find(folder)?;
    let made = make(&project)?;
    let source = Source::File(format!("{}.wasm", project.name()));
    let candidate = examined(desk, &made, source.clone())?;
    let slug = candidate.slug().clone();
    let installed = desk.host.store().installed(&slug)?;
    // Whatever else has the port is not an older one of this.
    let ours = installed.as_ref().is_some_and(|installed| installed.line.source == source.to_string());
    let changes = candidate.changes().unwrap_or_default();
    if ours && candidate.is_installed() {
        return told(desk, &candidate, &changes, "again");
    }
    if !desk.json {
        build::print(&made);
        if !ours {
            Report::of(&desk.host, &candidate)?.print();
        }
        if installed.is_some() && !changes.is_empty() {
            let than = if ours { "the one before" } else { "what has the port now" };
            terminal::say(format_args!("\ninstead of {than}:"));
            changes::print(&changes);
        }
    }
    let question = match (ours, changes::widen(&changes)) {
        (false, _) if installed.is_some() => Some("something else has the port; put this in its place?"),
        (false, _) => Some("install it?"),
        (true, true) => Some("it could send more than before, or elsewhere; install it?"),
        (true, false) => None,
    };
    if let Some(question) = question
        && !desk.yes
        && !consent(question, "nothing was installed", &desk.again)?
    {
        return Ok(Done::No);
    }
    install(&desk.host, &candidate, true)?;
    told(desk, &candidate, &changes, if installed.is_some() { "replaced" } else { "new" })
}

/// Examines what was built. A no is recorded, as at `install`.
fn examined(desk: &Desk, made: &Made, source: Source) -> Result<Candidate> {
    let what = source.to_string();
    Candidate::examine(&desk.host, Package::component(made.bytes.clone(), source), None).or_else(|refusal| {
        let facts = json!({"source": what, "code": refusal.code(), "message": refusal.message()});
        desk.runtime.block_on(desk.host.store().note(Event { kind: "install-refused", call: None, facts }))?;
        Err(refusal.into())
    })
}

fn told(desk: &Desk, candidate: &Candidate, changes: &[Change], how: &str) -> Result<Done> {
    let (slug, digest) = (candidate.slug(), candidate.plugin().digest());
    if desk.json {
        let line = json!({"id": slug, "installed": how, "digest": digest, "changes": changes});
        terminal::say(serde_json::to_string(&line)?);
        return Ok(Done::Well);
    }
    match how {
        "again" => terminal::say(styled(DIM, format_args!("{slug} is what is installed already"))),
        _ if changes.is_empty() && how == "replaced" => {
            terminal::say(styled(YELLOW, format_args!("{slug} is installed anew: other code, the same capabilities")));
        }
        _ => terminal::say(styled(GREEN, format_args!("{slug} is installed"))),
    }
    Ok(Done::Well)
}
