//! `portcullis catalog`: indexes of what publishers offer.

use anyhow::Result;
use portcullis_model::Shown;
use serde_json::json;

use super::{Context, Done, seal};
use crate::terminal;

/// Gets, and as a publisher makes, indexes of what is offered.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis catalog update acme
  portcullis catalog seal index.json --key acme.pem --expires 30d --output index.dsse.json")]
pub(super) enum Verb {
    /// Gets the newest index, from where portcullis.toml lists it under [indexes.NAME].
    Update {
        /// Which index; all that are listed where it is left out.
        name: Option<String>,
    },
    Seal(seal::Args),
}

pub(super) async fn run(verb: Verb, context: Context) -> Result<Done> {
    let as_json = context.json;
    match verb {
        Verb::Update { name } => update(name, context).await,
        Verb::Seal(args) => seal::run(&args, as_json),
    }
}

async fn update(name: Option<String>, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let listed = host.settings().distribution();
    let names: Vec<String> = match name {
        Some(name) => vec![name],
        None => listed.index_names().map(str::to_owned).collect(),
    };
    let mut lines = Vec::new();
    for name in names {
        let source = listed.index(&name)?;
        let index = crate::indexes::refresh(&host, &listed.trust()?, &name, &source).await?;
        if !as_json {
            let (version, expires) = (index.seen().version, index.expires());
            terminal::say(format_args!("{name} version {version}, until {expires}"));
            for entry in index.entries() {
                terminal::say(format_args!(
                    "  {} {}  {}",
                    entry.name,
                    Shown::new(&entry.version),
                    Shown::new(&entry.summary)
                ));
            }
        }
        lines.push(json!({
            "id": name, "version": index.seen().version, "expires": index.expires(), "signedBy": index.signed_by(),
            "entries": index.entries(),
        }));
    }
    if as_json {
        terminal::json(&lines)?;
    }
    Ok(Done::Well)
}
