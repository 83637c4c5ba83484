//! `portcullis catalog`: the integrations that can be installed by name.

mod list;
mod seal;
mod show;
mod update;
mod validate;

use anyhow::Result;
use clap::Subcommand;

use super::{Context, Done};

/// Integrations that can be installed by name: those that come with this program, and those of your signed indexes.
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  portcullis catalog list
  portcullis catalog show slack-web-api
  portcullis catalog validate ./my-service.json")]
pub(super) enum Verb {
    /// Lists them; indexes are fetched anew first.
    List(list::Args),
    /// Lists those that have all the given words in their name, summary or tags.
    Search(list::SearchArgs),
    /// Shows what one could ever send, without installing it.
    Show(show::Args),
    /// Holds documents to every rule and names each problem with its place.
    Validate(validate::Args),
    Update(update::Args),
    Seal(seal::Args),
}

pub(super) async fn run(verb: Verb, context: Context) -> Result<Done> {
    match verb {
        Verb::List(args) => list::run(args, context).await,
        Verb::Search(args) => list::search(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Validate(args) => validate::run(&args, &context),
        Verb::Update(args) => update::run(args, context).await,
        Verb::Seal(args) => seal::run(&args, &context),
    }
}
