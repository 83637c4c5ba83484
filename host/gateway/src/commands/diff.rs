//! `portcullis diff`: what changes about what could be sent, from one plugin to another.

use anyhow::Result;
use portcullis_model::{Change, Manifest, Weight};
use serde_json::json;

use super::{Context, Done, changes};
use crate::host::Host;
use crate::install::Candidate;
use crate::obtain::obtain;
use crate::terminal;

/// Compares two plugins by what they could ever send, the heaviest change first.
///
/// Exits with status 1 where the new one could send more than the old one, or elsewhere.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis diff mistral ./mistral-2.wasm
  portcullis diff old.json new.json --json")]
pub(super) struct Args {
    /// An installed port, or whatever `install` takes.
    #[arg(value_name = "OLD")]
    old: String,
    /// The same.
    #[arg(value_name = "NEW")]
    new: String,
}

struct Side {
    manifest: Manifest,
    tier: String,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let (old, new) = (side(&host, &args.old).await?, side(&host, &args.new).await?);
    let mut list = Change::between(&old.manifest, &new.manifest);
    list.extend(Change::of_tier(&old.tier, &new.tier));
    list.sort();
    let widened = changes::widen(&list);
    if as_json {
        let count = |weight| list.iter().filter(|change| change.weight == weight).count();
        terminal::json(&json!({
            "widened": count(Weight::Widened), "narrowed": count(Weight::Narrowed), "wording": count(Weight::Wording),
            "changes": list,
        }))?;
    } else if list.is_empty() {
        terminal::say("nothing changes about what could be sent");
    } else {
        changes::print(&list);
    }
    Ok(if widened { Done::No } else { Done::Well })
}

async fn side(host: &Host, what: &str) -> Result<Side> {
    if !std::path::Path::new(what).is_file()
        && let Ok(slug) = what.parse()
        && let Some(installed) = host.store().installed(&slug)?
    {
        return Ok(Side { manifest: crate::host::checked(installed.manifest)?, tier: installed.line.tier });
    }
    let candidate = Candidate::examine(host, obtain(host, what).await?, None)?;
    let tier = candidate.plugin().census().tier.to_string();
    Ok(Side { manifest: candidate.port().manifest().clone(), tier })
}
