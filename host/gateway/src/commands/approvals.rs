//! `portcullis approvals`: what waits for a person.

use anyhow::Result;
use portcullis_model::{Code, Preview, Refusal, Shown};
use portcullis_policy::{
    Approval, ApprovalId, ApprovalState, ApprovalStore as _, Approver, Clock as _, StandingId, Terms,
};
use portcullis_store::ApprovalFilter;
use serde_json::json;

use super::standing::{self, TermsArgs};
use super::view::{self, ViewArgs};
use super::{Context, Done};
use crate::host::Host;
use crate::invoke::{approve_for, unknown_approval};
use crate::shape::{Kept, View};
use crate::terminal::{self, BOLD, RED, YELLOW, styled};

/// Lists, shows and decides what waits for a person.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis approvals list
  portcullis approvals show ID --full
  portcullis approvals approve ID
  portcullis approvals approve ID --yes --select '$.choices[0].message.content'
  portcullis approvals approve ID --for 30m --uses 5 --free /messages
  portcullis approvals standing
  portcullis approvals revoke STD-ID
  portcullis approvals show ID --mode compact --json
  portcullis approvals reject ID --reason 'not this model'")]
pub(super) enum Verb {
    /// Lists approvals, newest first; pending ones unless `--all`.
    List {
        /// Those that are decided too.
        #[arg(long)]
        all: bool,
    },
    /// Shows the exact request, every byte of it, and the answer if there is one.
    Show {
        /// Name of the approval.
        id: ApprovalId,
        /// The whole body, however long.
        #[arg(long)]
        full: bool,
        #[command(flatten)]
        view: ViewArgs,
    },
    /// Shows the request, asks, and sends it once. With `--for` or `--uses`, requests like it are sent without asking
    /// from then on: all of it is fixed but the places named by `--free`.
    Approve {
        /// Name of the approval.
        id: ApprovalId,
        #[command(flatten)]
        terms: TermsArgs,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
        #[command(flatten)]
        view: ViewArgs,
    },
    /// Lists what was approved in advance: what is fixed and free, until when, and how often it was used.
    Standing {
        /// What ended too.
        #[arg(long)]
        all: bool,
    },
    /// Ends an approval that stands; the next such request waits for a person again.
    Revoke {
        /// Name of the standing approval.
        id: StandingId,
    },
    /// Says no.
    Reject {
        /// Name of the approval.
        id: ApprovalId,
        /// Told to whoever asked.
        #[arg(long, default_value = "rejected by the operator")]
        reason: String,
    },
}

pub(super) async fn run(verb: Verb, context: Context) -> Result<Done> {
    let json = context.json;
    let host = context.host()?;
    host.store().prune(host.clock().now_ms(), host.settings().keep_ms())?;
    match verb {
        Verb::List { all } => list(&host, all, json).await,
        Verb::Show { id, full, view } => {
            let view = view.parse()?;
            show(&host, &find(&host, &id).await?, full, &view, json)
        }
        Verb::Approve { id, terms, yes, view } => {
            let view = view.parse()?;
            let terms = terms.parse()?;
            decide(&host, &find(&host, &id).await?, terms.as_ref(), yes, &view, json).await
        }
        Verb::Standing { all } => standing::list(&host, all, json),
        Verb::Revoke { id } => standing::revoke(&host, &id, json).await,
        Verb::Reject { id, reason } => {
            reject(&host, &id, &reason).await?;
            if json {
                terminal::json(&json!({"id": id, "state": "rejected"}))?
            } else {
                terminal::say(format_args!("{id} rejected"))
            }
            Ok(Done::Well)
        }
    }
}

async fn list(host: &Host, all: bool, json: bool) -> Result<Done> {
    let filter = ApprovalFilter { state: (!all).then_some(ApprovalState::Pending), ..ApprovalFilter::default() };
    let lines = host.store().list_approvals(&filter).await?;
    if json {
        terminal::json(&lines)?;
        return Ok(Done::Well);
    }
    if lines.is_empty() {
        terminal::note("nothing waits for approval");
    }
    let row = |line: &portcullis_store::ApprovalLine| {
        vec![
            line.id.to_string(),
            line.state.to_string(),
            line.draft
                .as_ref()
                .map_or_else(|| line.action.to_string(), |draft| format!("{} (test of {draft})", line.action)),
            line.agent.to_string(),
            terminal::moment(line.created_ms),
        ]
    };
    terminal::table(&lines.iter().map(row).collect::<Vec<_>>());
    Ok(Done::Well)
}

async fn find(host: &Host, id: &ApprovalId) -> Result<Approval> {
    Ok(host.store().get(id).await?.ok_or_else(|| unknown_approval(id))?)
}

fn show(host: &Host, held: &Approval, full: bool, view: &View, json: bool) -> Result<Done> {
    let request = host.routed(held);
    let result = held.result.as_deref().and_then(Kept::read).map(|kept| kept.shaped(view));
    if json {
        let request = request.map(|r| Preview::new(&r).data());
        terminal::json(&json!({
            "id": held.id, "state": held.state, "action": held.action, "agent": held.agent, "rule": held.rule,
            "digest": held.digest, "fingerprint": held.fingerprint.digest(), "created_ms": held.created_ms,
            "expires_ms": held.expires_ms, "decided_ms": held.decided_ms, "reason": held.reason, "draft": held.draft,
            "request": request.as_ref().ok(), "problem": request.as_ref().err(), "result": result,
        }))?;
        return Ok(Done::Well);
    }
    let field = |name: &str, value: &dyn std::fmt::Display| {
        terminal::say(format_args!("{} {value}", styled(BOLD, format_args!("{name:<9}"))))
    };
    if let Some(draft) = &held.draft {
        let what = format!("a test of draft {draft}, which agent `{}` proposes and which is not installed", held.agent);
        terminal::say(styled(YELLOW, what));
    }
    field("approval", &held.id);
    field("state", &held.state);
    field("action", &held.action);
    field("agent", &held.agent);
    field("rule", &held.rule);
    field("plugin", &held.digest);
    field("expires", &terminal::moment(held.expires_ms));
    if let Some(reason) = &held.reason {
        field("reason", &Shown::new(reason).limit_bytes(1000));
    }
    terminal::say("");
    match request {
        Ok(request) => {
            let preview = Preview::new(&request);
            terminal::say(if full { preview.whole() } else { preview });
        }
        Err(refusal) => terminal::say(styled(RED, refusal.message())),
    }
    if let Some(result) = &result {
        terminal::say(format_args!("\n{}", styled(BOLD, "answer")));
        view::print(result)?;
    }
    Ok(Done::Well)
}

async fn decide(
    host: &Host,
    held: &Approval,
    terms: Option<&Terms>,
    yes: bool,
    view: &View,
    json: bool,
) -> Result<Done> {
    if !yes {
        if !terminal::can_ask() {
            let refusal = Refusal::new(Code::ApprovalRequired, "nobody can be asked here");
            let terms = terms.map_or_else(String::new, standing::typed);
            return Err(refusal.fix(format!("portcullis approvals approve {}{terms} --yes", held.id)).into());
        }
        if held.state == ApprovalState::Pending && host.clock().now_ms() < held.expires_ms {
            show(host, held, true, view, false)?;
            terminal::note("");
            if let Some(terms) = terms {
                standing::show_terms(host, held, terms)?;
            }
            // Said again at the end: a long body can have scrolled the first line away.
            let what = match terms {
                None if held.draft.is_some() => "send exactly this, to test a draft that is not installed?".to_owned(),
                None => format!("send exactly this, for {}?", held.action),
                Some(_) => format!("send this, and what differs as said, for {}?", held.action),
            };
            if !terminal::ask(&styled(YELLOW, what))? {
                terminal::note("nothing was sent; it still waits");
                return Ok(Done::No);
            }
        }
    }
    let answer = approve_for(host, &held.id, &Approver::Terminal, terms).await;
    if terms.is_some() {
        standing::say_made(host, &held.id)?;
    }
    super::run::show(&answer?, view, json)
}

/// Says no to an approval that still waits.
pub(super) async fn reject(host: &Host, id: &ApprovalId, reason: &str) -> Result<()> {
    if host.store().reject(id, reason, &Approver::Terminal, host.clock().now_ms()).await? {
        return Ok(());
    }
    let held = find(host, id).await?;
    Err(Refusal::new(Code::ApprovalUsed, format!("the approval is `{}` already", held.state)).into())
}
