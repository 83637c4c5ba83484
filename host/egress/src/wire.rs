//! From an approved request to the one that is sent: the same lines in the same order, and the credential.
//!
//! Decides nothing and adds nothing; a line that is not in the approved request is not on the wire.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use portcullis_model::{Code, FixedOrigin, Line, Method, Refusal, RoutedRequest};
use reqwest::{Body, Request, Url};
use zeroize::Zeroizing;

use crate::credential::Credential;

/// Bytes of a header value that are wiped when the last holder lets go.
struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Builds the request, and then looks at where what was built goes.
pub(crate) fn build(routed: &RoutedRequest, credential: Option<&Credential>) -> Result<Request, Refusal> {
    let mut request = Request::new(method(routed.method()), routed.url().clone());
    let mut headers = HeaderMap::with_capacity(routed.headers().len());
    for line in routed.headers() {
        let value = match (&line.value, credential) {
            (Line::Sent(value), _) => value.clone(),
            (Line::Credential { prefix }, Some(credential)) => attach(prefix, credential)?,
            (Line::Credential { .. }, None) => {
                return Err(Refusal::new(Code::CredentialMissing, "the request needs a credential and none was read")
                    .fix(format!("portcullis secret set {}", routed.binding().slot())));
            }
        };
        headers.append(line.name.clone(), value);
    }
    *request.headers_mut() = headers;
    if let Some(body) = routed.body() {
        *request.body_mut() = Some(Body::from(body.bytes().to_vec()));
    }
    stays(routed.binding().origin(), request.url())?;
    Ok(request)
}

/// Whether the request that was built goes where the approved one goes. Checked on what the HTTP client will use.
fn stays(origin: &FixedOrigin, url: &Url) -> Result<(), Refusal> {
    if origin.covers(url) {
        return Ok(());
    }
    Err(Refusal::new(Code::AddressRefused, format!("the request left `{origin}` on being built"))
        .fix("report it: this is a fault of portcullis"))
}

/// The credential behind a prefix, as a header.
pub(crate) fn attach(prefix: &str, credential: &Credential) -> Result<HeaderValue, Refusal> {
    secret_value(prefix, credential.expose().as_bytes()).ok_or_else(|| {
        Refusal::new(Code::CredentialUnfit, "the credential does not fit into a header")
            .fix("portcullis secret set PORT")
    })
}

/// A header's value that is neither shown nor left in memory; `None` where it is not fit for a header.
pub(crate) fn secret_value(prefix: &str, secret: &[u8]) -> Option<HeaderValue> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(prefix.len() + secret.len()));
    bytes.extend_from_slice(prefix.as_bytes());
    bytes.extend_from_slice(secret);
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(Wiped(bytes))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_left_its_origin_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let origin = FixedOrigin::declared("https://api.example.com")?;
        for (url, fine) in [
            ("https://api.example.com/v1", true),
            ("http://api.example.com/v1", false),
            ("https://api.example.com:444/v1", false),
            ("https://api.example.com.evil.test/v1", false),
            ("https://api.example.com@evil.test/v1", false),
            ("https://evil.test/api.example.com", false),
        ] {
            assert_eq!(stays(&origin, &url.parse()?).is_ok(), fine, "{url}");
        }
        Ok(())
    }

    #[test]
    fn the_credentials_header_is_marked_sensitive() -> Result<(), Refusal> {
        let value = attach("Bearer ", &Credential::new("0123456789abcdef".to_owned())?)?;
        assert_eq!(value.as_bytes(), b"Bearer 0123456789abcdef");
        assert_eq!(format!("{value:?}"), "Sensitive");
        Ok(())
    }
}
