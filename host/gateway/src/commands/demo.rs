//! demo
use anyhow::Result;
use super::Done;
/// x
#[derive(clap::Args)]
pub(super) struct Args {}
pub(super) async fn run(_: Args) -> Result<Done> { Ok(Done::Well) }
