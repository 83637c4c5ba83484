//! The door of one client that started this process: messages in lines on standard input and output.
//!
//! Standard output carries the protocol and nothing else. The door closes at the end of input, or when told to, after
//! every answer has been written.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rmcp::model::{ClientNotification, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::{Transport, stdio_pipes};
use rmcp::{RoleServer, serve_server};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::server::{Server, Who};
use crate::doors::Service;

/// Bytes read from standard input at once, where it is no pipe.
const CHUNK: usize = 64 * 1024;

/// Serves the holder of this token until the input ends or `stop` says so. The token is looked at again at each
/// request, so that it can be revoked meanwhile.
///
/// # Errors
/// When the client's first message opens no session.
pub async fn stdio(service: Arc<Service>, token: Zeroizing<String>, stop: CancellationToken) -> Result<()> {
    let closing = CancellationToken::new();
    let limits = service.settings().limits;
    let server = Server::new(Arc::clone(&service), Arc::new(Who::Token(token)), closing.clone());
    let drain = Duration::from_millis(limits.drain_ms);
    let served = if pipes() {
        let (read, write) = stdio_pipes();
        serve(server, transport(read, write, limits.request_bytes), stop, closing, drain).await
    } else {
        let write = tokio::io::stdout();
        serve(server, transport(input()?, write, limits.request_bytes), stop, closing, drain).await
    };
    service.drain().await;
    std::io::stdout().flush().context("standard output cannot be written")?;
    served
}

fn transport<R, W>(read: R, write: W, most: usize) -> AsyncRwTransport<RoleServer, R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    AsyncRwTransport::new_server(read, write).with_max_line_length(most)
}

async fn serve<T>(
    server: Server,
    inner: T,
    stop: CancellationToken,
    closing: CancellationToken,
    drain: Duration,
) -> Result<()>
where
    T: Transport<RoleServer> + 'static,
{
    let line = Line { inner, open: Arc::default(), begun: false, ended: false, stop, closing, drain };
    match serve_server(server, line).await {
        Ok(running) => {
            running.waiting().await.context("the session broke off")?;
            Ok(())
        }
        // The client went away before it said anything: there is nobody to fail for.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(_) => anyhow::bail!("the client's first message opens no session"),
    }
}

/// Whether both streams are pipes, which need no thread to be read.
#[cfg(unix)]
fn pipes() -> bool {
    let fifo = |stat: rustix::io::Result<rustix::fs::Stat>| {
        stat.is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_fifo())
    };
    fifo(rustix::fs::fstat(std::io::stdin())) && fifo(rustix::fs::fstat(std::io::stdout()))
}

#[cfg(not(unix))]
fn pipes() -> bool {
    false
}

/// Standard input by a thread of its own. A read that nobody can cut short would keep the runtime from ending.
fn input() -> Result<impl AsyncRead + Send + Unpin> {
    let (read, mut write) = tokio::io::simplex(CHUNK);
    let runtime = tokio::runtime::Handle::current();
    std::thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(move || {
            let mut chunk = vec![0; CHUNK];
            loop {
                let got = match std::io::stdin().lock().read(&mut chunk) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    got => got.unwrap_or(0),
                };
                let taken = runtime.block_on(async {
                    // The other end sees the end of input only where it is said.
                    if got == 0 { write.shutdown().await } else { write.write_all(&chunk[..got]).await }
                });
                if got == 0 || taken.is_err() {
                    return;
                }
            }
        })
        .context("standard input cannot be read")?;
    Ok(read)
}

/// The messages of one client, and which of its requests are still open.
struct Line<T> {
    inner: T,
    open: Arc<Open>,
    /// A request came: before one, other messages are nobody's.
    begun: bool,
    ended: bool,
    stop: CancellationToken,
    closing: CancellationToken,
    drain: Duration,
}

#[derive(Default)]
struct Open {
    requests: Mutex<HashSet<RequestId>>,
    less: Notify,
}

impl Open {
    fn requests(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, id: &RequestId) {
        self.requests().remove(id);
        self.less.notify_waiters();
    }

    async fn none(&self) {
        loop {
            let less = self.less.notified();
            if self.requests().is_empty() {
                return;
            }
            less.await;
        }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Line<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let ends = match &item {
            JsonRpcMessage::Response(response) => Some(response.id.clone()),
            JsonRpcMessage::Error(error) => error.id.clone(),
            _ => None,
        };
        let (sent, open) = (self.inner.send(item), Arc::clone(&self.open));
        async move {
            let sent = sent.await;
            if let Some(id) = ends {
                open.close(&id);
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        while !self.ended {
            let message = tokio::select! {
                biased;
                () = self.stop.cancelled() => None,
                message = self.inner.receive() => message,
            };
            match message {
                None => {
                    self.ended = true;
                    self.closing.cancel();
                }
                Some(JsonRpcMessage::Request(request)) => {
                    self.begun = true;
                    self.open.requests().insert(request.id.clone());
                    return Some(JsonRpcMessage::Request(request));
                }
                Some(message) if self.begun => {
                    if let JsonRpcMessage::Notification(notification) = &message
                        && let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                        && let Some(id) = &cancelled.params.request_id
                    {
                        // It is not answered.
                        self.open.close(id);
                    }
                    return Some(message);
                }
                Some(_) => {}
            }
        }
        // Answers are still written after the end of input, so that a client can pipe its requests in and leave.
        if timeout(self.drain, self.open.none()).await.is_err() {
            tracing::warn!("some requests were still open when the door closed");
        }
        None
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}
