//! `portcullis policy explain`: how a call would be decided, and why.

use anyhow::Result;
use portcullis_model::{ActionId, AgentName, Shown};
use portcullis_policy::{Explanation, Voices};
use portcullis_store::TokenKind;

use super::{Context, Done, moment};
use crate::doors::OPERATOR;
use crate::host::Host;
use crate::invoke::{Invocation, explain, stood_for};
use crate::terminal::{self, BOLD, RED, YELLOW, styled};

/// Which call, by whom, when.
#[derive(clap::Args)]
pub(in crate::commands) struct Args {
    /// Which action, such as mistral/chat-complete.
    #[arg(value_name = "PORT/ACTION")]
    action: ActionId,
    /// Which agent would call.
    #[arg(long, default_value = OPERATOR)]
    agent: AgentName,
    /// Input: JSON, @FILE, or - for standard input.
    #[arg(long, short, value_name = "JSON|@FILE|-", default_value = "{}")]
    input: String,
    /// When: a moment with an offset, or in the rules' time zone. Now, if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

pub(super) fn run(args: Args, context: Context) -> Result<Done> {
    let json = context.json;
    let input = super::super::run::input(&args.input)?;
    let host = context.host()?;
    let rules = host.rules();
    let at = args.at.as_deref().map(|text| moment(&rules, text)).transpose()?;
    let invocation = Invocation { action: args.action, input, agent: args.agent };
    let why = explain(&host, &rules, &invocation, at, None)?;
    if json {
        terminal::json(&why)?;
    } else {
        print(&why);
        remarks(&host, invocation, args.at.is_none())?;
    }
    Ok(if why.decision == "denied" { Done::No } else { Done::Well })
}

/// What rules do not know: whether there is such an agent, may it call this at all, and does anything stand for it.
fn remarks(host: &Host, invocation: Invocation, now: bool) -> Result<()> {
    let Invocation { action, agent, .. } = &invocation;
    if agent.as_str() != OPERATOR {
        let tokens = host.store().tokens(TokenKind::Agent)?;
        match tokens.iter().find(|token| &token.name == agent) {
            None => terminal::note(format_args!("there is no agent `{agent}`: portcullis agent list")),
            Some(token) if !token.grants.allow(action) => {
                terminal::note(format_args!("`{agent}` was not given `{action}`, so the call would be refused before"));
            }
            Some(_) => {}
        }
    }
    if now
        && let Ok(found) = stood_for(host, invocation)
        && let Some(standing) = found
    {
        terminal::note(format_args!("{standing}: it would be sent without asking"));
    }
    Ok(())
}

fn print(why: &Explanation) {
    let field = |name: &str, value: &str| {
        terminal::say(format_args!("{} {}", styled(BOLD, format_args!("{name:<16}")), Shown::block(value)));
    };
    field("decision", why.decision);
    field("because", &why.rule);
    field("invoke", &voices(&why.invoke));
    field("invokeUnattended", &voices(&why.unattended));
    for error in &why.errors {
        field("error", &styled(RED, error));
    }
    for unheld in &why.unheld {
        field("cannot hold", &styled(YELLOW, unheld));
    }
    for note in &why.shadow {
        field("on trial", note);
    }
    field("policy", &why.policy.to_string());
    terminal::note("nothing was sent; --json shows the fields of the call that rules look at");
}

fn voices(voices: &Voices) -> String {
    let list = |names: &[String]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let word = if voices.permitted { "permitted" } else { "not permitted" };
    format!("{word} (for: {}; against: {})", list(&voices.permits), list(&voices.forbids))
}
