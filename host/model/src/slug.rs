//! Names that are safe in a path, a file name, an environment variable and a log line.
//!
//! Does not decide whether a name is known; the registry does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Shown;

/// Longest slug in bytes: a DNS label (RFC 1035, section 2.3.4).
const MAX_BYTES: usize = 63;

/// Why a string is not a slug.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SlugProblem {
    /// Wrong characters, length, or dashes.
    #[error(
        "`{0}` is not a name: expected 1 to 63 lower-case letters, digits and single dashes, starting with a letter"
    )]
    NotASlug(String),
    /// An action identifier without exactly one slash.
    #[error("`{0}` is not an action: expected `port/action`, such as `mistral/list-models`")]
    NotAnActionId(String),
}

fn check(text: &str) -> Result<(), SlugProblem> {
    let bytes = text.as_bytes();
    let ok = (1..=MAX_BYTES).contains(&bytes.len())
        && bytes[0].is_ascii_lowercase()
        && bytes[bytes.len() - 1] != b'-'
        && !text.contains("--")
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
    if ok { Ok(()) } else { Err(SlugProblem::NotASlug(Shown::new(text).to_string())) }
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = SlugProblem;
            fn from_str(text: &str) -> Result<Self, SlugProblem> {
                check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = SlugProblem;
            fn try_from(text: String) -> Result<Self, SlugProblem> {
                check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(slug: $name) -> Self {
                slug.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

slug!(
    /// Name of a port, such as `mistral`.
    PortSlug
);
slug!(
    /// Name of an action within its port, such as `list-models`.
    ActionSlug
);
slug!(
    /// Name of a caller.
    AgentName
);

/// An action's full name, `port/action`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActionId {
    /// The port.
    pub port: PortSlug,
    /// The action of that port.
    pub action: ActionSlug,
}

impl FromStr for ActionId {
    type Err = SlugProblem;
    fn from_str(text: &str) -> Result<Self, SlugProblem> {
        match text.split_once('/') {
            Some((port, action)) if !action.contains('/') => Ok(Self { port: port.parse()?, action: action.parse()? }),
            _ => Err(SlugProblem::NotAnActionId(Shown::new(text).to_string())),
        }
    }
}

impl TryFrom<String> for ActionId {
    type Error = SlugProblem;
    fn try_from(text: String) -> Result<Self, SlugProblem> {
        text.parse()
    }
}

impl From<ActionId> for String {
    fn from(id: ActionId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.port, self.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_or_refused() {
        for good in ["a", "mistral", "list-models", "v1", &"a".repeat(63)] {
            assert!(good.parse::<PortSlug>().is_ok(), "{good}");
        }
        for bad in ["", "A", "1a", "-a", "a-", "a--b", "a_b", "a/b", "a.b", "é", "a\n", &"a".repeat(64)] {
            assert!(bad.parse::<PortSlug>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_action_id_has_one_slash() {
        assert!("mistral/list-models".parse::<ActionId>().is_ok());
        for bad in ["mistral", "a/b/c", "/a", "a/", "a//b"] {
            assert!(bad.parse::<ActionId>().is_err(), "{bad}");
        }
    }
}
