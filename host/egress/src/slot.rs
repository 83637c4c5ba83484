//! Under which name a credential is kept: a port's, the webhook's, or a registry's.
//!
//! No port can be named like a registry: a port's name has no colon. So no plugin gets at a registry's credential by
//! taking its name.

use std::fmt;
use std::str::FromStr;

use portcullis_model::{FixedOrigin, PortSlug};
use thiserror::Error;

use crate::webhook;

/// The name of a kept credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(String);

/// The text is no name under which a credential is kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not the name of a kept credential")]
pub struct SlotProblem;

impl Slot {
    /// What stands before a registry's host.
    pub(crate) const REGISTRY: &str = "registry:";

    /// The credential of a registry. It is sent to that host, and to where that host's tokens are given out.
    #[must_use]
    pub fn registry(registry: &FixedOrigin) -> Self {
        Self(format!("{}{}", Self::REGISTRY, registry.authority()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The registry, host and port, where it is one's.
    pub(crate) fn as_registry(&self) -> Option<&str> {
        self.0.strip_prefix(Self::REGISTRY)
    }

    /// The port, where it is one's.
    pub(crate) fn as_port(&self) -> Option<PortSlug> {
        self.0.parse().ok().filter(|port| *port != webhook::slot())
    }
}

impl From<&PortSlug> for Slot {
    fn from(port: &PortSlug) -> Self {
        Self(port.as_str().to_owned())
    }
}

impl FromStr for Slot {
    type Err = SlotProblem;
    fn from_str(text: &str) -> Result<Self, SlotProblem> {
        let known = match text.strip_prefix(Self::REGISTRY) {
            Some(host) => ["https", "http"].iter().any(|scheme| {
                FixedOrigin::by_operator(&format!("{scheme}://{host}")).is_ok_and(|origin| origin.authority() == host)
            }),
            None => text.parse::<PortSlug>().is_ok(),
        };
        if known { Ok(Self(text.to_owned())) } else { Err(SlotProblem) }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_registry().unwrap_or(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrys_name_is_never_a_ports() -> Result<(), Box<dyn std::error::Error>> {
        for text in ["https://registry.example", "https://registry.example:5000", "http://127.0.0.1:5000"] {
            let slot = Slot::registry(&FixedOrigin::by_operator(text)?);
            assert!(slot.as_port().is_none() && slot.as_str().parse::<PortSlug>().is_err(), "{slot}");
            assert_eq!(slot.as_str().parse::<Slot>()?, slot);
        }
        assert_eq!("mistral".parse::<Slot>()?.as_port(), Some("mistral".parse()?));
        for bad in ["", "registry:", "registry:a b", "registry:registry.example/x", "Registry", "other:x"] {
            assert!(bad.parse::<Slot>().is_err(), "{bad}");
        }
        Ok(())
    }
}
