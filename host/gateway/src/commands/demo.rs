//! `portcullis demo`: the whole story, on this machine alone.

use anyhow::{Context as _, Result};

use super::Done;
use crate::terminal;

/// Shows the whole story on an embedded loopback service: no account, no network, nothing left behind.
///
/// A plugin is installed, a credential stored, a read made, a request approved and sent, a hostile answer scrubbed,
/// the audit trail verified, and a gallery of hostile plugins stopped, each in its room.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Answer the demo's one question with yes.
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(args: Args) -> Result<Done> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    crate::demo::tell(&program, !args.yes && terminal::can_ask()).await?;
    Ok(Done::Well)
}
