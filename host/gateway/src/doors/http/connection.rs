//! One connection's life: HTTP/1.1 on a stream, with a limit on every way to waste time.
//!
//! Does not look at requests. While a handler works there is no limit here: a call may wait for a person. A client that
//! takes its time to send a head, to read an answer, or to come back is cut; one that is only idle makes room as soon
//! as another is waiting.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use futures_util::future::Either;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use super::phase::{Phase, Phases, Watched};

/// Largest request head, in bytes: twice what the common servers take.
const HEAD_BYTES: usize = 16 << 10;

/// Buffer for reading and for writing, in bytes; it bounds what a connection that does nothing can hold.
const BUFFER_BYTES: usize = 64 << 10;

/// How long a client may go on sending what nobody reads, so that it finds the answer and not a reset: common
/// clients write all they have before they read.
const LINGER: Duration = Duration::from_secs(5);

/// How long a connection stands idle before it makes room for another: one that was used a moment ago is likely to be
/// used in the next, and a request on its way to a closed connection is lost.
const SETTLED: Duration = Duration::from_secs(1);

/// How long a client may take over what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// To send a request's head, or to shake hands.
    pub(super) header: Duration,
    /// Between requests.
    pub(super) idle: Duration,
    /// To take the next bytes of an answer.
    pub(super) write: Duration,
}

impl Patience {
    fn deadline(&self, phase: Phase, since: Instant) -> Option<Instant> {
        let patience = match phase {
            Phase::Fresh | Phase::Head => self.header,
            Phase::Idle => self.idle,
            Phase::Lingering => LINGER,
            Phase::Busy | Phase::Answered => return None,
        };
        Some(since + patience)
    }
}

/// What every connection is told.
#[derive(Clone)]
pub(super) struct Orders {
    /// Finish what is begun, take no more.
    pub(super) stop: CancellationToken,
    /// Somebody waits for a place: one idle connection should make room.
    pub(super) crowded: std::sync::Arc<Notify>,
}

/// Serves requests until either side has had enough.
pub(super) async fn serve<S>(stream: S, router: Router, patience: Patience, orders: Orders)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let phases = Phases::new();
    let mut slow = TimeoutStream::new(stream);
    slow.set_write_timeout(Some(patience.write));
    let io = TokioIo::new(Watched::new(Box::pin(slow), phases.clone()));
    let router = TowerToHyperService::new(router);
    let told = phases.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        told.enter(Phase::Busy);
        let answer = router.call(request.map(|body| Body::new(told.sent(body))));
        let told = told.clone();
        async move { Ok::<_, Infallible>(answer.await?.map(|body| told.answer(body))) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        // The phases below tell a slow head from an idle connection; the built-in limit cannot.
        .header_read_timeout(None)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(BUFFER_BYTES);
    let connection = pin!(http.serve_connection(io, service));
    attend(connection, &phases, patience, &orders).await;
}

/// A connection that can be asked to end after what it does now.
trait Ending: Future<Output = hyper::Result<()>> {
    fn end(self: Pin<&mut Self>);
}

impl<I, S> Ending for http1::Connection<I, S>
where
    S: hyper::service::HttpService<Incoming>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    S::ResBody: 'static,
    <S::ResBody as hyper::body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

async fn attend(mut connection: Pin<&mut impl Ending>, phases: &Phases, patience: Patience, orders: &Orders) {
    let mut changes = phases.watch();
    let mut ending = false;
    loop {
        let (phase, since) = *changes.borrow_and_update();
        let late = patience
            .deadline(phase, since)
            .map_or(Either::Right(std::future::pending()), |deadline| Either::Left(sleep_until(deadline)));
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke off");
                }
                return;
            }
            () = late => {
                if phase != Phase::Idle || ending {
                    return;
                }
            }
            () = orders.stop.cancelled(), if !ending => {}
            () = crowded(orders, since), if phase == Phase::Idle && !ending => {}
            // Whoever has a place and says nothing loses it to whoever waits for one.
            () = crowded(orders, since), if matches!(phase, Phase::Fresh | Phase::Head) => return,
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                continue;
            }
        }
        ending = true;
        connection.as_mut().end();
    }
}

/// Somebody waits for a place, and this connection has stood still for a while.
pub(super) async fn crowded(orders: &Orders, since: Instant) {
    sleep_until(since + SETTLED).await;
    orders.crowded.notified().await;
}
