//! `[[trust]]`, `[registries]` and `[indexes]`: who may vouch for what comes from elsewhere, and where it comes from.
//!
//! Nobody is listed unless the operator does. Files of keys and roots are read anew whenever something is verified, so
//! that what was taken away does not vouch any more.

mod listed_file;
mod trusted;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use portcullis_catalog::{Source, Trust};
use portcullis_model::{Code, FixedOrigin, PortSlug, Refusal, Shown};
use serde::Deserialize;

pub(crate) use trusted::{Trusted, public_key};

/// These parts of the settings.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<'a> {
    pub(crate) trust: &'a [Trusted],
    pub(crate) registries: &'a BTreeMap<String, RegistrySettings>,
    pub(crate) indexes: &'a BTreeMap<String, IndexSettings>,
    /// Where the settings are: names of listed files are relative to it.
    pub(crate) folder: &'a Path,
}

/// `[registries."HOST"]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RegistrySettings {
    login: Option<String>,
}

/// `[indexes.NAME]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexSettings {
    url: String,
    keys: Vec<PathBuf>,
}

impl Distribution<'_> {
    /// Checks every value but the listed files, which are read when they are needed.
    pub(crate) fn check(&self) -> Result<()> {
        for trusted in self.trust {
            trusted.check()?;
        }
        self.logins()?;
        for (name, index) in self.indexes {
            name.parse::<PortSlug>().context("[indexes]")?;
            index.url.parse::<Source>().with_context(|| format!("[indexes.{name}] url"))?;
            if index.keys.is_empty() {
                bail!("[indexes.{name}] keys: expected at least one, or nobody could sign it");
            }
        }
        Ok(())
    }

    /// Where registries give out tokens, by registry.
    ///
    /// # Errors
    /// When one of the two is no place.
    pub fn logins(&self) -> Result<BTreeMap<String, FixedOrigin>> {
        let mut logins = BTreeMap::new();
        for (registry, settings) in self.registries {
            let place = || format!("[registries.\"{registry}\"]");
            // As a registry is compared: the usual port left out.
            let https = FixedOrigin::by_operator(&format!("https://{registry}")).with_context(place)?;
            if let Some(login) = &settings.login {
                let login = FixedOrigin::by_operator(login).with_context(|| format!("{} login", place()))?;
                logins.insert(https.authority(), login);
            }
        }
        Ok(logins)
    }

    /// Everybody who is listed, with their keys and roots as the files hold them now.
    ///
    /// # Errors
    /// `signature-refused` where a file cannot be read or another account may write it, `bad-request` where it holds no
    /// key or no root.
    pub fn trust(&self) -> Result<Trust, Refusal> {
        let identities = self.trust.iter().map(|trusted| trusted.identity(self.folder)).collect::<Result<_, _>>()?;
        let mut trust = Trust::new(identities);
        for (name, index) in self.indexes {
            let keys = index.keys.iter().map(|key| public_key(self.folder, key)).collect::<Result<_, _>>()?;
            trust = trust.index(name, keys);
        }
        Ok(trust)
    }

    /// How much is listed, in words; `None` where it is nothing.
    pub(crate) fn listed(&self) -> Option<String> {
        let (trusted, indexes) = (self.trust.len(), self.indexes.len());
        (trusted + indexes > 0)
            .then(|| format!("{trusted} listed for registries, {indexes} indexes, every key and root readable"))
    }

    /// Names of the indexes that are listed.
    pub fn index_names(&self) -> impl Iterator<Item = &str> {
        self.indexes.keys().map(String::as_str)
    }

    /// Where an index is to be had.
    ///
    /// # Errors
    /// `bad-request` where it is not listed.
    pub fn index(&self, name: &str) -> Result<Source, Refusal> {
        let Some(index) = self.indexes.get(name) else {
            let what = format!("no index `{}` is listed", Shown::new(name));
            return Err(Refusal::new(Code::BadRequest, what)
                .fix("list it in portcullis.toml: [indexes.NAME] url = \"https://…\" keys = [\"KEY.pub\"]"));
        };
        index.url.parse()
    }
}

#[cfg(test)]
mod tests;
