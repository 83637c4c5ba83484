//! `[doors]` of `portcullis.toml`: where agents come in, and how much of the host one of them may take.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::Deserialize;

/// Where `serve` listens by default.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 11821);

/// Longest wait for an approval within one call, in milliseconds. Common clients give up after a minute.
pub const MAX_WAIT_MS: u32 = 60_000;

/// `[doors]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DoorSettings {
    /// Address of the HTTP door.
    pub listen: SocketAddr,
    /// Names under which the HTTP door may be addressed, with their port where it is not the scheme's own. Loopback
    /// needs none.
    pub hosts: Vec<String>,
    /// Certificate chain (PEM). Needed beyond loopback.
    pub tls_cert: Option<PathBuf>,
    /// Its private key (PEM).
    pub tls_key: Option<PathBuf>,
    /// Where a person's browser reaches the HTTP door, such as `https://gate.example`. `serve` knows the address that it
    /// listens on; `mcp` tells nobody of a page unless this says where one is.
    pub page: Option<String>,
    /// How long an MCP call waits for an approval before it returns a pending result, in milliseconds.
    pub approval_wait_ms: u32,
    /// How much one agent, and all clients together, may take.
    pub limits: DoorLimits,
}

impl Default for DoorSettings {
    fn default() -> Self {
        Self {
            listen: LISTEN,
            hosts: Vec::new(),
            tls_cert: None,
            tls_key: None,
            page: None,
            approval_wait_ms: 20_000,
            limits: DoorLimits::default(),
        }
    }
}

/// `[doors.limits]`. Each process that opens a door counts for itself.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DoorLimits {
    /// Calls of one agent in a minute; a sixth of them may come at once.
    pub calls_per_minute: NonZeroU32,
    /// Calls of one agent to one action in a minute; likewise.
    pub action_calls_per_minute: NonZeroU32,
    /// Calls of one agent that run at the same time.
    pub calls_in_flight: usize,
    /// Requests of one agent that stand and wait, for a person or for news, at the same time.
    pub requests_waiting: usize,
    /// Questions of one agent that wait for a person at the same time.
    pub approvals_waiting: usize,
    /// Open connections, of all clients together.
    pub connections: usize,
    /// Largest request body, in bytes.
    pub request_bytes: usize,
    /// Time for a request's head, in milliseconds; also for a TLS handshake.
    pub header_ms: u64,
    /// Time for a request's body, in milliseconds.
    pub body_ms: u64,
    /// Time a connection may stand idle between requests, in milliseconds.
    pub idle_ms: u64,
    /// Time a client may take nothing of its answer, in milliseconds.
    pub write_ms: u64,
    /// Time for what is running when the door closes, in milliseconds.
    pub drain_ms: u64,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            calls_per_minute: per_minute(600),
            action_calls_per_minute: per_minute(300),
            calls_in_flight: 16,
            requests_waiting: 32,
            approvals_waiting: 32,
            connections: 256,
            request_bytes: 1 << 20,
            header_ms: 10_000,
            body_ms: 30_000,
            idle_ms: 75_000,
            write_ms: 30_000,
            drain_ms: 130_000,
        }
    }
}

const fn per_minute(calls: u32) -> NonZeroU32 {
    match NonZeroU32::new(calls) {
        Some(calls) => calls,
        None => NonZeroU32::MIN,
    }
}

impl DoorSettings {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// Names the setting.
    pub fn check(&self) -> Result<()> {
        let limits = &self.limits;
        if self.approval_wait_ms > MAX_WAIT_MS {
            bail!("[doors] approval_wait_ms: expected 0 to {MAX_WAIT_MS}");
        }
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            bail!("[doors] tls_cert and tls_key: expected both or neither");
        }
        for (name, count) in [
            ("calls_in_flight", limits.calls_in_flight),
            ("requests_waiting", limits.requests_waiting),
            ("approvals_waiting", limits.approvals_waiting),
            ("connections", limits.connections),
        ] {
            if !(1..=100_000).contains(&count) {
                bail!("[doors.limits] {name}: expected 1 to 100000");
            }
        }
        if !(1024..=64 << 20).contains(&limits.request_bytes) {
            bail!("[doors.limits] request_bytes: expected 1024 to 67108864");
        }
        let times = [
            ("header_ms", limits.header_ms),
            ("body_ms", limits.body_ms),
            ("idle_ms", limits.idle_ms),
            ("write_ms", limits.write_ms),
            ("drain_ms", limits.drain_ms),
        ];
        for (name, ms) in times {
            if !(10..=3_600_000).contains(&ms) {
                bail!("[doors.limits] {name}: expected 10 to 3600000");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_would_be_none_is_refused() {
        for bad in [
            "approval_wait_ms = 60001",
            "tls_cert = \"a.pem\"",
            "listen = \"localhost\"",
            "[limits]\ncalls_per_minute = 0",
            "[limits]\ncalls_in_flight = 0",
            "[limits]\nrequest_bytes = 10",
            "[limits]\nbody_ms = 0",
            "[limits]\nburst = 3",
        ] {
            let settings = toml::from_str::<DoorSettings>(bad);
            assert!(settings.is_err() || settings.is_ok_and(|settings| settings.check().is_err()), "{bad}");
        }
        assert!(DoorSettings::default().check().is_ok());
    }
}
