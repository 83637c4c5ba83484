//! `portcullis test`: the worked examples and the cases of a plugin. Nothing is sent.

use std::path::PathBuf;

use anyhow::Result;
use portcullis_authoring::{Case, Cases, Describe as _, Ended, Expected, Ran, bless, diff, run as run_cases};
use portcullis_model::Shown;
use serde_json::{Value, json};

use super::{Context, Done};
use crate::authors::{Desk, Subject};
use crate::terminal::{self, DIM, GREEN, RED, styled};

/// Describes every worked example and every case, and says where something else came than was expected.
///
/// A case is a file of `cases/`: an input, and the request or the refusal that must come of it. Each goes through schema,
/// sandbox and route check, as a call does; nothing is sent, and no credential is needed.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis test
  portcullis test ./my-notes --json
  portcullis test --bless                             writes what comes into the cases that expect something else")]
pub(super) struct Args {
    /// A project's folder, a component, or an integration document; its cases are in `cases/` beside it.
    #[arg(default_value = ".", value_name = "FOLDER|FILE")]
    what: PathBuf,
    /// Write what comes into the cases that expect something else. Look at what it wrote.
    #[arg(long)]
    bless: bool,
}

pub(super) fn run(args: Args, context: &Context) -> Result<Done> {
    let subject = Subject::find(&args.what)?;
    let from_files = Cases::read(&subject.cases)?;
    let desk = Desk::load(&subject.file)?;
    desk.sound()?;
    let mut cases = Case::examples(desk.declared());
    cases.extend(from_files);
    let ran = run_cases(cases, &desk);
    let blessed = if args.bless { bless(&ran)? } else { Vec::new() };
    let failed = ran.iter().filter(|ran| ran.ended != Ended::Well).count();
    if context.json {
        let cases: Vec<Value> = ran.iter().map(data).collect();
        terminal::json(&json!({
            "id": desk.declared().port.slug, "digest": desk.plugin().digest(), "cases": cases, "failed": failed,
            "blessed": blessed,
        }))?;
    } else {
        ran.iter().for_each(print);
        for file in &blessed {
            terminal::say(format_args!("blessed {}", file.display()));
        }
        let well = ran.len() - failed;
        let total = format!("{} cases: {well} as expected, {failed} not", ran.len());
        terminal::note(styled(if failed == 0 { GREEN } else { RED }, total));
        if failed > blessed.len() && !args.bless {
            terminal::note("  next: mend the plugin, or look at what came and type `portcullis test --bless`");
        }
    }
    Ok(if failed == blessed.len() { Done::Well } else { Done::No })
}

fn print(ran: &Ran) {
    let name = ran.case.name();
    let name = Shown::new(&name).limit_bytes(300);
    match ran.ended {
        Ended::Well => terminal::say(format_args!("{} {name}", styled(GREEN, "ok    "))),
        Ended::Otherwise | Ended::Unsaid => {
            let what = if ran.ended == Ended::Unsaid { ": it does not say what is expected" } else { "" };
            terminal::say(format_args!("{} {name}{what}", styled(RED, "FAILED")));
            for line in diff(ran).lines() {
                let style = match line.as_bytes().first() {
                    Some(b'+') => GREEN,
                    Some(b'-') => RED,
                    _ => DIM,
                };
                terminal::say(format_args!("       {}", styled(style, line)));
            }
            if let Err(refusal) = &ran.came {
                terminal::say(format_args!("       {}", styled(DIM, refusal)));
                for place in refusal.places() {
                    terminal::say(format_args!(
                        "       {}",
                        styled(DIM, format_args!("at {}: {}", place.at, place.what))
                    ));
                }
            }
        }
    }
}

fn data(ran: &Ran) -> Value {
    let ended = match ran.ended {
        Ended::Well => "well",
        Ended::Otherwise => "otherwise",
        Ended::Unsaid => "unsaid",
    };
    let said = ran.came.as_ref().err();
    json!({
        "name": ran.case.name(), "action": ran.case.action, "ended": ended, "expected": ran.case.expected,
        "came": Expected::of(&ran.came), "refusal": said,
    })
}
