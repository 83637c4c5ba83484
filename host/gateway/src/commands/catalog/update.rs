//! `portcullis catalog update`: gets the newest signed indexes.

use anyhow::Result;
use portcullis_model::Shown;
use serde_json::json;

use super::super::{Context, Done};
use crate::indexes;
use crate::terminal;

/// Gets the newest indexes, from where portcullis.toml lists them. One that is older than any seen before is refused.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  portcullis catalog update\n  portcullis catalog update acme --json")]
pub(crate) struct Args {
    /// Which index; all that are listed where it is left out.
    name: Option<String>,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let listed = host.settings().distribution();
    let names: Vec<String> = match args.name {
        Some(name) => vec![name],
        None => listed.index_names().map(str::to_owned).collect(),
    };
    let mut lines = Vec::new();
    for name in names {
        let index = indexes::refresh(&host, &host.trust()?, &name, &listed.index(&name)?).await?;
        if !as_json {
            let (version, expires, by) = (index.seen().version, index.expires(), index.signed_by());
            terminal::say(format_args!("{name} version {version}, until {expires}, signed by `{}`", by.who.name()));
            let rows = index.entries().iter().map(|entry| {
                vec![
                    format!("  {name}/{}", entry.name),
                    Shown::new(&entry.version).limit_bytes(60).to_string(),
                    Shown::new(&entry.summary).limit_bytes(200).to_string(),
                ]
            });
            terminal::table(&rows.collect::<Vec<_>>());
        }
        lines.push(json!({
            "id": name, "version": index.seen().version, "expires": index.expires(), "signedBy": index.signed_by(),
            "entries": index.entries(),
        }));
    }
    if as_json {
        terminal::json(&lines)?;
    } else if lines.is_empty() {
        terminal::note("no index is listed\n  next: set [indexes.NAME] in portcullis.toml");
    }
    Ok(Done::Well)
}
