//! `portcullis audit`: what happened, and whether the log is whole.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use portcullis_model::{ActionId, AgentName, Shown};
use portcullis_policy::CallId;
use portcullis_store::{AuditFilter, AuditReader, AuditRow, ChainHead, StoreConfig, Verdict};
use serde_json::json;

use super::serve::Signals;
use super::{Context, Done};
use crate::home::Home;
use crate::terminal::{self, GREEN, RED, styled};

/// Reads and verifies the audit log. Never changes it.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis audit list --kind refused
  portcullis audit show 12
  portcullis audit tail --kind refused
  portcullis audit tail -n 0 --json | jq .body.code
  portcullis audit verify --json
  portcullis audit export > audit.jsonl")]
pub(super) enum Verb {
    /// Lists rows, newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// At most so many rows.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Prints the last rows, then each one as it is written, by whichever process, until Ctrl-C.
    ///
    /// With --json each row is a line.
    Tail {
        #[command(flatten)]
        which: Which,
        /// How many of the rows that are there to begin with.
        #[arg(short = 'n', long, default_value_t = 10, value_name = "ROWS")]
        last: usize,
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

/// Which rows.
#[derive(clap::Args)]
pub(super) struct Which {
    /// Only this kind, such as intent, outcome or refused.
    #[arg(long)]
    kind: Option<String>,
    /// Only this action.
    #[arg(long)]
    action: Option<ActionId>,
    /// Only this agent.
    #[arg(long)]
    agent: Option<AgentName>,
    /// Only this call.
    #[arg(long)]
    call: Option<CallId>,
}

impl Which {
    fn filter(self) -> AuditFilter {
        let Self { kind, action, agent, call } = self;
        AuditFilter { kind, action, agent, call, ..AuditFilter::default() }
    }
}

/// Pause between two looks at the log. Other processes write it.
const LOOK: Duration = Duration::from_millis(200);

pub(super) async fn run(verb: Verb, context: Context) -> Result<Done> {
    let home = Home::find()?;
    let audit = AuditReader::open(&StoreConfig::new(home.state())).context("there is no audit log yet")?;
    match verb {
        Verb::List { which, limit } => {
            print(&audit.list(&AuditFilter { limit: Some(limit), ..which.filter() })?, context.json)
        }
        Verb::Tail { which, last } => tail(&audit, which.filter(), last, context.json).await,
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

async fn tail(audit: &AuditReader, filter: AuditFilter, last: usize, as_json: bool) -> Result<Done> {
    let mut signals = Signals::listen()?;
    // The rows up to here are the last ones, and those after it the new ones: none is both, and none is neither.
    let mut seen = audit.last()?;
    let first = AuditFilter { before: Some(seen + 1), limit: Some(last), ..filter.clone() };
    for row in audit.list(&first)?.iter().rev() {
        line(row, as_json)?;
    }
    loop {
        let (rows, looked_at) = audit.following(seen, &filter)?;
        for row in &rows {
            line(row, as_json)?;
        }
        if looked_at > seen {
            seen = looked_at;
            continue;
        }
        tokio::select! {
            () = signals.next() => return Ok(Done::Well),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn line(row: &AuditRow, as_json: bool) -> Result<()> {
    if as_json {
        terminal::say(serde_json::to_string(row).context("the row cannot be written as JSON")?);
    } else {
        terminal::say(cells(row).join("  "));
    }
    Ok(())
}

fn print(rows: &[AuditRow], as_json: bool) -> Result<Done> {
    if as_json {
        terminal::json(&rows)?;
        return Ok(Done::Well);
    }
    terminal::table(&rows.iter().map(cells).collect::<Vec<_>>());
    Ok(Done::Well)
}

fn cells(row: &AuditRow) -> Vec<String> {
    vec![
        row.seq.to_string(),
        terminal::moment(row.at_ms),
        // Nothing but a row that was changed in the file holds what a terminal would act on.
        Shown::new(&row.kind).to_string(),
        row.call.as_deref().map(|call| Shown::new(call).to_string()).unwrap_or_default(),
        Shown::new(&row.body.to_string()).limit_bytes(160).to_string(),
    ]
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
