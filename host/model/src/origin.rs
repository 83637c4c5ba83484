//! The one place a port speaks to.
//!
//! A plugin's origin must be public https by host name. The operator's own word may also name this machine.

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;
use url::{Host, Url};

use crate::Shown;

/// Scheme, host and port (RFC 6454), fixed when the port was declared or set by the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedOrigin {
    scheme: &'static str,
    host: String,
    port: u16,
    loopback: bool,
}

/// Why a string cannot be an origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` cannot be an origin: {why}")]
pub struct OriginProblem {
    text: String,
    why: &'static str,
}

impl FixedOrigin {
    /// An origin that a plugin declares: https, a host name, nothing else.
    ///
    /// # Errors
    /// Names what is wrong.
    pub fn declared(text: &str) -> Result<Self, OriginProblem> {
        let origin = Self::parse(text)?;
        if origin.scheme != "https" {
            return Err(problem(text, "expected `https://`"));
        }
        if origin.loopback {
            return Err(problem(text, "a plugin may not name this machine"));
        }
        Ok(origin)
    }

    /// An origin that the operator sets: as a plugin's, or this machine over http or https.
    ///
    /// # Errors
    /// Names what is wrong.
    pub fn by_operator(text: &str) -> Result<Self, OriginProblem> {
        let origin = Self::parse(text)?;
        if origin.scheme == "http" && !origin.loopback {
            return Err(problem(text, "plain http is for loopback only: expected `https://`"));
        }
        Ok(origin)
    }

    fn parse(text: &str) -> Result<Self, OriginProblem> {
        let err = |why| problem(text, why);
        if !text.is_ascii() {
            return Err(err("expected ASCII (write an international name as `xn--…`)"));
        }
        let url = Url::parse(text).map_err(|_| err("expected `https://host` or `https://host:port`"))?;
        let scheme = match url.scheme() {
            "https" => "https",
            "http" => "http",
            _ => return Err(err("expected `https://`")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(err("a user or password has no place in it"));
        }
        let (host, loopback) = match url.host() {
            Some(Host::Domain(name)) => (host_name(name).map_err(err)?, name == "localhost"),
            Some(Host::Ipv4(ip)) if ip.is_loopback() => (ip.to_string(), true),
            Some(Host::Ipv6(ip)) if ip.is_loopback() => (format!("[{ip}]"), true),
            Some(_) => return Err(err("expected a host name, not an IP address")),
            None => return Err(err("expected a host")),
        };
        let port = url.port_or_known_default().ok_or_else(|| err("expected a port"))?;
        if port == 0 {
            return Err(err("port 0 is no port"));
        }
        // The parser forgives much (missing slashes, backslashes, tabs, upper case, `?`). Only the text it would
        // have written itself is taken, so that what a reviewer reads is what is used.
        let origin = Self { scheme, host, port, loopback };
        let long = format!("{scheme}://{}:{port}", origin.host);
        if text != origin.to_string() && text != long {
            return Err(err("expected exactly `scheme://host` or `scheme://host:port` in lower case, without a path"));
        }
        Ok(origin)
    }

    /// `https` or `http`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// Host name or bracketed loopback address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is this machine. Only the operator can say so.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The value of the `host` header (RFC 9110, section 7.2).
    #[must_use]
    pub fn authority(&self) -> String {
        let default = if self.scheme == "https" { 443 } else { 80 };
        if self.port == default { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether a URL stays on this origin.
    #[must_use]
    pub fn covers(&self, url: &Url) -> bool {
        url.scheme() == self.scheme
            && url.host_str() == Some(self.host.as_str())
            && url.port_or_known_default() == Some(self.port)
            && url.username().is_empty()
            && url.password().is_none()
    }
}

fn problem(text: &str, why: &'static str) -> OriginProblem {
    OriginProblem { text: Shown::new(text).to_string(), why }
}

/// Checks a host name by the preferred name syntax of RFC 1123, section 2.1.
fn host_name(name: &str) -> Result<String, &'static str> {
    if name == "localhost" {
        return Ok(name.to_owned());
    }
    if name.ends_with('.') {
        return Err("a trailing dot has no place in it");
    }
    let labels: Vec<&str> = name.split('.').collect();
    let label_ok = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if name.len() > 253 || labels.len() < 2 || !labels.iter().all(label_ok) {
        return Err("expected a host name with at least two labels");
    }
    if labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
        return Err("expected a host name, not an IP address");
    }
    // Names that resolve to this machine or this network by convention (RFC 6761, RFC 6762, RFC 8375).
    if [".localhost", ".local", ".internal", ".home.arpa", ".lan"].iter().any(|end| name.ends_with(end)) {
        return Err("a name of the local network is no public service");
    }
    Ok(name.to_owned())
}

impl fmt::Display for FixedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

impl Serialize for FixedOrigin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
