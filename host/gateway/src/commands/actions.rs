//! `portcullis actions`: what can be called.

use anyhow::Result;
use portcullis_model::{ActionId, ActionSlug, PortSlug};
use portcullis_policy::unattended_by_default;
use portcullis_registry::ResolvedAction;
use serde_json::{Value, json};

use super::{Context, Done};
use crate::doors::Local;
use crate::host::Host;
use crate::terminal::{self, BOLD, styled};

/// Lists actions; with `--show`, one action with its input schema and examples.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  portcullis actions\n  portcullis actions mistral --show chat-complete")]
pub(super) struct Args {
    /// Only of this port.
    port: Option<PortSlug>,
    /// One action of the port, in full.
    #[arg(long, requires = "port", value_name = "ACTION")]
    show: Option<ActionSlug>,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let (as_json, token) = (context.json, context.token());
    let host = context.host()?;
    let caller = Local::new(&host, token.as_ref().map(|t| t.as_str())).await?;
    if let (Some(port), Some(slug)) = (&args.port, &args.show) {
        caller.must(&ActionId { port: port.clone(), action: slug.clone() })?;
        let port = host.port(port)?;
        show(&host, port.resolve(slug)?, as_json)?;
        return Ok(Done::Well);
    }
    let ports = match args.port {
        Some(port) => vec![port],
        None => host.store().installed_all()?.into_iter().map(|line| line.port).collect(),
    };
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for slug in ports {
        for action in host.port(&slug)?.actions().filter(|action| caller.may(&action.binding().id())) {
            let declared = action.binding().action();
            rows.push(vec![
                action.binding().id().to_string(),
                declared.method.to_string(),
                declared.path.to_string(),
                declared.effect.to_string(),
                approval(&host, action),
            ]);
            lines.push(facts(&host, action));
        }
    }
    if as_json {
        terminal::json(&lines)?
    } else {
        terminal::table(&rows)
    }
    Ok(Done::Well)
}

/// What holds for an action, and whether the operator said so.
fn approval(host: &Host, action: &ResolvedAction) -> String {
    let (id, declared) = (action.binding().id(), action.binding().action());
    let by = if host.rules().of(&id).is_some() { " (operator)" } else { "" };
    format!("{}{by}", host.approval_mode(&id, unattended_by_default(declared)))
}

fn facts(host: &Host, action: &ResolvedAction) -> Value {
    let declared = action.binding().action();
    json!({
        "id": action.binding().id(), "label": declared.label, "description": declared.description,
        "method": declared.method, "path": declared.path, "effect": declared.effect,
        "approval": approval(host, action), "traits": declared.traits,
    })
}

fn show(host: &Host, action: &ResolvedAction, as_json: bool) -> Result<()> {
    let declared = action.binding().action();
    if as_json {
        let mut all = facts(host, action);
        all["inputSchema"] = declared.input_schema.clone();
        all["examples"] = declared.examples.iter().map(|e| json!({"title": e.title, "input": e.input})).collect();
        return terminal::json(&all);
    }
    terminal::say(format_args!("{}  {} {}", styled(BOLD, action.binding().id()), declared.method, declared.path));
    terminal::say(format_args!("{}, {}", declared.effect, approval(host, action)));
    terminal::say(format_args!("\n{}\n\n{}", declared.description, styled(BOLD, "input")));
    terminal::json(&declared.input_schema)?;
    terminal::say(format_args!("\n{}", styled(BOLD, "examples")));
    for example in &declared.examples {
        terminal::say(format_args!("# {}", example.title));
        terminal::say(format_args!("portcullis run {} --input '{}'", action.binding().id(), example.input));
    }
    Ok(())
}
