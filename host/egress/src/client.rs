//! One HTTP client, with its own pool of connections, for each port and origin.
//!
//! A client cannot be talked into more than HTTP/1.1 to its origin: no proxies, no redirects, no retries, no cookies,
//! no decompression, no second resolver.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use portcullis_model::{Code, FixedOrigin, PortSlug, Refusal};
use reqwest::{Client, ClientBuilder, redirect, retry};
use rustls::client::Resumption;
use rustls::{ClientConfig, RootCertStore, crypto};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::address::Reach;
use crate::config::EgressConfig;
use crate::resolver::{self, CheckedResolver, Resolver};

/// How long an unused connection is kept. Shorter than the minute after which servers commonly close theirs, so that
/// a request is seldom written into a connection that is just going away.
const IDLE: Duration = Duration::from_secs(30);

/// Unused connections kept for one port.
const MAX_IDLE: usize = 32;

/// TLS sessions remembered for one port.
const SESSIONS: usize = 8;

/// The clients made so far.
pub(crate) struct Clients {
    resolver: Arc<dyn Resolver>,
    connect_timeout: Duration,
    clients: Mutex<HashMap<(PortSlug, String), Client>>,
    /// Holds the machine's root certificates; read once, when the first https port is used.
    public_tls: Mutex<Option<ClientConfig>>,
}

impl Clients {
    pub(crate) fn new(config: &EgressConfig, resolver: Arc<dyn Resolver>) -> Self {
        Self {
            resolver,
            connect_timeout: Duration::from_millis(config.connect_timeout_ms),
            clients: Mutex::default(),
            public_tls: Mutex::default(),
        }
    }

    /// The client of a port.
    pub(crate) fn of(&self, port: &PortSlug, origin: &FixedOrigin) -> Result<Client, Refusal> {
        let key = (port.clone(), origin.to_string());
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let client = self.build(origin)?;
        clients.insert(key, client.clone());
        Ok(client)
    }

    fn build(&self, origin: &FixedOrigin) -> Result<Client, Refusal> {
        let reach = if origin.is_loopback() { Reach::Loopback } else { Reach::Public };
        literal(reach, origin)?;
        let failed = |_| {
            Refusal::new(Code::UpstreamUnreachable, "TLS cannot be set up on this machine").fix("portcullis doctor")
        };
        let mut tls =
            if origin.scheme() == "https" { self.public_tls().map_err(failed)? } else { no_tls().map_err(failed)? };
        // Sessions are not shared between ports: two ports of one service are two customers.
        tls.resumption = Resumption::in_memory_sessions(SESSIONS);
        bare(tls, origin.scheme() == "https")
            .dns_resolver(CheckedResolver { inner: Arc::clone(&self.resolver), reach })
            .connect_timeout(self.connect_timeout)
            .build()
            .map_err(|_| {
                Refusal::new(Code::UpstreamUnreachable, "the HTTP client cannot be set up").fix("portcullis doctor")
            })
    }

    fn public_tls(&self) -> Result<ClientConfig, rustls::Error> {
        let mut known = self.public_tls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = &*known {
            return Ok(config.clone());
        }
        let config = public_tls()?;
        *known = Some(config.clone());
        Ok(config)
    }
}

/// A client that does nothing of its own accord.
pub(crate) fn bare(tls: ClientConfig, secure: bool) -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .http1_only()
        .https_only(secure)
        .tls_backend_preconfigured(tls)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(MAX_IDLE)
}

/// Trusts whom the machine trusts. Reads its root certificates.
pub(crate) fn public_tls() -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// For an http origin: trusts nobody, and spares the reading of the root certificates.
pub(crate) fn no_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// A literal address is connected to without asking the resolver, so it is checked here.
fn literal(reach: Reach, origin: &FixedOrigin) -> Result<(), Refusal> {
    let bare = origin.host().trim_start_matches('[').trim_end_matches(']');
    match bare.parse() {
        Ok(address) => resolver::check(reach, origin.host(), address),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_address_is_checked_without_a_resolver() -> Result<(), Box<dyn std::error::Error>> {
        for text in ["http://127.0.0.1:4010", "http://[::1]:4010"] {
            let origin = FixedOrigin::by_operator(text)?;
            assert!(literal(Reach::Loopback, &origin).is_ok());
            let code = literal(Reach::Public, &origin).err().map(|refusal| refusal.code());
            assert_eq!(code, Some(Code::AddressRefused), "{text}");
        }
        Ok(literal(Reach::Public, &FixedOrigin::declared("https://api.example.com")?)?)
    }
}
