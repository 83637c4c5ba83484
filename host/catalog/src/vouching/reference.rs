//! An OCI reference: which artifact of which registry, parsed once.
//!
//! The registry is always written out: there is no default one, and no default tag. A registry on this machine is spoken
//! to in plain http, any other over https. Does not know what an artifact is, nor who may vouch for it.

use std::fmt;
use std::str::FromStr;

use portcullis_model::{Code, Digest, FixedOrigin, Refusal, Shown};
use serde::{Deserialize, Serialize};

/// Longest reference in bytes: 255 for registry and repository, as registries commonly have it, 128 for a tag, a digest.
const MAX_BYTES: usize = 512;

/// Longest tag in bytes (OCI distribution specification 1.1, "Pulling manifests").
const MAX_TAG_BYTES: usize = 128;

/// A tag, a digest, or both: `registry.example/acme/slack:1.2`, `registry.example/acme/slack@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    repository: Repository,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// A registry and a name there, without tag and digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    registry: FixedOrigin,
    path: String,
}

impl Repository {
    /// Where the registry is.
    #[must_use]
    pub fn registry(&self) -> &FixedOrigin {
        &self.registry
    }

    /// The name within the registry, such as `acme/slack`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let (registry, path) = text.split_once('/').ok_or("expected `REGISTRY/NAME`, the registry written out")?;
        let registry = registry_of(registry)?;
        if !path.split('/').all(is_component) {
            return Err("expected a name of lower-case letters, digits, and single `.`, `_`, `-` between them");
        }
        Ok(Self { registry, path: path.to_owned() })
    }
}

impl FromStr for Repository {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text).map_err(|why| no_reference(text, why))
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry.authority(), self.path)
    }
}

/// A registry by the text before the first slash.
pub(crate) fn registry_of(text: &str) -> Result<FixedOrigin, &'static str> {
    let why = "expected a registry by its full host name, such as `registry.example`, or one on this machine";
    let secure = FixedOrigin::by_operator(&format!("https://{text}")).map_err(|_| why)?;
    if !secure.is_loopback() {
        return Ok(secure);
    }
    FixedOrigin::by_operator(&format!("http://{text}")).map_err(|_| why)
}

/// One part of a name (OCI distribution specification 1.1): letters and digits, with one separator between runs of them.
pub(crate) fn is_component(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let (Some(first), Some(last)) = (text.bytes().next(), text.bytes().last()) else { return false };
    let separators = text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()).filter(|part| !part.is_empty());
    plain(first)
        && plain(last)
        && separators.into_iter().all(|s| matches!(s, "." | "_" | "__") || s.bytes().all(|b| b == b'-'))
}

fn is_tag(text: &str) -> bool {
    (1..=MAX_TAG_BYTES).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

impl Reference {
    /// The artifact of a digest in a repository.
    #[must_use]
    pub fn by_digest(repository: Repository, digest: Digest) -> Self {
        Self { repository, tag: None, digest: Some(digest) }
    }

    /// The same artifact, pinned: whatever its tag comes to mean, only the one of this digest is meant.
    #[must_use]
    pub fn pinned(&self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self.clone() }
    }

    /// Registry and name.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Where the registry is.
    #[must_use]
    pub fn registry(&self) -> &FixedOrigin {
        &self.repository.registry
    }

    /// What a tag points to can change.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Digest of the manifest.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > MAX_BYTES {
            return Err("expected at most 512 bytes");
        }
        let bare = text.strip_prefix("oci://").unwrap_or(text);
        let (name, digest) = match bare.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse().map_err(|_| "expected `@sha256:` and 64 digits")?)),
            None => (bare, None),
        };
        // A colon before the last slash is a port's.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err("expected a tag of at most 128 letters, digits, `.`, `_` and `-`");
        }
        if tag.is_none() && digest.is_none() {
            return Err("expected a tag or a digest, such as `:1.0` or `@sha256:…`");
        }
        Ok(Self { repository: Repository::parse(name)?, tag: tag.map(str::to_owned), digest })
    }
}

fn no_reference(text: &str, why: &str) -> Refusal {
    Refusal::new(Code::BadRequest, format!("`{}` is no reference into a registry: {why}", Shown::new(text)))
        .fix("write it as REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST")
}

impl FromStr for Reference {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text).map_err(|why| no_reference(text, why))
    }
}

impl TryFrom<String> for Reference {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.repository.fmt(f)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn a_reference_reads_back_as_it_was_written() -> Result<(), Refusal> {
        for text in [
            "registry.example/slack:1.2.3",
            "registry.example/acme/slack-web__api/x.y:Latest_1",
            "registry.example:5000/acme/slack:1",
            "127.0.0.1:5000/acme/slack:1",
            "[::1]:5000/acme/slack:1",
            &format!("registry.example/acme/slack@{DIGEST}"),
            &format!("registry.example/acme/slack:1@{DIGEST}"),
        ] {
            assert_eq!(text.parse::<Reference>()?.to_string(), text);
        }
        assert_eq!("oci://registry.example/a:1".parse::<Reference>()?.to_string(), "registry.example/a:1");
        assert_eq!("registry.example:443/a:1".parse::<Reference>()?.to_string(), "registry.example/a:1");
        Ok(())
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() -> Result<(), Refusal> {
        let scheme = |text: &str| Ok::<_, Refusal>(text.parse::<Reference>()?.registry().scheme());
        assert_eq!(scheme("127.0.0.1:5000/a:1")?, "http");
        assert_eq!(scheme("localhost:5000/a:1")?, "http");
        assert_eq!(scheme("registry.example:80/a:1")?, "https");
        Ok(())
    }

    #[test]
    fn what_could_mean_something_else_is_no_reference() {
        for bad in [
            "",
            "slack",
            "slack:1",
            "acme/slack:1",
            "registry.example/slack",
            "registry.example/:1",
            "registry.example//slack:1",
            "registry.example/../slack:1",
            "registry.example/acme/..:1",
            "registry.example/Slack:1",
            "registry.example/slack:",
            "registry.example/slack:-x",
            "registry.example/slack:a b",
            "registry.example/slack:1/x",
            "registry.example/slack%2f:1",
            "registry.example/a..b:1",
            "registry.example/a___b:1",
            "registry.example/-a:1",
            "registry.example/slack@sha256:0123",
            "registry.example/slack@md5:0123456789abcdef",
            "user@registry.example/slack:1",
            "https://registry.example/slack:1",
            "10.0.0.1/slack:1",
            "registry.internal/slack:1",
            "registry.example?x/slack:1",
            &format!("registry.example/{}:1", "a".repeat(600)),
        ] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
