//! `portcullis operator`: tokens and links by which the operator decides through the HTTP door.
//!
//! They approve, reject and read the audit log. None of them can call an action.

use anyhow::{Context as _, Result};
use portcullis_model::{AgentName, Code, Refusal};
use portcullis_store::TokenKind;
use serde_json::json;
use url::Url;

use super::agent::{Rights, create, list, revoke};
use super::{Context, Done};
use crate::doors::Link;
use crate::home::Home;
use crate::host::Host;
use crate::notify::Desk;
use crate::terminal;

/// Makes links to the operator's page, and makes, lists and revokes the operator's tokens for the HTTP door. None of them
/// can call actions.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis operator link
  portcullis operator create desk --ttl 12h
  portcullis operator list
  portcullis operator revoke desk")]
pub(super) enum Verb {
    /// Prints a link to the page of a running `serve`: good once, for ten minutes.
    Link {
        /// Where that page stands, instead of `page` or `listen` under [doors].
        #[arg(long, value_name = "URL")]
        at: Option<Url>,
    },
    /// Makes a token and prints it, once.
    Create {
        /// Its name, as the audit log will show it. A name is never used twice.
        name: AgentName,
        /// How long it is good, such as 12h, or `never`.
        #[arg(long, value_name = "TIME", default_value = "12h")]
        ttl: String,
    },
    /// Lists them; the tokens themselves are not kept.
    List,
    /// Ends one at once.
    Revoke {
        /// Its name.
        name: AgentName,
    },
}

pub(super) fn run(verb: Verb, context: Context) -> Result<Done> {
    let json = context.json;
    let host = context.host()?;
    match verb {
        Verb::Link { at } => link(&host, at.as_ref(), json),
        Verb::Create { name, ttl } => create(&host, TokenKind::Operator, &name, Rights::default(), &ttl, json),
        Verb::List => list(&host, TokenKind::Operator, json),
        Verb::Revoke { name } => revoke(&host, TokenKind::Operator, &name, json),
    }
}

/// Prints a link, and where it leads to is the caller's word or the settings'.
fn link(host: &Host, at: Option<&Url>, json: bool) -> Result<Done> {
    let doors = &host.settings().doors;
    let serves = Desk::address(Home::find()?.state()).context("whether somebody serves cannot be told")?;
    let base = match (at, &doors.page, &serves) {
        (Some(at), _, _) => at.to_string(),
        (None, Some(page), _) => page.clone(),
        (None, None, Some(url)) => url.clone(),
        // A link to where nobody of ours listens would be handed to whoever does.
        (None, None, None) => {
            return Err(Refusal::new(Code::NotFound, "nobody serves here, so a link leads nowhere")
                .fix("portcullis serve")
                .into());
        }
    };
    let link = Link::make(host)?;
    let url = link.url(&base);
    if json {
        terminal::json(&json!({"link": url, "expires_ms": link.expires_ms()}))?;
    } else {
        terminal::say(url);
        terminal::note("the link is good once, for ten minutes, while `portcullis serve` runs");
    }
    Ok(Done::Well)
}
