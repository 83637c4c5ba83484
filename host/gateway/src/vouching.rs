//! `[[trust]]` and `[indexes]`: whom the operator lists, and for what. Nobody is listed by default.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use portcullis_catalog::{Identity, PublicKey, Scope, Source, Trust};
use portcullis_model::PortSlug;
use serde::{Deserialize, Deserializer};

/// Largest key file, in bytes.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// A key that may vouch for what is in a scope.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustSettings {
    #[serde(deserialize_with = "parsed")]
    scope: Scope,
    key: PathBuf,
}

/// A signed index.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexSettings {
    /// Where it is to be had.
    pub(crate) url: Source,
    keys: Vec<PathBuf>,
}

impl IndexSettings {
    /// That somebody can vouch for it.
    pub(crate) fn check(&self, name: &PortSlug) -> Result<()> {
        if self.keys.is_empty() {
            bail!("[indexes.{name}] keys: expected at least one: an index that nobody signs is none");
        }
        Ok(())
    }
}

/// Reads the keys, which are named from where the settings stand.
pub(crate) fn trust(
    folder: &Path,
    trusted: &[TrustSettings],
    indexes: &BTreeMap<PortSlug, IndexSettings>,
) -> Result<Trust> {
    let read = |file: &PathBuf| key(&folder.join(file), file);
    let mut identities = Vec::new();
    for TrustSettings { scope, key } in trusted {
        identities.push(Identity::new(scope.clone(), read(key).context("[[trust]] key")?));
    }
    let mut trust = Trust::new(identities);
    for (name, index) in indexes {
        let keys =
            index.keys.iter().map(read).collect::<Result<_>>().with_context(|| format!("[indexes.{name}] keys"))?;
        trust = trust.index(name.as_str(), keys);
    }
    Ok(trust)
}

fn key(path: &Path, name: &Path) -> Result<PublicKey> {
    let shown = path.display();
    let size = fs::metadata(path).with_context(|| format!("`{shown}` cannot be read"))?.len();
    if size > MAX_KEY_BYTES {
        bail!("`{shown}` has {size} bytes, and no public key is so large");
    }
    let pem = fs::read(path).with_context(|| format!("`{shown}` cannot be read"))?;
    Ok(PublicKey::from_pem(&name.display().to_string(), &pem)?)
}

fn parsed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scope, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|refusal: portcullis_model::Refusal| serde::de::Error::custom(refusal.message()))
}
