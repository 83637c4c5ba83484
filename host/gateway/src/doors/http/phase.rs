//! What a connection is doing, seen from the stream below HTTP and the handlers above it.
//!
//! Does not act: the connection's own task looks at the phase and decides.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use hyper::body::{Body as _, Bytes, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::Instant;

/// Read at once while nobody wants the bytes.
const DISCARD_BYTES: usize = 16 << 10;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has come yet.
    Fresh,
    /// A request's head is coming.
    Head,
    /// A handler reads, works or writes.
    Busy,
    /// The handler is done; the answer is on its way out.
    Answered,
    /// Between requests.
    Idle,
    /// Closed on this side, while the client still sends.
    Lingering,
}

/// A connection's phase and since when, shared by all who see a part of it.
#[derive(Clone)]
pub(super) struct Phases {
    now: Arc<watch::Sender<(Phase, Instant)>>,
    unread: Arc<AtomicBool>,
}

impl Phases {
    pub(super) fn new() -> Self {
        Self { now: Arc::new(watch::Sender::new((Phase::Fresh, Instant::now()))), unread: Arc::default() }
    }

    pub(super) fn watch(&self) -> watch::Receiver<(Phase, Instant)> {
        self.now.subscribe()
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.now.send_replace((phase, Instant::now()));
    }

    fn is(&self, phase: Phase) -> bool {
        self.now.borrow().0 == phase
    }

    /// Bytes came.
    fn heard(&self) {
        self.now.send_if_modified(|(phase, since)| match phase {
            // A head's time began when the connection did: one byte buys nothing.
            Phase::Fresh => {
                *phase = Phase::Head;
                true
            }
            Phase::Idle => {
                (*phase, *since) = (Phase::Head, Instant::now());
                true
            }
            _ => false,
        });
    }

    /// All that was to be written is written.
    fn flushed(&self) {
        if self.is(Phase::Answered) {
            self.enter(Phase::Idle);
        }
    }

    /// A request's body, which tells whether it was read to its end.
    pub(super) fn sent(&self, body: Incoming) -> Sent {
        Sent { ended: body.is_end_stream(), body, phases: self.clone() }
    }

    /// An answer's body, which tells when it has gone.
    pub(super) fn answer(&self, body: Body) -> Answer {
        Answer { body, phases: self.clone() }
    }
}

/// A request's body.
pub(super) struct Sent {
    body: Incoming,
    ended: bool,
    phases: Phases,
}

impl hyper::body::Body for Sent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.ended |= frame.is_none() || self.body.is_end_stream();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        if !self.ended {
            self.phases.unread.store(true, Ordering::Relaxed);
        }
    }
}

/// An answer's body.
pub(super) struct Answer {
    body: Body,
    phases: Phases,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.phases.enter(Phase::Answered);
    }
}

/// A stream that tells the phases it sees.
pub(super) struct Watched<S> {
    stream: S,
    phases: Phases,
    ended: bool,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, phases: Phases) -> Self {
        Self { stream, phases, ended: false }
    }
}

impl<S: AsyncRead + Unpin> Watched<S> {
    /// Reads what nobody wants until the client has no more: a close with unread bytes becomes a reset, and a reset can
    /// take the answer with it.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut bytes = [0; DISCARD_BYTES];
        while !self.ended {
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            self.ended = read.is_err() || buffer.filled().is_empty();
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.phases.heard();
        } else if buf.remaining() > 0 {
            self.ended = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.phases.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.phases.is(Phase::Lingering) {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            let cut_short = self.phases.unread.load(Ordering::Relaxed) || self.phases.is(Phase::Head);
            if self.ended || !cut_short {
                return Poll::Ready(Ok(()));
            }
            self.phases.enter(Phase::Lingering);
        }
        self.poll_discard(cx).map(Ok)
    }
}
