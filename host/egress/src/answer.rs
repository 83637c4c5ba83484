//! An answer: read within its limits, and given on only after scrubbing.
//!
//! Does not interpret the body; the gateway shapes it.

use std::sync::Arc;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};
use portcullis_model::{Code, FixedOrigin, Refusal};
use tokio::time::{Instant, timeout_at};
use url::Url;
use zeroize::Zeroize as _;

use crate::store::Loaded;
use crate::{answer_header, failure};

/// Bodies from this size on are scrubbed on a thread that may block, in bytes. Smaller ones take less time than the
/// way there.
const LARGE: usize = 256 << 10;

/// Most memory set aside on the word of a `content-length`, in bytes.
const MAX_RESERVE: usize = 256 << 10;

/// Codings that a refusal may name (IANA registry of HTTP content codings).
const CODINGS: &[&str] = &["gzip", "x-gzip", "br", "deflate", "zstd", "compress", "x-compress", "dcb", "dcz"];

/// An answer from which the credential was taken out. Only a send makes one.
#[derive(Debug)]
pub struct ScrubbedResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    scrubbed: usize,
}

impl ScrubbedResponse {
    /// HTTP status. A redirect is an answer like any other.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Headers that are of use to a caller, in the order received; names in lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body's media type, as the service says.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header(CONTENT_TYPE.as_str())
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, by value.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// How many times the credential was found in headers and body, and taken out.
    #[must_use]
    pub fn scrubbed(&self) -> usize {
        self.scrubbed
    }
}

/// When an answer has to be there.
pub(crate) struct Limits {
    pub(crate) max_bytes: usize,
    pub(crate) deadline: Instant,
    pub(crate) whole_timeout_ms: u64,
}

/// An answer as received. Never leaves this crate.
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    url: Url,
    body: Vec<u8>,
}

impl Answer {
    /// Reads an answer to its end. A connection whose answer is refused is closed, not used again.
    pub(crate) async fn read(
        mut response: reqwest::Response,
        origin: &FixedOrigin,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Refusal::new(Code::UpstreamBroken, format!("`{origin}` switched protocols unasked"))
                .fix("check that the origin is the service's HTTP API"));
        }
        plain(response.headers(), origin)?;
        // Of the body that follows, not of the header: the answer to a HEAD has none.
        let announced = response.content_length().unwrap_or(0);
        if announced > limits.max_bytes as u64 {
            return Err(too_large(origin, &format!("announces {announced} bytes"), limits.max_bytes));
        }
        let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(MAX_RESERVE).min(MAX_RESERVE));
        loop {
            let chunk = match timeout_at(limits.deadline, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                Ok(Err(_)) => return Err(failure::broke_off(origin, body.len())),
                Err(_) => return Err(failure::timeout(origin, "no end of the answer", limits.whole_timeout_ms)),
            };
            if chunk.len() > limits.max_bytes - body.len() {
                return Err(too_large(origin, "goes on", limits.max_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self { status: response.status(), headers: response.headers().clone(), url: response.url().clone(), body })
    }

    /// Takes the credential out, and all headers that are of no use.
    pub(crate) async fn scrub(
        mut self,
        loaded: Option<Arc<Loaded>>,
        origin: &FixedOrigin,
    ) -> Result<ScrubbedResponse, Refusal> {
        let status = self.status.as_u16();
        let Some(loaded) = loaded else {
            let headers = answer_header::kept(&self.headers, &self.url, origin);
            return Ok(ScrubbedResponse { status, headers, body: std::mem::take(&mut self.body), scrubbed: 0 });
        };
        let mut scrubbed = 0;
        let mut headers = Vec::new();
        for (name, value) in answer_header::kept(&self.headers, &self.url, origin) {
            let (value, count) = loaded.scrubber.scrub(value.into_bytes());
            scrubbed += count;
            headers.push((name, String::from_utf8_lossy(&value).into_owned()));
        }
        let body = std::mem::take(&mut self.body);
        let (body, count) = if body.len() < LARGE {
            loaded.scrubber.scrub(body)
        } else {
            tokio::task::spawn_blocking(move || loaded.scrubber.scrub(body)).await.map_err(|_| {
                Refusal::new(Code::UpstreamBroken, "the answer could not be scrubbed and was thrown away")
                    .fix("report it: this is a fault of portcullis")
            })?
        };
        Ok(ScrubbedResponse { status, headers, body, scrubbed: scrubbed + count })
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // Left only where it was never scrubbed.
        self.body.zeroize();
    }
}

/// Only what the scrubber can read: it was asked for as it is (`accept-encoding: identity`), and a compressed body
/// could carry the credential past every search.
pub(crate) fn plain(headers: &HeaderMap, origin: &FixedOrigin) -> Result<(), Refusal> {
    for (name, allowed) in [(CONTENT_ENCODING, "identity"), (TRANSFER_ENCODING, "chunked")] {
        for value in headers.get_all(&name) {
            let text = String::from_utf8_lossy(value.as_bytes());
            if !text.split(',').all(|coding| coding.trim().eq_ignore_ascii_case(allowed)) {
                // Nothing of the value is quoted: it is not scrubbed, and the service could put the credential there.
                let known =
                    CODINGS.iter().find(|c| text.split(',').any(|coding| coding.trim().eq_ignore_ascii_case(c)));
                let coding = known.map_or("of another kind".to_owned(), |coding| format!("`{coding}`"));
                let what = format!("`{origin}` answered with {name} {coding}: expected none or `{allowed}`");
                return Err(Refusal::new(Code::EncodingRefused, what)
                    .fix("have the service honour `accept-encoding: identity` (RFC 9110, section 12.5.3)"));
            }
        }
    }
    Ok(())
}

fn too_large(origin: &FixedOrigin, how: &str, max_bytes: usize) -> Refusal {
    Refusal::new(Code::ResponseTooLarge, format!("the answer of `{origin}` {how}: expected at most {max_bytes} bytes"))
        .fix("ask for less, such as a smaller page")
}
