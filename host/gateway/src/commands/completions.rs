//! `portcullis completions`: completions for a shell.

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, Done};
use crate::terminal;

/// Prints completions for a shell.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  portcullis completions bash > ~/.local/share/bash-completion/completions/portcullis"
)]
pub(super) struct Args {
    /// Which shell.
    shell: Shell,
}

pub(super) fn run(args: Args) -> Result<Done> {
    clap_complete::generate(args.shell, &mut Cli::command(), "portcullis", &mut terminal::Out);
    Ok(Done::Well)
}
