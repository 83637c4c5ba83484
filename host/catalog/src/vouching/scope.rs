//! What part of a registry an identity may vouch for.
//!
//! Compared part by part as parsed, never as text: `registry.example/acme/*` covers nothing of
//! `registry.example/acme-evil`, nor of `registry.example.evil.test`.

use std::fmt;
use std::str::FromStr;

use portcullis_model::{Code, FixedOrigin, Refusal, Shown};

use crate::vouching::reference::{Repository, is_component, registry_of};

/// One repository, or with a last `*` every one below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    registry: FixedOrigin,
    parts: Vec<String>,
    below: bool,
}

impl Scope {
    /// Whether a repository is within it.
    #[must_use]
    pub fn covers(&self, repository: &Repository) -> bool {
        let parts: Vec<&str> = repository.path().split('/').collect();
        let length = if self.below { parts.len() > self.parts.len() } else { parts.len() == self.parts.len() };
        *repository.registry() == self.registry
            && length
            && self.parts.iter().zip(parts).all(|(own, other)| own == other)
    }

    /// The narrowest scope that an operator might list for a repository and its neighbours.
    pub(crate) fn around(repository: &Repository) -> String {
        let registry = repository.registry().authority();
        match repository.path().rsplit_once('/') {
            Some((above, _)) => format!("{registry}/{above}/*"),
            None => format!("{registry}/{}", repository.path()),
        }
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let (registry, path) = text.split_once('/').ok_or("expected `REGISTRY/NAME` or `REGISTRY/NAME/*`")?;
        let registry = registry_of(registry)?;
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let below = parts.last().is_some_and(|last| last == "*");
        if below {
            parts.pop();
        }
        if !parts.iter().all(|part| is_component(part)) {
            return Err("expected parts of a name, and `*` only as the last of them");
        }
        Ok(Self { registry, parts, below })
    }
}

impl FromStr for Scope {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text).map_err(|why| {
            Refusal::new(Code::BadRequest, format!("`{}` is no scope: {why}", Shown::new(text)))
                .fix("write it as REGISTRY/NAME, or REGISTRY/NAME/* for everything below")
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.registry.authority())?;
        for part in &self.parts {
            write!(f, "/{part}")?;
        }
        f.write_str(if self.below { "/*" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_whole_parts_only() -> Result<(), Refusal> {
        for (scope, repository, covered) in [
            ("registry.example/acme/*", "registry.example/acme/slack", true),
            ("registry.example/acme/*", "registry.example/acme/tools/slack", true),
            ("registry.example/*", "registry.example/slack", true),
            ("registry.example/acme/slack", "registry.example/acme/slack", true),
            ("registry.example/acme/*", "registry.example/acme", false),
            ("registry.example/acme/*", "registry.example/acme-evil/slack", false),
            ("registry.example/acme/*", "registry.example/other/acme/slack", false),
            ("registry.example/acme/*", "registry.example.evil.test/acme/slack", false),
            ("registry.example/acme/*", "registry.example:5000/acme/slack", false),
            ("registry.example/acme/slack", "registry.example/acme/slack/more", false),
            ("registry.example/acme/slack", "registry.example/acme/slacks", false),
        ] {
            let covers = scope.parse::<Scope>()?.covers(&repository.parse()?);
            assert_eq!(covers, covered, "{scope} {repository}");
            assert_eq!(scope.parse::<Scope>()?.to_string(), scope);
        }
        Ok(())
    }

    #[test]
    fn a_scope_names_a_registry_and_stars_stand_last() {
        for bad in [
            "",
            "*",
            "*/*",
            "registry.example",
            "registry.example/",
            "*.example/acme",
            "registry.example/*/slack",
            "registry.example/acme*",
            "registry.example/acme/**",
            "registry.example/acme/../*",
            "registry.example/acme:1",
        ] {
            assert!(bad.parse::<Scope>().is_err(), "{bad}");
        }
    }
}
