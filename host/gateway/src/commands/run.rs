//! `portcullis run`: makes one call.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use portcullis_model::ActionId;
use portcullis_policy::{Approver, CallId, Seq};
use serde::Serialize;
use serde_json::json;

use super::view::ViewArgs;
use super::{Context, Done};
use crate::answer::{Answer, Answered, Held};
use crate::doors::Local;
use crate::host::Host;
use crate::invoke::{Invocation, approve, dry_run, invoke};
use crate::shape::{Shaped, View};
use crate::terminal::{self, BOLD, DIM, GREEN, YELLOW, styled};

/// Makes one call: describes, checks, asks where policy says so, sends, scrubs, records.
///
/// At a terminal an action that needs approval shows the exact request and asks. Elsewhere the command exits with
/// status 3 and prints the approval's name.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis run mistral/list-models
  portcullis run mistral/get-model --input '{\"model_id\":\"mistral-small-latest\"}' --json
  echo '{}' | portcullis run mistral/list-files --input -
  portcullis run mistral/list-models --select '$.data[*].id'
  portcullis run mistral/list-models --mode compact --json
  portcullis run mistral/chat-complete --input @chat.json --dry-run")]
pub(super) struct Args {
    /// Which action, such as mistral/list-models.
    #[arg(value_name = "PORT/ACTION")]
    action: ActionId,
    /// Input: JSON, @FILE, or - for standard input.
    #[arg(long, short, value_name = "JSON|@FILE|-", default_value = "{}")]
    input: String,
    /// Show the request and the decision, and send nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    view: ViewArgs,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let (json, token) = (context.json, context.token());
    let view = args.view.parse()?;
    let input = input(&args.input)?;
    let host = context.host()?;
    let caller = Local::new(&host, token.as_ref().map(|t| t.as_str())).await?;
    caller.must(&args.action)?;
    let invocation = Invocation { action: args.action, input, agent: caller.name()? };
    if args.dry_run {
        let plan = dry_run(&host, invocation).await?;
        if json {
            terminal::json(&plan)?;
        } else {
            terminal::say(&plan.shown);
            terminal::note(format_args!("\n{} ({}); nothing was sent", styled(BOLD, plan.decision), plan.rule));
        }
        return Ok(if plan.decision == "denied" { Done::No } else { Done::Well });
    }
    match invoke(&host, invocation).await? {
        Answered::Done(answer) => show(&answer, &view, json),
        // An agent at a terminal of its own would answer its own question.
        Answered::Held(held) if caller.is_operator() && terminal::can_ask() && !json => ask(&host, &held, &view).await,
        Answered::Held(held) => later(&held, json),
    }
}

pub(super) fn input(given: &str) -> Result<String> {
    match given.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("`{path}` cannot be read")),
        None if given == "-" => {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).context("standard input cannot be read")?;
            Ok(text)
        }
        None => Ok(given.to_owned()),
    }
}

/// An answer as `--json` prints it.
#[derive(Serialize)]
struct Report<'a> {
    call: &'a CallId,
    action: &'a ActionId,
    status: u16,
    headers: &'a [(String, String)],
    #[serde(flatten)]
    shaped: Shaped,
    scrubbed: usize,
    duration_us: u64,
    audit: Seq,
}

/// Prints an answer: the result to standard output, the rest beside it.
pub(super) fn show(answer: &Answer, view: &View, json: bool) -> Result<Done> {
    let kept = &answer.kept;
    let shaped = kept.shaped(view);
    if json {
        terminal::json(&Report {
            call: &kept.call,
            action: &answer.action,
            status: kept.status,
            headers: &kept.headers,
            shaped,
            scrubbed: kept.scrubbed,
            duration_us: kept.duration_us,
            audit: answer.audit,
        })?;
    } else {
        super::view::print(&shaped)?;
        if kept.scrubbed > 0 {
            let what = format!("the credential stood in the answer {} times and was taken out", kept.scrubbed);
            terminal::note(styled(YELLOW, what));
        }
        let ms = kept.duration_us as f64 / 1000.0;
        terminal::note(styled(DIM, format_args!("{} in {ms:.1} ms, audit row {}", kept.status, answer.audit)));
    }
    Ok(if kept.status < 400 { Done::Well } else { Done::No })
}

async fn ask(host: &Host, held: &Held, view: &View) -> Result<Done> {
    terminal::note(&held.shown);
    terminal::note(format_args!("\n{} {}", styled(BOLD, "asked because:"), held.rule));
    if terminal::ask(&format!("send exactly this {} to {}?", held.request.method, held.request.origin))? {
        return show(&approve(host, &held.approval, &Approver::Terminal).await?, view, false);
    }
    super::approvals::reject(host, &held.approval, "not approved at the terminal").await?;
    terminal::note("nothing was sent");
    Ok(Done::No)
}

fn later(held: &Held, json: bool) -> Result<Done> {
    if json {
        terminal::json(&json!({"status": "approval-required", "pending": held}))?;
    } else {
        terminal::say(&held.approval);
        terminal::note(format_args!("{} {} ({})", styled(YELLOW, "approval required:"), held.action, held.rule));
        terminal::note(format_args!("  {} portcullis approvals show {}", styled(GREEN, "next:"), held.approval));
    }
    Ok(Done::ApprovalRequired)
}
