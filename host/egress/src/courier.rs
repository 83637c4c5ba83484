//! Posts bytes to an address of the operator's own: a collector, a webhook.
//!
//! Neither an agent nor a plugin has a say in where these go, so the operator's own network may be reached. No
//! credential of a port is ever in one. No proxies, no redirects, no cookies; what is answered is bounded.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use portcullis_model::{Code, Refusal};
use reqwest::Client;
use thiserror::Error;
use tokio::time::timeout;
use url::{Host, Url};

use crate::client;
use crate::retry;

/// Most bytes of an answer that are kept. What is over is not read.
const MAX_ANSWER: usize = 64 << 10;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Where to post: an address that was checked. Never shown whole, since its path or query may be a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// A collector's address, as the environment has it. `http` goes anywhere: a collector beside the host, or in the
    /// same network, commonly speaks no TLS, and is told nothing secret.
    ///
    /// # Errors
    /// `bad-request` where it is no such address. The text does not repeat it.
    pub fn of_collector(text: &str) -> Result<Self, Refusal> {
        Self::parse(text, true)
    }

    /// A webhook's address: `https`, or `http` on this machine.
    ///
    /// # Errors
    /// `bad-request` where it is no such address. The text does not repeat it.
    pub fn of_webhook(text: &str) -> Result<Self, Refusal> {
        Self::parse(text, false)
    }

    fn parse(text: &str, plain_anywhere: bool) -> Result<Self, Refusal> {
        let unfit = |what: &str| Err(Refusal::new(Code::BadRequest, what).fix("write it as https://HOST/PATH"));
        let Ok(url) = Url::parse(text) else { return unfit("the address is no URL") };
        if !url.username().is_empty() || url.password().is_some() {
            return unfit("the address has a user name or a password in it");
        }
        if url.fragment().is_some() {
            return unfit("the address has a fragment, which is never sent");
        }
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return unfit("the address names no host"),
        };
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if here || plain_anywhere => Ok(Self(url)),
            "http" => unfit("http would let others on the way read it: expected https, or a loopback address"),
            _ => unfit("expected https"),
        }
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.origin()).finish()
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// How long the receiver asks to wait before another try (RFC 9110, section 10.2.3).
    pub retry_after: Option<Duration>,
    /// The first bytes of the body.
    pub body: Bytes,
}

/// Why nothing came back. Says nothing of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each says what it is")]
pub enum Undelivered {
    #[error("it cannot be reached")]
    Unreachable,
    #[error("it did not answer in time")]
    Timeout,
    #[error("it broke off")]
    Broken,
    #[error("TLS cannot be set up on this machine")]
    Tls,
}

/// Carries bytes.
#[derive(Default)]
pub struct Courier {
    plain: Mutex<Option<Client>>,
    tls: Mutex<Option<Client>>,
}

impl Courier {
    /// Posts once, and reads what is answered, within `limit`.
    ///
    /// # Errors
    /// Where nothing came back.
    pub async fn post(
        &self,
        address: &Address,
        mut headers: HeaderMap,
        body: Bytes,
        limit: Duration,
    ) -> Result<Reply, Undelivered> {
        // Any of them may be a key: what logs a request does not show them.
        headers.values_mut().for_each(|value| value.set_sensitive(true));
        let client = self.client(address)?;
        let exchange = async {
            let request = client.post(address.0.clone()).headers(headers).body(body);
            let mut response = request.send().await.map_err(|error| kind(&error))?;
            let status = response.status();
            let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
            let now_ms = u64::try_from(now_ms).unwrap_or(u64::MAX);
            let retry_after = retry::pause(status, response.headers(), now_ms);
            let mut kept = BytesMut::new();
            while kept.len() < MAX_ANSWER {
                let Some(chunk) = response.chunk().await.map_err(|error| kind(&error))? else { break };
                kept.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER - kept.len())]);
            }
            Ok(Reply { status: status.as_u16(), retry_after, body: kept.freeze() })
        };
        timeout(limit, exchange).await.unwrap_or(Err(Undelivered::Timeout))
    }

    fn client(&self, address: &Address) -> Result<Client, Undelivered> {
        let secure = address.0.scheme() == "https";
        let known = if secure { &self.tls } else { &self.plain };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*known {
            return Ok(client.clone());
        }
        let tls = if secure { client::public_tls() } else { client::no_tls() }.map_err(|_| Undelivered::Tls)?;
        let client = client::bare(tls, secure).connect_timeout(CONNECT).build().map_err(|_| Undelivered::Tls)?;
        *known = Some(client.clone());
        Ok(client)
    }
}

/// Only the kind of an error is taken: its text could hold the address.
fn kind(error: &reqwest::Error) -> Undelivered {
    if error.is_timeout() {
        Undelivered::Timeout
    } else if error.is_connect() {
        Undelivered::Unreachable
    } else {
        Undelivered::Broken
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn an_address_is_https_or_stays_where_it_may() {
        for good in ["https://hooks.example/a?b=c", "http://127.0.0.1:9/x", "http://[::1]:9", "http://localhost:9"] {
            assert!(Address::of_webhook(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "hooks.example",
            "http://hooks.example/",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "https://user@hooks.example/",
            "https://:word@hooks.example/",
            "https://hooks.example/#part",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "unix:/run/x",
        ] {
            assert!(Address::of_webhook(bad).is_err(), "{bad}");
        }
        assert!(Address::of_collector("http://collector.internal:4318/v1/traces").is_ok());
        assert!(Address::of_collector("ftp://collector.internal").is_err());
    }

    /// Answers whoever comes with this, then with `more` for ever.
    fn service(head: &'static str, more: &'static [u8]) -> Result<Address, Box<dyn std::error::Error>> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = Address::of_webhook(&format!("http://{}/", listener.local_addr()?))?;
        std::thread::spawn(move || -> std::io::Result<()> {
            let (mut stream, _) = listener.accept()?;
            stream.read_exact(&mut [0; 1])?;
            stream.write_all(head.as_bytes())?;
            while !more.is_empty() {
                stream.write_all(more)?;
            }
            // Says nothing more, and does not go away.
            drop(stream.read_to_end(&mut Vec::new()));
            Ok(())
        });
        Ok(address)
    }

    async fn post(address: &Address, limit: Duration) -> Result<Reply, Undelivered> {
        Courier::default().post(address, HeaderMap::new(), Bytes::from_static(b"{}"), limit).await
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut() -> Result<(), Box<dyn std::error::Error>> {
        let endless = service("HTTP/1.1 200 OK\r\n\r\n", &[b'a'; 4096])?;
        let reply = post(&endless, Duration::from_secs(60)).await?;
        assert_eq!((reply.status, reply.body.len()), (200, MAX_ANSWER));
        Ok(())
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_not_waited_for() -> Result<(), Box<dyn std::error::Error>> {
        for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"] {
            let silent = service(head, b"")?;
            assert_eq!(post(&silent, Duration::from_millis(50)).await.err(), Some(Undelivered::Timeout), "{head}");
        }
        Ok(())
    }

    #[test]
    fn an_address_is_not_shown_whole() -> Result<(), Refusal> {
        let shown = format!("{:?}", Address::of_webhook("https://hooks.example/key-1234?t=5678")?);
        assert!(shown.contains("https://hooks.example") && !shown.contains("1234") && !shown.contains("5678"));
        Ok(())
    }
}
