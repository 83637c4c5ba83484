//! Which guards were deleted, and their tests seen to fail: a line each, with a digest of what was tried.
//!
//! A patch or a test's name that changes makes the line stale, so that nobody's word is taken for it. A change of a test's
//! body does not: that is what the next run is for.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::{Attack, folder};

/// What was seen, by attack.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Seen(BTreeMap<String, String>);

impl Seen {
    fn path() -> PathBuf {
        folder().join("seen.toml")
    }

    /// Reads what was seen.
    ///
    /// # Errors
    /// Where the file is not one that was written here.
    pub fn read() -> Result<Self> {
        let text = fs::read_to_string(Self::path()).unwrap_or_default();
        toml::from_str(&text).map(Self).context("seen.toml")
    }

    /// Whether the attack was tried as it stands.
    #[must_use]
    pub fn has(&self, attack: &Attack) -> bool {
        self.0.get(&attack.id) == Some(&digest(attack))
    }

    /// Lines of attacks that are not there any more.
    pub fn stale<'a>(&'a self, attacks: &'a [Attack]) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str).filter(|id| !attacks.iter().any(|attack| attack.id == *id))
    }

    /// Notes that a guard was deleted and its test failed.
    pub fn note(&mut self, attack: &Attack) {
        self.0.insert(attack.id.clone(), digest(attack));
    }

    /// Notes that the test did not fail.
    pub fn take_back(&mut self, attack: &Attack) {
        self.0.remove(&attack.id);
    }

    /// Writes it, without what is not there any more.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, attacks: &[Attack]) -> Result<()> {
        self.0.retain(|id, _| attacks.iter().any(|attack| attack.id == *id));
        let mut text =
            "# Written by tests/guards/run where a test failed without its guard. Not to be edited.\n".to_owned();
        for (id, digest) in &self.0 {
            text += &format!("\"{id}\" = \"{digest}\"\n");
        }
        fs::write(Self::path(), text).context("seen.toml")
    }
}

fn digest(attack: &Attack) -> String {
    let mut hasher = Sha256::new();
    let test = &attack.test;
    for part in [test.package.as_str(), &test.target, &test.name].into_iter().chain(attack.patch.changes()) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hex::encode(&hasher.finalize()[..16])
}
