//! Requests of the operator's own: to registries and web addresses that a plugin or an index comes from.
//!
//! As careful as a port's: checked addresses, no proxies, no cookies, no decompression, bounded in time and size. Redirects
//! are followed here, a few of them, and never with a credential to another origin. Knows nothing of registries; a
//! credential comes as a header that is ready.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use portcullis_catalog::WebAddress;
use portcullis_model::{Code, FixedOrigin, Refusal};
use reqwest::{Body, Client, Request, Response};
use tokio::time::{Instant, timeout_at};

use crate::address::Reach;
use crate::config::EgressConfig;
use crate::resolver::{CheckedResolver, Resolver};
use crate::{answer, client, failure};

/// Redirects that are followed one after another.
const MAX_HOPS: usize = 3;

/// Most memory set aside on the word of a `content-length`, in bytes.
const MAX_RESERVE: usize = 256 << 10;

/// Clients for what no port is asked of.
pub(crate) struct Web {
    resolver: Arc<dyn Resolver>,
    connect_timeout_ms: u64,
    first_byte_timeout_ms: u64,
    whole_timeout_ms: u64,
    clients: Mutex<HashMap<(bool, bool), Client>>,
}

/// A request before it is sent.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) address: WebAddress,
    pub(crate) headers: HeaderMap,
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) body: Option<Bytes>,
    /// Whether a redirect is followed. Only for what changes nothing.
    pub(crate) follows: bool,
}

impl Ask {
    /// Gets something, following redirects.
    pub(crate) fn get(address: WebAddress) -> Self {
        Self { method: Method::GET, address, headers: HeaderMap::new(), authorization: None, body: None, follows: true }
    }
}

/// An answer whose body was not read yet.
pub(crate) struct Told {
    pub(crate) response: Response,
    /// Who gave it: after redirects, another than was asked.
    pub(crate) origin: FixedOrigin,
}

impl Web {
    pub(crate) fn new(config: &EgressConfig, resolver: Arc<dyn Resolver>) -> Self {
        Self {
            resolver,
            connect_timeout_ms: config.connect_timeout_ms,
            first_byte_timeout_ms: config.first_byte_timeout_ms,
            whole_timeout_ms: config.whole_timeout_ms,
            clients: Mutex::default(),
        }
    }

    /// By when something that begins now has to be done.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.whole_timeout_ms)
    }

    /// Sends, and follows redirects where the request may be redirected.
    pub(crate) async fn ask(&self, ask: Ask, deadline: Instant) -> Result<Told, Refusal> {
        let Ask { method, mut address, mut headers, mut authorization, body, follows } = ask;
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("portcullis/", env!("CARGO_PKG_VERSION"))));
        for _ in 0..=MAX_HOPS {
            let mut request = Request::new(method.clone(), address.url().clone());
            *request.headers_mut() = headers.clone();
            if let Some(value) = &authorization {
                request.headers_mut().insert(AUTHORIZATION, value.clone());
            }
            *request.body_mut() = body.clone().map(Body::from);
            let response = self.once(request, address.origin(), deadline).await?;
            if !follows || !response.status().is_redirection() {
                return Ok(Told { response, origin: address.origin().clone() });
            }
            let next = hop(&address, response.headers().get(LOCATION))?;
            // It does not come back either: whoever was asked in between could choose where to.
            if next.origin() != address.origin() {
                authorization = None;
            }
            address = next;
        }
        let what = format!("`{}` redirects more than {MAX_HOPS} times", address.origin());
        Err(Refusal::new(Code::SourceUnavailable, what).fix("name the place that it leads to"))
    }

    async fn once(&self, request: Request, origin: &FixedOrigin, deadline: Instant) -> Result<Response, Refusal> {
        let client = self.client(origin)?;
        let first_byte = Instant::now() + Duration::from_millis(self.first_byte_timeout_ms);
        let response = match timeout_at(first_byte.min(deadline), client.execute(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(lost(failure::no_answer(&error, origin, self.connect_timeout_ms))),
            Err(_) => return Err(late(origin)),
        };
        answer::plain(response.headers(), origin)?;
        Ok(response)
    }

    fn client(&self, origin: &FixedOrigin) -> Result<Client, Refusal> {
        let (secure, loopback) = (origin.scheme() == "https", origin.is_loopback());
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(secure, loopback)) {
            return Ok(client.clone());
        }
        let failed =
            || Refusal::new(Code::SourceUnavailable, "TLS cannot be set up on this machine").fix("portcullis doctor");
        let tls = if secure { client::public_tls() } else { client::no_tls() }.map_err(|_| failed())?;
        let reach = if loopback { Reach::Loopback } else { Reach::Public };
        // A literal address is this machine's or no origin at all, so that none gets past the resolver unchecked.
        let client = client::bare(tls, secure)
            .dns_resolver(CheckedResolver { inner: Arc::clone(&self.resolver), reach })
            .connect_timeout(Duration::from_millis(self.connect_timeout_ms))
            .build()
            .map_err(|_| failed())?;
        clients.insert((secure, loopback), client.clone());
        Ok(client)
    }
}

impl Told {
    /// Reads the body, of which there may be so many bytes and not one more.
    pub(crate) async fn bytes(mut self, max_bytes: usize, deadline: Instant) -> Result<Vec<u8>, Refusal> {
        let announced = self.response.content_length().unwrap_or(0);
        if announced > max_bytes as u64 {
            return Err(too_large(&self.origin, &format!("announces {announced} bytes"), max_bytes));
        }
        let reserve = usize::try_from(announced).unwrap_or(MAX_RESERVE).min(MAX_RESERVE);
        let mut body = BytesMut::with_capacity(reserve);
        loop {
            match timeout_at(deadline, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) if chunk.len() > max_bytes - body.len() => {
                    return Err(too_large(&self.origin, "goes on", max_bytes));
                }
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Ok(Ok(None)) => return Ok(body.into()),
                Ok(Err(_)) => return Err(lost(failure::broke_off(&self.origin, body.len()))),
                Err(_) => return Err(late(&self.origin)),
            }
        }
    }
}

/// Where a redirect leads, if it may: https to https, and to this machine from this machine only.
fn hop(from: &WebAddress, location: Option<&HeaderValue>) -> Result<WebAddress, Refusal> {
    let refused = |why: &str| {
        let what = format!("`{}` redirects {why}", from.origin());
        Refusal::new(Code::AddressRefused, what).fix("name the place itself, if it is to be trusted")
    };
    let text = location.and_then(|location| location.to_str().ok()).ok_or_else(|| refused("to nowhere"))?;
    let url = from.url().join(text).map_err(|_| refused("to what is no address"))?;
    let next = WebAddress::try_from(url).map_err(|refusal| refused(&format!("elsewhere: {}", refusal.message())))?;
    if next.origin().is_loopback() && !from.origin().is_loopback() {
        return Err(refused(&format!("to this machine, `{}`", next.origin())));
    }
    Ok(next)
}

fn too_large(origin: &FixedOrigin, how: &str, max_bytes: usize) -> Refusal {
    let what = format!("the answer of `{origin}` {how}: expected at most {max_bytes} bytes");
    Refusal::new(Code::ResponseTooLarge, what).fix("nothing that large can be installed; ask whoever publishes it")
}

fn late(origin: &FixedOrigin) -> Refusal {
    Refusal::new(Code::SourceUnavailable, format!("`{origin}` took too long"))
        .fix("try again later, or raise the times under [egress] in portcullis.toml")
}

/// What is a service's failure in a call is a source's here; what was refused on this side stays as it is.
fn lost(refusal: Refusal) -> Refusal {
    match refusal.code() {
        Code::AddressRefused => Refusal::new(Code::AddressRefused, refusal.message())
            .fix("nothing is had from a private network; a registry on this machine is named by its loopback address"),
        code if code.as_str().starts_with("upstream-") => {
            Refusal::new(Code::SourceUnavailable, refusal.message()).fix("portcullis doctor")
        }
        _ => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_in_tls_and_does_not_come_home() -> Result<(), Box<dyn std::error::Error>> {
        for (from, to, fine) in [
            ("https://registry.example/v2/a", "https://blobs.example/x?sig=1", true),
            ("https://registry.example/v2/a", "/other", true),
            ("https://registry.example/v2/a", "http://registry.example/v2/a", false),
            ("https://registry.example/v2/a", "http://127.0.0.1:9/x", false),
            ("https://registry.example/v2/a", "https://localhost:9/x", false),
            ("https://registry.example/v2/a", "https://10.0.0.1/x", false),
            ("https://registry.example/v2/a", "https://[fd00::1]/x", false),
            ("https://registry.example/v2/a", "https://169.254.169.254/latest", false),
            ("https://registry.example/v2/a", "https://user:word@blobs.example/x", false),
            ("https://registry.example/v2/a", "file:///etc/passwd", false),
            ("https://registry.example/v2/a", "https://router.lan/x", false),
            ("http://127.0.0.1:5000/v2/a", "http://127.0.0.1:5001/x", true),
            ("http://127.0.0.1:5000/v2/a", "https://blobs.example/x", true),
        ] {
            let hop = hop(&from.parse()?, Some(&HeaderValue::from_static(to)));
            assert_eq!(hop.is_ok(), fine, "{from} {to}");
        }
        assert!(hop(&"https://registry.example/".parse()?, None).is_err());
        Ok(())
    }
}
