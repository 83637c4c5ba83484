//! `portcullis remove`: takes a plugin out.

use anyhow::Result;
use portcullis_model::{Code, PortSlug, Refusal};
use serde_json::json;

use super::{Context, Done};
use crate::terminal;

/// Removes an installed plugin. Its credential stays until `secret remove`; the audit log stays.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  portcullis remove mistral --yes")]
pub(super) struct Args {
    /// Which port.
    port: PortSlug,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let port = args.port;
    if !args.yes {
        if !terminal::can_ask() {
            let refusal = Refusal::new(Code::ApprovalRequired, "nobody can be asked here, so nothing was removed");
            return Err(refusal.fix(format!("portcullis remove {port} --yes")).into());
        }
        if !terminal::ask(&format!("remove {port}?"))? {
            return Ok(Done::No);
        }
    }
    if !host.store().remove(&port)? {
        return Err(Refusal::new(Code::UnknownAction, format!("no port `{port}` is installed"))
            .fix("portcullis ports")
            .into());
    }
    if as_json {
        terminal::json(&json!({"id": port, "removed": true}))?
    } else {
        terminal::say(format_args!("{port} is removed"))
    }
    Ok(Done::Well)
}
