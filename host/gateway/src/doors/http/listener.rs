//! Where the door stands: binds, accepts, bounds the number of connections, and closes without cutting anybody off.
//!
//! `axum::serve` is not used, since it has no limit on time and none on connections. Does not look at requests.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use portcullis_model::{Code, Refusal};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{self, Orders, Patience};

/// A pause after the machine had no socket to give.
const BREATH: Duration = Duration::from_millis(50);

/// What the open door bears.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Connections open at once.
    pub(super) connections: usize,
    /// How slow a client may be.
    pub(super) patience: Patience,
    /// Time for connections to end once the door closes.
    pub(super) drain: Duration,
}

/// A bound address, with TLS or without.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    /// Binds.
    ///
    /// # Errors
    /// When the address is taken or is not this machine's.
    pub(super) async fn bind(address: SocketAddr, tls: Option<TlsAcceptor>) -> Result<Self, Refusal> {
        let refused = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => Refusal::new(Code::BadRequest, format!("another program listens on {address}"))
                .fix("stop it, or choose another address: portcullis serve --listen 127.0.0.1:0 takes a free port"),
            _ => Refusal::new(Code::BadRequest, format!("{address} cannot be listened on: {error}"))
                .fix("portcullis serve --listen 127.0.0.1:11821"),
        };
        let socket = TcpListener::bind(address).await.map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        Ok(Self { socket, address, tls })
    }

    /// The address, with the port that was found where 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `https` or `http`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Serves until told to stop, then until every request that had begun is answered or the time for that is over.
    pub(super) async fn run(self, router: Router, bounds: Bounds, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(bounds.connections));
        let orders = Orders { stop: stop.clone(), crowded: Arc::new(Notify::new()) };
        let tasks = TaskTracker::new();
        let cut = CancellationToken::new();
        while let Some((stream, place)) = self.next(&places, &orders).await {
            let (router, tls, orders, cut) = (router.clone(), self.tls.clone(), orders.clone(), cut.clone());
            tasks.spawn(async move {
                let served = serve(stream, tls, router, bounds.patience, orders);
                tokio::select! {
                    () = served => {}
                    () = cut.cancelled() => {}
                }
                drop(place);
            });
        }
        // Nobody else should find the door: the backlog is refused from here on.
        drop(self.socket);
        tasks.close();
        if timeout(bounds.drain, tasks.wait()).await.is_err() {
            tracing::warn!("{} connections did not end in time and are cut", tasks.len());
            cut.cancel();
            tasks.wait().await;
        }
    }

    /// The next connection and its place; none once the door closes.
    async fn next(&self, places: &Arc<Semaphore>, orders: &Orders) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        tokio::select! {
            biased;
            () = orders.stop.cancelled() => None,
            next = async {
                let stream = self.accept().await;
                let place = match places.clone().try_acquire_owned() {
                    Ok(place) => place,
                    Err(_) => {
                        orders.crowded.notify_one();
                        places.clone().acquire_owned().await.ok()?
                    }
                };
                Some((stream, place))
            } => next,
        }
    }

    async fn accept(&self) -> TcpStream {
        loop {
            match self.socket.accept().await {
                Ok((stream, _)) => {
                    // Answers are written whole: there is nothing to gather.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection keeps its delay");
                    }
                    return stream;
                }
                // These end that one connection only (accept(2)).
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionReset
                            | io::ErrorKind::ConnectionAborted
                            | io::ErrorKind::ConnectionRefused
                            | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted now");
                    sleep(BREATH).await;
                }
            }
        }
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router, patience: Patience, orders: Orders) {
    let Some(tls) = tls else { return connection::serve(stream, router, patience, orders).await };
    tokio::select! {
        shaken = timeout(patience.header, tls.accept(stream)) => match shaken {
            Ok(Ok(stream)) => connection::serve(stream, router, patience, orders).await,
            Ok(Err(error)) => tracing::debug!(%error, "a client did not speak TLS"),
            Err(_) => tracing::debug!("a client took too long to shake hands"),
        },
        () = connection::crowded(&orders, Instant::now()) => {}
        () = orders.stop.cancelled() => {}
    }
}
