//! `portcullis operator`: tokens by which the operator decides through the HTTP door.
//!
//! They approve, reject and read the audit log. None of them can call an action.

use anyhow::Result;
use portcullis_model::{AgentName, Grants};
use portcullis_store::TokenKind;

use super::agent::{create, list, revoke};
use super::{Context, Done};

/// Makes, lists and revokes the operator's tokens for the HTTP door. None of them can call actions.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis operator create desk --ttl 12h
  portcullis operator list
  portcullis operator revoke desk")]
pub(super) enum Verb {
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
        Verb::Create { name, ttl } => create(&host, TokenKind::Operator, &name, Grants::default(), false, &ttl, json),
        Verb::List => list(&host, TokenKind::Operator, json),
        Verb::Revoke { name } => revoke(&host, TokenKind::Operator, &name, json),
    }
}
