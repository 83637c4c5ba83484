//! `portcullis serve`: opens the HTTP door, and closes it without cutting a call in two.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use portcullis_store::TokenKind;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Context, Done};
use crate::doors::{Link, Service, http};
use crate::home::Home;
use crate::notify::{self, Desk};
use crate::terminal::{self, BOLD, GREEN, styled};

/// Serves agents over HTTP: the API under /v1, described at /openapi.json, and MCP at /mcp. And the operator: a page
/// at /, for which a one-time link is printed.
///
/// Ends at Ctrl-C or a termination signal: no call is taken any more, those that run are finished and recorded. A
/// second signal ends at once; what was being sent then reads as unknown.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis serve
  portcullis serve --listen 127.0.0.1:0 --json      a free port, printed as JSON
  curl -H \"authorization: Bearer $PORTCULLIS_TOKEN\" http://127.0.0.1:11821/v1/ports")]
pub(super) struct Args {
    /// Address and port, instead of `listen` under [doors].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Leave the operator's page out: only the API and MCP are served.
    #[arg(long)]
    no_page: bool,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let json = context.json;
    // Before anything is open: a signal that comes early is not lost.
    let mut signals = Signals::listen()?;
    let service = Service::new(Arc::new(context.host()?));
    let address = args.listen.unwrap_or(service.settings().listen);
    let listener = http::open(service.settings(), address).await?;
    let url = format!("{}://{}", listener.scheme(), listener.address());
    let link = if args.no_page {
        None
    } else {
        service.stands_at(&url);
        let base = service.settings().page.clone().unwrap_or_else(|| url.clone());
        Some(tokio::task::block_in_place(|| Link::make(service.host()))?.url(&base))
    };
    if service.host().store().installed_all()?.is_empty() {
        terminal::note(format_args!("nothing is installed; {} portcullis install mistral", styled(GREEN, "next:")));
    }
    if service.host().store().tokens(TokenKind::Agent)?.is_empty() {
        terminal::note(format_args!(
            "no agent has a token yet; {} portcullis agent create NAME",
            styled(GREEN, "next:")
        ));
    }
    terminal::note(format_args!("{} {url}", styled(BOLD, "listening on")));
    if let Some(link) = &link {
        terminal::note(format_args!("{} {link}", styled(BOLD, "the operator's page:")));
        terminal::note("  the link is good once, for ten minutes; portcullis operator link prints another");
    }
    if json {
        terminal::say(json!({ "listening": url, "link": link }));
    }

    let stop = CancellationToken::new();
    let tending = tokio::spawn(Arc::clone(&service).tend(stop.clone()));
    let desk = Desk::of_all(Home::find()?.state(), &url).context("the lock of those who serve cannot be had")?;
    let telling = tokio::spawn(notify::tell(Arc::clone(&service), desk, stop.clone()));
    let mut serving = tokio::spawn(http::serve(Arc::clone(&service), listener, !args.no_page, stop.clone()));
    tokio::select! {
        () = signals.next() => {}
        // It ends by itself only by breaking, and a program without its door would be of no use to anybody.
        broken = &mut serving => return broken.context("the door broke").map(|()| Done::No),
    }
    let running = service.running();
    terminal::note(format_args!("closing; calls to finish: {running} (a second signal ends them as they are)"));
    let in_haste = tokio::spawn(async move {
        signals.next().await;
        std::process::exit(1);
    });
    stop.cancel();
    // A call whose client has gone belongs to no connection, so both are waited for.
    service.drain().await;
    serving.await.context("the door broke")?;
    tending.await.context("the door's keeper broke")?;
    telling.await.context("whoever tells of approvals broke")?;
    in_haste.abort();
    Ok(Done::Well)
}

/// What ends the program: Ctrl-C, and where there are signals, a polite one to terminate.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> Result<Self> {
        Ok(Self {})
    }

    pub(super) async fn next(&mut self) {
        // Where Ctrl-C cannot be listened to, the system ends the program by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
