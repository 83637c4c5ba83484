//! `portcullis mcp`: the door for an agent whose program starts this one and speaks MCP with it.

use std::sync::Arc;

use anyhow::Result;
use portcullis_model::{Code, Refusal};
use tokio_util::sync::CancellationToken;

use super::serve::Signals;
use super::{Context, Done};
use crate::doors::{Service, mcp};
use crate::home::Home;
use crate::notify::{self, Desk};
use crate::terminal;

/// Lets one agent in over standard input and output: speaks MCP with the program that started it.
///
/// The agent is the holder of the token in PORTCULLIS_TOKEN. Its tools are the actions it was granted, and one that
/// fetches the results of calls that waited for a person. Ends with its input, after every call is finished.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis agent create helper --actions 'mistral/*'
  PORTCULLIS_TOKEN=… portcullis mcp
  claude mcp add portcullis --env PORTCULLIS_TOKEN=… -- portcullis mcp")]
pub(super) struct Args {}

pub(super) async fn run(_: Args, context: Context) -> Result<Done> {
    let token = context.token().ok_or_else(|| {
        Refusal::new(Code::Unauthenticated, "PORTCULLIS_TOKEN is not set")
            .fix("portcullis agent create NAME, then set PORTCULLIS_TOKEN to the token it prints")
    })?;
    let service = Service::new(Arc::new(context.host()?));
    let agent = service.authenticate(&token).await?.agent()?.clone();
    if terminal::can_ask() {
        let tools = service.tools(&agent)?.len();
        let what = format!("speaking MCP on standard input for agent `{}`, {tools} actions", agent.name());
        terminal::note(format_args!("{what}; a client is meant to start this program; Ctrl-D ends it"));
    }
    let stop = CancellationToken::new();
    let (mut signals, told) = (Signals::listen()?, stop.clone());
    let listening = tokio::spawn(async move {
        signals.next().await;
        told.cancel();
    });
    let tending = tokio::spawn(Arc::clone(&service).tend(stop.clone()));
    let desk = Desk::of(agent.name().clone(), Home::find()?.state())?;
    let telling = tokio::spawn(notify::tell(Arc::clone(&service), desk, stop.clone()));
    let served = mcp::stdio(service, token, stop.clone()).await;
    stop.cancel();
    listening.abort();
    tending.await?;
    telling.await?;
    served?;
    Ok(Done::Well)
}
