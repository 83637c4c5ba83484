//! `portcullis upgrade`: puts a newer plugin in the place of an installed one, after showing what changes.

use std::path::PathBuf;

use anyhow::Result;
use portcullis_model::{Code, PortSlug, Refusal};
use serde_json::json;

use super::{Context, Done, changes, install::candidate, install::consent};
use crate::install::install;
use crate::source::Source;
use crate::terminal::{self, GREEN, styled};

/// Upgrades a port from where it came from, or from elsewhere.
///
/// Shows what changes about what it could ever send. What widens that is asked about; what narrows it is done at once.
/// Standing approvals of the port end in either case: they were given for the other bytes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis upgrade slack-web-api
  portcullis upgrade mistral --from ./mistral-2.wasm
  portcullis upgrade weather --from registry.example/acme/weather:1.3 --json")]
pub(super) struct Args {
    /// Which port.
    port: PortSlug,
    /// From where, as `install` takes it; where the port came from if left out.
    #[arg(long, value_name = "NAME|FILE|REF|URL")]
    from: Option<String>,
    /// A review of the new bytes, as `attest` makes it, by somebody listed under [reviews] in portcullis.toml.
    #[arg(long, value_name = "FILE")]
    review: Option<PathBuf>,
    /// Do not ask, whatever it widens.
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let Args { port, from, review, yes } = args;
    let Some(installed) = host.store().installed(&port)? else {
        let refusal = Refusal::new(Code::UnknownAction, format!("no port `{port}` is installed"));
        return Err(refusal.fix("portcullis ports").into());
    };
    let from = match from {
        Some(from) => from,
        None => wanted(&port, &installed.line.source)?,
    };
    let candidate = candidate(&host, &from, Some(port.clone()), review.as_deref()).await?;
    let list = candidate.changes().unwrap_or_default();
    let (old, new) = (installed.line.version, candidate.port().manifest().version().to_owned());
    if candidate.is_installed() && list.is_empty() {
        if as_json {
            terminal::json(&json!({"id": port, "upgraded": false, "version": old, "changes": list}))?;
        } else {
            terminal::say(format_args!("{port} is what {from} has, version {old}"));
        }
        return Ok(Done::Well);
    }
    if !as_json {
        terminal::say(format_args!("{port}: version {old} -> {new}, from {}", candidate.source()));
        changes::print(&list);
    }
    if changes::widen(&list) && !yes {
        let again = format!("portcullis upgrade {port} --from {from} --yes");
        if !consent("it could send more than before, or elsewhere; upgrade?", "nothing was changed", &again)? {
            return Ok(Done::No);
        }
    }
    install(&host, &candidate, true)?;
    if as_json {
        let digest = candidate.plugin().digest();
        terminal::json(&json!({
            "id": port, "upgraded": true, "version": new, "digest": digest, "replaced": installed.line.digest,
            "changes": list,
        }))?;
    } else {
        terminal::say(styled(GREEN, format_args!("{port} is upgraded to version {new}")));
    }
    Ok(Done::Well)
}

/// Where the port came from, as it can be typed.
fn wanted(port: &PortSlug, source: &str) -> Result<String, Refusal> {
    source.parse::<Source>().ok().and_then(|source| source.wanted()).ok_or_else(|| {
        let what = format!("`{port}` was installed from a {source}, whose place is not kept");
        Refusal::new(Code::BadRequest, what).fix(format!("portcullis upgrade {port} --from FILE"))
    })
}
