//! `portcullis policy`: the rules by which calls are decided. One file a verb.

mod cases;
mod check;
mod explain;
mod list;
mod schema;
mod shadow;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use portcullis_model::{ActionId, Shown};
use portcullis_policy::{RuleFile, RuleProblem, RuleSet, TimestampMs};

use super::{Context, Done};
use crate::home::Home;
use crate::policies;
use crate::settings::Settings;
use crate::terminal::{self, RED, YELLOW, styled};

/// Lists, checks and explains the rules that decide which calls run, which wait for a person and which are denied.
///
/// Rules are Cedar files, `policies/*.cedar` beside portcullis.toml. They join what plugins declare and what
/// portcullis.toml says.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis policy list
  portcullis policy check
  portcullis policy explain mistral/chat-complete --agent bot --input @chat.json
  portcullis policy explain mistral/list-models --agent bot --at 2026-01-31T22:00:00 --json
  portcullis policy test
  portcullis policy shadow --since 7d
  portcullis policy schema mistral/chat-complete")]
pub(super) enum Verb {
    /// Lists the rules that hold.
    List,
    /// Checks rule files against every installed action: misspelt fields, unlike types, rules that can never apply.
    Check {
        /// These files instead of those in the folder.
        files: Vec<PathBuf>,
    },
    /// Says how a call would be decided, and every rule that made it so. Sends nothing, records nothing.
    Explain(explain::Args),
    /// Runs tables of cases: which call is decided how.
    Test {
        /// These tables instead of `policies/*.cases.toml`.
        files: Vec<PathBuf>,
    },
    /// Counts what rules on trial would have done, from the audit log.
    Shadow {
        /// Only calls since then, such as 7d, 12h, or 2026-01-31T00:00:00Z.
        #[arg(long)]
        since: Option<String>,
    },
    /// Prints the Cedar schema, with the types of one action where one is named.
    Schema {
        /// Such as mistral/chat-complete.
        #[arg(value_name = "PORT/ACTION")]
        action: Option<ActionId>,
    },
}

pub(super) async fn run(verb: Verb, context: Context) -> Result<Done> {
    match verb {
        Verb::List => list::run(context.json),
        Verb::Check { files } => check::run(&files, context.json),
        Verb::Explain(args) => explain::run(args, context),
        Verb::Test { files } => cases::run(files, context),
        Verb::Shadow { since } => shadow::run(since.as_deref(), context.json),
        Verb::Schema { action } => schema::run(action.as_ref(), context.json),
    }
}

/// The rules in the folder, without opening the host: also where they are not right.
fn rules(home: &Home, settings: &Settings) -> Result<Result<RuleSet, Vec<RuleProblem>>> {
    let words = settings.rules()?;
    Ok(policies::read(&home.policies()).and_then(|files| RuleSet::new(words, &files)))
}

/// A rule file wherever it is.
fn rule_file(path: &Path) -> Result<RuleFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .with_context(|| format!("`{}` is no file name", path.display()))?;
    Ok(RuleFile { name: name.to_owned(), text })
}

/// A moment, as `--at` takes it.
fn moment(rules: &RuleSet, text: &str) -> Result<TimestampMs> {
    rules.words().moment(text).with_context(|| {
        format!("`{}` is no moment: write such as 2026-01-31T09:30:00, or 2026-01-31T09:30:00Z", Shown::new(text))
    })
}

/// Prints problems beside the data.
fn complain(problems: &[RuleProblem]) {
    for problem in problems {
        let mark = if problem.warning { styled(YELLOW, "warning") } else { styled(RED, "problem") };
        let text = problem.to_string();
        terminal::note(format_args!("{mark} {}", Shown::block(&text)));
    }
}
