//! Some ports by name, such as those for which an agent may propose actions.
//!
//! Does not say whether they are installed.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::PortSlug;

/// Ports, each once, in a fixed order; by default none. There is no word for all of them: ports that come later are
/// never meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PortSet(BTreeSet<PortSlug>);

impl PortSet {
    /// These ports.
    #[must_use]
    pub fn new(ports: impl IntoIterator<Item = PortSlug>) -> Self {
        Self(ports.into_iter().collect())
    }

    /// Whether a port is one of them.
    #[must_use]
    pub fn holds(&self, port: &PortSlug) -> bool {
        self.0.contains(port)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &PortSlug> {
        self.0.iter()
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, port) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            port.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

    use super::*;

    #[test]
    fn a_set_holds_its_ports_and_no_other() {
        let set: PortSet = serde_json::from_str(r#"["mistral","github","mistral"]"#).unwrap();
        let holds = |port: &str| set.holds(&port.parse().unwrap());
        assert!(holds("mistral") && holds("github") && !holds("mistral-eu") && !holds("git"));
        assert_eq!(set.to_string(), "github mistral");
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["github","mistral"]"#);
        assert!(PortSet::default().is_empty() && !set.is_empty());
        for other in [r#"["*"]"#, r#"["a/*"]"#, r#""mistral""#] {
            assert!(serde_json::from_str::<PortSet>(other).is_err(), "{other}");
        }
    }
}
