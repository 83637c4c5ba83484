//! Where a plugin came from, as it is kept beside it and shown; and where a newer one is looked for.

use std::fmt;
use std::str::FromStr;

use portcullis_catalog::Source as Place;

/// Where a plugin came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A component that comes with this program.
    Shipped(String),
    /// A document of the catalog that comes with this program.
    Catalog(String),
    /// An entry of a signed index.
    Listed {
        /// The index, by its name in the settings.
        index: String,
        /// The entry.
        entry: String,
    },
    /// A registry or a web address.
    At(Place),
    /// A file, by its name without its folder.
    File(String),
}

impl Source {
    /// Whether it comes with this program.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Shipped(_) | Self::Catalog(_))
    }

    /// What to type to get it from there again; `None` for a file, whose folder is not kept.
    #[must_use]
    pub fn wanted(&self) -> Option<String> {
        match self {
            Self::Shipped(name) | Self::Catalog(name) => Some(name.clone()),
            Self::Listed { index, entry } => Some(format!("{index}/{entry}")),
            Self::At(place) => Some(place.to_string()),
            Self::File(_) => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shipped(name) => write!(f, "shipped {name}"),
            Self::Catalog(name) => write!(f, "catalog {name}"),
            Self::Listed { index, entry } => write!(f, "index {index}/{entry}"),
            Self::At(Place::Registry(reference)) => write!(f, "registry {reference}"),
            Self::At(Place::Web(address)) => write!(f, "web {address}"),
            Self::File(name) => write!(f, "file {name}"),
        }
    }
}

/// The text is not where a plugin of this version can come from.
#[derive(Debug)]
pub struct UnknownSource;

impl FromStr for Source {
    type Err = UnknownSource;
    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        let (kind, rest) = text.split_once(' ').ok_or(UnknownSource)?;
        let owned = || rest.to_owned();
        Ok(match kind {
            "shipped" => Self::Shipped(owned()),
            "catalog" => Self::Catalog(owned()),
            "index" => {
                let (index, entry) = rest.split_once('/').ok_or(UnknownSource)?;
                Self::Listed { index: index.to_owned(), entry: entry.to_owned() }
            }
            "registry" | "web" => Self::At(rest.parse().map_err(|_| UnknownSource)?),
            "file" => Self::File(owned()),
            _ => return Err(UnknownSource),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        for text in [
            "shipped mistral",
            "catalog slack-web-api",
            "index acme/slack",
            "registry registry.example/acme/slack:1.2",
            "web https://acme.example/slack.json",
            "file slack.wasm",
        ] {
            let source: Source = text.parse().unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(source.to_string(), text);
            assert_eq!(source.wanted().is_none(), text.starts_with("file"));
        }
        for bad in ["", "bench", "elsewhere x", "index x", "registry x", "web ftp://x"] {
            assert!(bad.parse::<Source>().is_err(), "{bad}");
        }
    }
}
