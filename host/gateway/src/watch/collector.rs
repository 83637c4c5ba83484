//! The way to the collector, as the exporters need it.
//!
//! They run on threads of their own, outside of the runtime on which `egress` sends. A collector that does not answer
//! is said now and then, in our own words: an error of the way there could hold the operator's address and headers.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use portcullis_egress::{Address, Courier};
use tokio::runtime::Handle;

use super::options::Signal;
use super::seldom::Seldom;

/// Pause between two words about a collector that does not answer.
const PAUSE: Duration = Duration::from_secs(300);

/// Sends what an exporter has.
pub(crate) struct Collector {
    signal: Signal,
    courier: Arc<Courier>,
    address: Address,
    timeout: Duration,
    runtime: Handle,
    seldom: Arc<Seldom>,
}

impl Collector {
    /// The bound on what is said about it.
    pub(crate) fn seldom() -> Arc<Seldom> {
        Arc::new(Seldom::every(PAUSE))
    }

    pub(crate) fn new(
        signal: Signal,
        courier: Arc<Courier>,
        address: Address,
        timeout: Duration,
        runtime: Handle,
        seldom: Arc<Seldom>,
    ) -> Self {
        Self { signal, courier, address, timeout, runtime, seldom }
    }

    fn complain(&self, why: impl fmt::Display) {
        if self.seldom.now() {
            let signal = self.signal.as_str();
            tracing::warn!(target: super::telemetry::TARGET, "the collector does not take {signal}: {why}; calls go on without");
        }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("signal", &self.signal).finish_non_exhaustive()
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let (courier, address, timeout) = (Arc::clone(&self.courier), self.address.clone(), self.timeout);
            let (head, body) = request.into_parts();
            let sent = self.runtime.spawn(async move { courier.post(&address, head.headers, body, timeout).await });
            let reply = match sent.await {
                Ok(Ok(reply)) => reply,
                Ok(Err(undelivered)) => {
                    self.complain(undelivered);
                    return Err(undelivered.into());
                }
                Err(ended) => return Err(ended.into()),
            };
            if !(200..300).contains(&reply.status) {
                self.complain(format_args!("it answers {}", reply.status));
            }
            let mut response = Response::builder().status(reply.status);
            if let Some(pause) = reply.retry_after {
                response = response.header(http::header::RETRY_AFTER, pause.as_secs());
            }
            Ok(response.body(reply.body)?)
        })
    }
}
