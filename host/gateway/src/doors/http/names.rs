//! The names under which this server may be asked for anything.
//!
//! A page on another site can make a browser send requests here, under a name of its own that it lets resolve to this
//! machine (DNS rebinding). Such a request carries that name. Does not resolve names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Every name that is this server.
#[derive(Debug, Clone)]
pub(super) struct Names {
    scheme: &'static str,
    /// `host:port` as this server itself knows them, and without the port where it is the scheme's own.
    own: Vec<String>,
    /// Names that the operator gave, as they stand: a proxy may be in front, with TLS and a port of its own.
    given: Vec<String>,
}

impl Names {
    pub(super) fn new(address: SocketAddr, scheme: &'static str, hosts: &[String]) -> Self {
        let mut own = Vec::new();
        let mut add = |name: String| {
            let usual = if scheme == "https" { 443 } else { 80 };
            if address.port() == usual {
                own.push(name.clone());
            }
            own.push(format!("{name}:{}", address.port()));
        };
        let bracketed = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        if !address.ip().is_unspecified() {
            add(bracketed(address.ip()));
        }
        if address.ip().is_loopback() {
            add("localhost".to_owned());
            for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
                if ip != address.ip() {
                    add(bracketed(ip));
                }
            }
        }
        Self { scheme, own, given: hosts.to_vec() }
    }

    /// Whether a `Host` (RFC 9110, section 7.2) is this server. Names are compared whole, without regard to case.
    pub(super) fn know(&self, host: &str) -> bool {
        self.own(host) || self.given(host)
    }

    /// Whether an `Origin` (RFC 6454) is this server under the name by which it was just asked.
    pub(super) fn same_origin(&self, origin: &str, host: &str) -> bool {
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let schemes: &[&str] = if self.own(host) { &[self.scheme] } else { &["https", self.scheme] };
        schemes.contains(&scheme) && self.know(host) && authority.eq_ignore_ascii_case(host)
    }

    fn own(&self, host: &str) -> bool {
        self.own.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    fn given(&self, host: &str) -> bool {
        self.given.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(address: &str, scheme: &'static str, hosts: &[&str]) -> Names {
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        Names::new(address.parse().unwrap(), scheme, &hosts)
    }

    #[test]
    fn only_its_own_names_are_this_server() {
        let loopback = names("127.0.0.1:11821", "http", &["Gate.example", "gate.example:8443"]);
        for good in ["127.0.0.1:11821", "LOCALHOST:11821", "[::1]:11821", "gate.example", "GATE.example:8443"] {
            assert!(loopback.know(good), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "127.0.0.1",
            "localhost:80",
            "localhost:11821.",
            "localhost.:11821",
            "localhost:11821@evil.example",
            "evil.example:11821",
            "evil.gate.example",
            "gate.example.evil",
            "gate.example:80",
            "gate.example:11821",
            "0.0.0.0:11821",
            "127.1:11821",
        ] {
            assert!(!loopback.know(bad), "{bad}");
        }
        let open = names("0.0.0.0:443", "https", &["gate.example"]);
        for (host, known) in [("gate.example", true), ("localhost:443", false), ("0.0.0.0:443", false)] {
            assert_eq!(open.know(host), known, "{host}");
        }
        assert!(names("127.0.0.1:80", "http", &[]).know("localhost"));
    }

    #[test]
    fn an_origin_is_its_own_under_the_same_name_and_scheme() {
        let names = names("127.0.0.1:11821", "http", &["gate.example"]);
        for (origin, host, same) in [
            ("http://localhost:11821", "localhost:11821", true),
            ("https://localhost:11821", "localhost:11821", false),
            ("http://127.0.0.1:11821", "localhost:11821", false),
            ("http://localhost:11822", "localhost:11821", false),
            ("http://localhost:11821/", "localhost:11821", false),
            ("null", "localhost:11821", false),
            ("https://gate.example", "gate.example", true),
            ("http://gate.example", "gate.example", true),
            ("https://evil.example", "evil.example", false),
            ("file://", "localhost:11821", false),
        ] {
            assert_eq!(names.same_origin(origin, host), same, "{origin} at {host}");
        }
    }
}
