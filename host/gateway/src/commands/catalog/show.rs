//! `portcullis catalog show`: what an integration could ever send, before anything of it is installed.

use anyhow::Result;

use super::super::{Context, Done, inspect};

/// Shows an integration.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  portcullis catalog show slack-web-api")]
pub(crate) struct Args {
    /// A name of the catalog, or INDEX/NAME.
    name: String,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    inspect::named(&args.name, context).await
}
