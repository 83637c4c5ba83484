//! `portcullis draft`: what agents propose, and the operator's yes or no to it.

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use portcullis_model::{ActionId, Code, Detail, Digest, Refusal, Shown};
use portcullis_policy::{Approver, DraftId};
use portcullis_store::{Draft, DraftFilter, DraftLine, DraftState};
use serde_json::{Value, json};

use super::{Context, Done};
use crate::drafts::{self, Compared, Kind};
use crate::host::Host;
use crate::terminal::{self, BOLD, DIM, GREEN, RED, YELLOW, styled};

/// Lists, shows, publishes and rejects actions that agents propose.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis agent create builder --propose mistral
  portcullis draft list
  portcullis draft diff ID
  portcullis draft publish ID
  portcullis draft publish ID --yes --digest sha256:…
  portcullis draft reject ID --reason 'use the path of version 2'")]
pub(super) enum Verb {
    /// Lists drafts, newest first; undecided ones unless `--all`.
    List {
        /// Those that are decided too.
        #[arg(long)]
        all: bool,
    },
    /// Shows a draft in its agent's words, and what keeps it from being an action.
    Show {
        /// Name of the draft.
        id: DraftId,
    },
    /// Shows everything that a draft could send, beside what is live under its name.
    Diff {
        /// Name of the draft.
        id: DraftId,
    },
    /// Shows the difference, asks, and makes an action of a draft that was requested.
    Publish {
        /// Name of the draft.
        id: DraftId,
        /// Do not ask. Needs `--digest`: a yes is to what was looked at.
        #[arg(long, short, requires = "digest")]
        yes: bool,
        /// The content that was looked at, as `draft diff` shows it; another is not published.
        #[arg(long)]
        digest: Option<Digest>,
    },
    /// Says no.
    Reject {
        /// Name of the draft.
        id: DraftId,
        /// Told to whoever proposed it.
        #[arg(long, default_value = "rejected by the operator", value_parser = NonEmptyStringValueParser::new())]
        reason: String,
    },
    /// Takes an action out of its port again that a published draft added.
    Retract {
        /// Which action, such as mistral/list-batches.
        #[arg(value_name = "PORT/ACTION")]
        action: ActionId,
    },
}

pub(super) async fn run(verb: Verb, context: Context) -> Result<Done> {
    let json = context.json;
    let host = context.host()?;
    match verb {
        Verb::List { all } => list(&host, all, json),
        Verb::Show { id } => show(&host, &drafts::find(&host, &id)?, json),
        Verb::Diff { id } => {
            let compared = drafts::compared(&host, &id)?;
            if json {
                terminal::json(&difference(&compared))?
            } else {
                print(&compared)
            }
            Ok(Done::Well)
        }
        Verb::Publish { id, yes, digest } => publish(&host, &id, yes, digest, json).await,
        Verb::Reject { id, reason } => {
            let line = drafts::reject(&host, &id, &Approver::Terminal, &reason).await?;
            if json {
                terminal::json(&line)?
            } else {
                terminal::say(format_args!("{id} rejected"))
            }
            Ok(Done::Well)
        }
        Verb::Retract { action } => retract(&host, &action, json),
    }
}

fn retract(host: &Host, id: &ActionId, json: bool) -> Result<Done> {
    if !drafts::retract(host, &id.port, &id.action, &Approver::Terminal)? {
        let refusal = Refusal::new(Code::UnknownAction, format!("no draft added `{id}`"));
        return Err(refusal.fix(format!("portcullis inspect {}", id.port)).into());
    }
    if json {
        terminal::json(&json!({"id": id, "retracted": true}))?
    } else {
        terminal::say(format_args!("{id} is gone"))
    }
    Ok(Done::Well)
}

fn list(host: &Host, all: bool, json: bool) -> Result<Done> {
    let mut lines = host.store().drafts(&DraftFilter::default())?;
    lines.retain(|line| all || line.state.is_undecided());
    if json {
        terminal::json(&lines)?;
        return Ok(Done::Well);
    }
    if lines.is_empty() {
        terminal::note("no agent proposes anything\n  next: portcullis agent create NAME --propose PORT");
    }
    let row = |line: &DraftLine| {
        vec![
            line.id.to_string(),
            line.state.to_string(),
            format!("{}/{}", line.port, line.action),
            line.agent.to_string(),
            terminal::moment(line.updated_ms),
        ]
    };
    terminal::table(&lines.iter().map(row).collect::<Vec<_>>());
    Ok(Done::Well)
}

fn show(host: &Host, draft: &Draft, json: bool) -> Result<Done> {
    let line = &draft.line;
    let template = draft.template.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let problems = if line.state.is_undecided() { problems(host, draft) } else { Vec::new() };
    if json {
        let mut all = json!(line);
        (all["template"], all["problems"]) = (json!(template), json!(problems));
        terminal::json(&all)?;
        return Ok(Done::Well);
    }
    head(line);
    field("made", &terminal::moment(line.created_ms));
    field("changed", &terminal::moment(line.updated_ms));
    if let Some(by) = &line.by {
        field("decided", &format_args!("by {by}"));
    }
    if let Some(reason) = &line.reason {
        field("reason", &Shown::new(reason).limit_bytes(1000));
    }
    match template {
        Some(template) => {
            terminal::say(format_args!("\n{}", styled(BOLD, format_args!("in the words of agent `{}`", line.agent))));
            for text in serde_json::to_string_pretty(&template)?.split('\n') {
                terminal::say(format_args!("| {}", Shown::new(text).limit_bytes(usize::MAX)));
            }
        }
        None => terminal::say(styled(DIM, "\nits content is not kept any more")),
    }
    if !problems.is_empty() {
        terminal::say(format_args!("\n{}", styled(RED, "it is no action yet")));
    }
    for problem in &problems {
        terminal::say(format_args!(
            "  at {}: {}",
            Shown::new(&problem.at),
            Shown::new(&problem.what).limit_bytes(1000)
        ));
    }
    Ok(Done::Well)
}

/// What keeps a draft from being an action. That it cannot be examined does not keep it from being shown.
fn problems(host: &Host, draft: &Draft) -> Vec<Detail> {
    match drafts::examined(host, draft) {
        Ok(examined) => examined.err().unwrap_or_default(),
        Err(refusal) if refusal.places().is_empty() => vec![Detail { at: String::new(), what: refusal.to_string() }],
        Err(refusal) => refusal.places().to_vec(),
    }
}

fn field(name: &str, value: &dyn std::fmt::Display) {
    terminal::say(format_args!("{} {value}", styled(BOLD, format_args!("{name:<9}"))));
}

fn head(line: &DraftLine) {
    field("draft", &line.id);
    field("state", &line.state);
    field("action", &format_args!("{}/{}", line.port, line.action));
    field("agent", &line.agent);
    field("digest", &line.digest);
}

fn difference(compared: &Compared) -> Value {
    let Compared { line, origin, credential, difference } = compared;
    let lines = difference.lines.iter().map(|line| json!({"kind": line.kind.as_str(), "text": line.text}));
    json!({
        "id": line.id, "action": format!("{}/{}", line.port, line.action), "digest": line.digest, "origin": origin,
        "credential": credential,        "live": difference.live, "lines": lines.collect::<Vec<_>>(),
    })
}

/// Prints all that the action could send; its agent's words stand behind a sign.
fn print(Compared { line, origin, credential, difference }: &Compared) {
    head(line);
    field("origin", origin);
    field("carries", credential);
    let what = if difference.live { "what changes of the action that is live" } else { "a new action" };
    terminal::say(format_args!("\n{}", styled(BOLD, format_args!("{what}, in the words of agent `{}`", line.agent))));
    for line in &difference.lines {
        let text = format!("{} {}", line.kind.sign(), line.text);
        match line.kind {
            Kind::Same => terminal::say(text),
            Kind::Added => terminal::say(styled(GREEN, text)),
            Kind::Removed => terminal::say(styled(RED, text)),
        }
    }
}

async fn publish(host: &Host, id: &DraftId, yes: bool, digest: Option<Digest>, json: bool) -> Result<Done> {
    let seen = match digest {
        Some(digest) if yes => digest,
        _ if !terminal::can_ask() => {
            return Err(Refusal::new(Code::ApprovalRequired, "nobody can be asked here, so nothing was published")
                .fix(format!("portcullis draft diff {id}, then publish with --yes and the --digest that it shows"))
                .into());
        }
        digest => {
            let compared = drafts::compared(host, id)?;
            if compared.line.state != DraftState::Requested {
                let state = portcullis_store::DraftError::State(compared.line.state);
                return Err(drafts::refusal(state, Some(id)).into());
            }
            print(&compared);
            let what = format!("\nadd {}/{} to what can be called?", compared.line.port, compared.line.action);
            if !terminal::ask(&styled(YELLOW, what))? {
                terminal::note("nothing was published; it still waits");
                return Ok(Done::No);
            }
            digest.unwrap_or(compared.line.digest)
        }
    };
    let line = drafts::publish(host, id, seen, &Approver::Terminal).await?;
    if json {
        terminal::json(&line)?;
        return Ok(Done::Well);
    }
    terminal::say(styled(GREEN, format_args!("{}/{} is published", line.port, line.action)));
    terminal::note(format_args!("  next: portcullis run {}/{} --dry-run", line.port, line.action));
    Ok(Done::Well)
}
