//! What the command line asks for.

use anyhow::{Result, bail};

/// Which figures, and how they are given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    /// JSON instead of a table.
    pub(crate) json: bool,
    /// A missed budget is a failure.
    pub(crate) strict: bool,
    /// The long forms.
    pub(crate) full: bool,
    /// What each room of a call takes.
    pub(crate) rooms: bool,
    only: Vec<String>,
}

impl Wishes {
    pub(crate) fn parse(words: &[String]) -> Result<Self> {
        let mut wishes = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                // cargo says so to every bench.
                "--bench" => {}
                "--json" => wishes.json = true,
                "--strict" => wishes.strict = true,
                "--full" => wishes.full = true,
                "--rooms" => wishes.rooms = true,
                "--only" => wishes.only.extend(words.next().cloned()),
                other => bail!("`{other}`: expected --json, --strict, --full, --rooms or --only WORD"),
            }
        }
        Ok(wishes)
    }

    /// Whether figures of that name are wanted. Says on the side what is being measured.
    pub(crate) fn want(&self, name: &str) -> bool {
        let wanted = self.only.is_empty() || self.only.iter().any(|only| name.contains(only.as_str()));
        if wanted {
            eprintln!("measuring: {name}");
        }
        wanted
    }
}
