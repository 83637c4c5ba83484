//! `portcullis check`: the lint of what a plugin declares.

use std::path::PathBuf;

use anyhow::Result;
use portcullis_authoring::{Describe as _, Finding, Severity, lint};
use serde_json::json;

use super::{Context, Done};
use crate::authors::{Desk, Subject};
use crate::terminal::{self, DIM, GREEN, RED, YELLOW, styled};

/// Says what keeps a plugin from being a good one: each thing with its place, and how to mend it.
///
/// Exits with status 1 where there is an error, and with `--strict` also where there is a warning. `plugins/README.md`
/// lists the rules.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis check
  portcullis check ./my-notes.wasm --strict
  portcullis check ./my-service.json --json")]
pub(super) struct Args {
    /// A project's folder, a component, or an integration document.
    #[arg(default_value = ".", value_name = "FOLDER|FILE")]
    what: PathBuf,
    /// A warning is an error.
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(args: Args, context: &Context) -> Result<Done> {
    let desk = Desk::load(&Subject::find(&args.what)?.file)?;
    let findings = lint(desk.declared());
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, hints) = (count(Severity::Error), count(Severity::Warning), count(Severity::Hint));
    let well = errors == 0 && (!args.strict || warnings == 0);
    if context.json {
        terminal::json(&json!({
            "id": desk.declared().port.slug, "digest": desk.plugin().digest(), "errors": errors, "warnings": warnings,
            "hints": hints, "findings": findings,
        }))?;
    } else {
        findings.iter().for_each(print);
        let total = [(errors, "error"), (warnings, "warning"), (hints, "hint")].map(|(count, what)| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        });
        terminal::note(styled(if well { GREEN } else { RED }, total.join(", ")));
    }
    Ok(if well { Done::Well } else { Done::No })
}

fn print(Finding { severity, rule, at, what, fix }: &Finding) {
    let style = match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Hint => DIM,
    };
    terminal::say(format_args!("{} {rule}: {at}: {what}", styled(style, format_args!("{severity:<7}"))));
    terminal::say(format_args!("        {} {fix}", styled(DIM, "fix:")));
}
