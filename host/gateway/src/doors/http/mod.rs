//! The HTTP door: who may come in, how long they may take, and what is here for them.
//!
//! Everything a caller can do is the service's; this only carries it.

mod auth;
mod body;
mod connection;
mod describe;
mod given;
mod guard;
mod listener;
mod names;
mod page;
mod phase;
mod problem;
mod router;
mod routes;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use portcullis_model::{Code, Refusal};
use tokio_util::sync::CancellationToken;

use super::{DoorLimits, DoorSettings, Service};
use connection::Patience;
use listener::Bounds;
pub use listener::Listener;
use names::Names;
use router::Door;

/// Binds the door. Beyond loopback tokens would be there for everyone to read, so that needs TLS, and names: any name
/// at all may point at an address that others can reach.
///
/// # Errors
/// `bad-request` with what to change.
pub async fn open(settings: &DoorSettings, address: SocketAddr) -> Result<Listener, Refusal> {
    let tls = match (&settings.tls_cert, &settings.tls_key) {
        (Some(cert), Some(key)) => Some(tls::acceptor(cert, key)?),
        _ => None,
    };
    if !address.ip().is_loopback() {
        if tls.is_none() {
            let what = format!("{address} is not loopback, and there is no TLS");
            return Err(Refusal::new(Code::BadRequest, what)
                .fix("name tls_cert and tls_key under [doors] in portcullis.toml, or listen on 127.0.0.1"));
        }
        if settings.hosts.is_empty() {
            let what = format!("{address} is not loopback, and nothing says by which names it may be addressed");
            return Err(Refusal::new(Code::BadRequest, what)
                .fix("add hosts = [\"NAME\"] under [doors] in portcullis.toml, or listen on 127.0.0.1"));
        }
    }
    Listener::bind(address, tls).await
}

/// Serves, with the operator's page or without, until told to stop; returns when every answer that was begun is given, or the time for that is over.
pub async fn serve(service: Arc<Service>, listener: Listener, with_page: bool, stop: CancellationToken) {
    let settings = service.settings();
    let names = Names::new(listener.address(), listener.scheme(), &settings.hosts);
    let bounds = bounds(&settings.limits);
    let door = Door::new(Arc::clone(&service), stop.clone());
    let desk = with_page.then(|| page::Desk::new(door.clone(), listener.scheme() == "https"));
    let router = router::router(&door, names, desk.as_ref());
    listener.run(router, bounds, stop).await;
}

fn bounds(limits: &DoorLimits) -> Bounds {
    let patience = Patience {
        header: Duration::from_millis(limits.header_ms),
        idle: Duration::from_millis(limits.idle_ms),
        write: Duration::from_millis(limits.write_ms),
    };
    Bounds { connections: limits.connections, patience, drain: Duration::from_millis(limits.drain_ms) }
}
