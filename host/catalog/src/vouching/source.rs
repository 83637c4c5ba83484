//! Where something is to be had: a registry or the web.

use std::fmt;
use std::str::FromStr;

use portcullis_model::Refusal;
use serde::{Deserialize, Serialize};

use crate::vouching::reference::Reference;
use crate::vouching::web_address::WebAddress;

/// A reference into a registry, or a web address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Source {
    /// In a registry.
    Registry(Reference),
    /// On the web.
    Web(WebAddress),
}

impl FromStr for Source {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        if text.starts_with("https://") || text.starts_with("http://") {
            return text.parse().map(Self::Web);
        }
        text.parse().map(Self::Registry)
    }
}

impl TryFrom<String> for Source {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(reference) => reference.fmt(f),
            Self::Web(address) => address.fmt(f),
        }
    }
}
