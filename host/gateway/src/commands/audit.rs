//! `portcullis audit`: what happened, and whether the log is whole.

use std::io::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use portcullis_model::{ActionId, Shown};
use portcullis_policy::CallId;
use portcullis_store::{AuditFilter, AuditReader, AuditRow, ChainHead, StoreConfig, Verdict};
use serde_json::json;

use super::{Context, Done};
use crate::home::Home;
use crate::terminal::{self, GREEN, RED, styled};

/// Reads and verifies the audit log. Never changes it.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis audit list --kind refused
  portcullis audit show 12
  portcullis audit verify --json
  portcullis audit export > audit.jsonl")]
pub(super) enum Verb {
    /// Lists rows, newest first.
    List {
        /// Only this kind, such as intent, outcome or refused.
        #[arg(long)]
        kind: Option<String>,
        /// Only this action.
        #[arg(long)]
        action: Option<ActionId>,
        /// At most so many rows.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Shows every row of one call, or one row by its number.
    Show {
        /// A call's name or a row's number.
        what: String,
    },
    /// Checks every row and the chain; names the first bad one.
    Verify {
        /// A head noted earlier, ROWS:HEX; finds that the whole log was set back to before it.
        #[arg(long, value_name = "ROWS:HEX")]
        since: Option<String>,
    },
    /// Writes every row as a line of JSON.
    Export,
}

pub(super) fn run(verb: Verb, context: Context) -> Result<Done> {
    let home = Home::find()?;
    let audit = AuditReader::open(&StoreConfig::new(home.state())).context("there is no audit log yet")?;
    match verb {
        Verb::List { kind, action, limit } => {
            let filter = AuditFilter { kind, action, limit: Some(limit), ..AuditFilter::default() };
            print(&audit.list(&filter)?, context.json)
        }
        Verb::Show { what } => print(&rows(&audit, &what)?, context.json),
        Verb::Verify { since } => verify(&audit, since.as_deref(), context.json),
        Verb::Export => {
            let mut out = std::io::BufWriter::new(terminal::Out);
            let count = audit.export(&mut out)?;
            out.flush()?;
            terminal::note(format_args!("{count} rows"));
            Ok(Done::Well)
        }
    }
}

fn rows(audit: &AuditReader, what: &str) -> Result<Vec<AuditRow>> {
    let rows: Vec<AuditRow> = match what.parse::<u64>() {
        Ok(seq) => audit.row(seq)?.into_iter().collect(),
        Err(_) => {
            let call: CallId = what.parse().context("expected a call's name or a row's number")?;
            audit.call(&call)?
        }
    };
    ensure!(!rows.is_empty(), "nothing is on record as `{}`", Shown::new(what));
    Ok(rows)
}

fn print(rows: &[AuditRow], as_json: bool) -> Result<Done> {
    if as_json {
        terminal::json(&rows)?;
        return Ok(Done::Well);
    }
    let line = |row: &AuditRow| {
        vec![
            row.seq.to_string(),
            terminal::moment(row.at_ms),
            row.kind.clone(),
            row.call.clone().unwrap_or_default(),
            Shown::new(&row.body.to_string()).limit_bytes(160).to_string(),
        ]
    };
    terminal::table(&rows.iter().map(line).collect::<Vec<_>>());
    Ok(Done::Well)
}

fn verify(audit: &AuditReader, since: Option<&str>, as_json: bool) -> Result<Done> {
    let verdict = match since {
        Some(noted) => {
            let Some((rows, head)) = noted.split_once(':') else {
                bail!("expected ROWS:HEX, as `audit verify` prints it")
            };
            let rows = rows.parse().context("expected ROWS:HEX, as `audit verify` prints it")?;
            audit.verify_against(&ChainHead { rows, head: head.to_owned() })?
        }
        None => audit.verify()?,
    };
    match verdict {
        Verdict::Intact(head) => {
            if as_json {
                terminal::json(&json!({"intact": true, "rows": head.rows, "head": head.head}))?;
            } else {
                terminal::say(styled(GREEN, format_args!("{} rows, each as written", head.rows)));
                terminal::say(format_args!("head {}:{}", head.rows, head.head));
            }
            Ok(Done::Well)
        }
        Verdict::Broken(breach) => {
            if as_json {
                terminal::json(&json!({"intact": false, "first_bad": breach.first_bad(), "breach": breach}))?;
            } else {
                terminal::note(styled(RED, breach));
            }
            Ok(Done::No)
        }
    }
}
