//! All attacks, from their folders.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::Attack;

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    let here = folder();
    here.ancestors().nth(2).unwrap_or(&here).to_owned()
}

/// The folder of this crate, which holds `attacks/`.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Every attack, by actor, room and name.
///
/// # Errors
/// Every folder at fault, with what is wrong.
pub fn all() -> Result<Vec<Attack>> {
    let base = folder().join("attacks");
    let (mut attacks, mut wrong) = (Vec::new(), Vec::new());
    for actor in names(&base)? {
        for name in names(&base.join(&actor))? {
            let id = format!("{actor}/{name}");
            match read(&base.join(&id), &id) {
                Ok(attack) => attacks.push(attack),
                Err(why) => wrong.push(format!("{id}: {why}")),
            }
        }
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    attacks.sort_by(|a: &Attack, b: &Attack| (a.actor, &a.room, &a.id).cmp(&(b.actor, &b.room, &b.id)));
    Ok(attacks)
}

fn read(folder: &Path, id: &str) -> Result<Attack, String> {
    let text = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let (toml, patch) = (text("attack.toml")?, text("guard.patch")?);
    if let Some(other) = names(folder).map_err(|e| e.to_string())?.iter().find(|n| !KNOWN.contains(&n.as_str())) {
        return Err(format!("`{other}` has no place here"));
    }
    Attack::read(id, &toml, &patch)
}

const KNOWN: [&str; 2] = ["attack.toml", "guard.patch"];

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let name = |entry: std::io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    entries.map(name).collect()
}
