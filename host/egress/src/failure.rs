//! What went wrong on the way, as a refusal.
//!
//! Takes from the HTTP client's errors only their kind: their text could hold a URL, a header or a stranger's words.

use std::error::Error;
use std::io;

use portcullis_model::{Code, FixedOrigin, Refusal};

use crate::resolver::ResolveRefused;

/// Why no answer came.
pub(crate) fn no_answer(error: &reqwest::Error, origin: &FixedOrigin, connect_timeout_ms: u64) -> Refusal {
    if let Some(ResolveRefused(refusal)) = causes(error).find_map(|cause| cause.downcast_ref()) {
        return refusal.clone();
    }
    if error.is_connect() && error.is_timeout() {
        return timeout(origin, "no connection", connect_timeout_ms).fix("portcullis doctor");
    }
    if let Some(problem) = causes(error).find_map(tls) {
        return Refusal::new(Code::UpstreamUnreachable, format!("TLS with `{origin}` failed: {problem}"))
            .fix("portcullis doctor");
    }
    if error.is_connect() {
        let why = match causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => "it refuses connections",
            Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => "there is no way to it",
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => "it broke the connection off",
            _ => "no connection came about",
        };
        return Refusal::new(Code::UpstreamUnreachable, format!("`{origin}` cannot be reached: {why}"))
            .fix("portcullis doctor");
    }
    Refusal::new(Code::UpstreamBroken, format!("`{origin}` broke off, or its answer is not HTTP/1.1"))
        .fix("make the call again, if sending it twice does no harm")
}

/// The answer stopped before its end.
pub(crate) fn broke_off(origin: &FixedOrigin, read_bytes: usize) -> Refusal {
    Refusal::new(Code::UpstreamBroken, format!("`{origin}` broke off after {read_bytes} bytes of its answer"))
        .fix("make the call again, if sending it twice does no harm")
}

/// What took too long, and how long that was.
pub(crate) fn timeout(origin: &FixedOrigin, what: &str, limit_ms: u64) -> Refusal {
    Refusal::new(Code::UpstreamTimeout, format!("`{origin}` took too long: {what} within {limit_ms} ms"))
        .fix("make the call again, if sending it twice does no harm")
}

fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &'a (dyn Error + 'static) = error;
    std::iter::successors(Some(first), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

/// An error of TLS, in words that hold nothing of what the other side sent.
fn tls(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    // `source` of an I/O error skips the error inside, and there may be several of them, one in the other.
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return tls(error.get_ref()?);
    }
    let inner = cause.downcast_ref::<rustls::Error>()?;
    use rustls::{CertificateError, Error as Tls};
    Some(match inner {
        Tls::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "nobody this machine trusts vouches for its certificate"
        }
        Tls::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate has expired"
        }
        Tls::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name",
        Tls::InvalidCertificate(CertificateError::Revoked) => "its certificate is revoked",
        Tls::InvalidCertificate(_) => "its certificate is not valid",
        Tls::InvalidMessage(_) => "it does not speak TLS",
        Tls::AlertReceived(_) => "it refused the handshake",
        _ => "the handshake failed",
    })
}
