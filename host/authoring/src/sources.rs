//! Which files of a project its component is made of.
//!
//! Goes by what tools are known to leave behind, and by nothing that a project says: an ignored file may well be a source.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use portcullis_model::{Digest, Hasher};

/// Folders that tools write, wherever they stand.
const OTHERS: &[&str] = &[".git", ".venv", "__pycache__", "node_modules"];

/// Those that they write into a project's own folder, and the cases, of which nothing is built. Deeper down a source may
/// be called so.
const OTHERS_AT_THE_TOP: &[&str] = &["build", "cases", "dist", "target"];

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 32;

/// Whether a change of this path may change what is built. The path is one below the project's folder.
#[must_use]
pub fn is_source(folder: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(folder) else { return false };
    let mut parts = below.components();
    let Some(first) = parts.next() else { return false };
    let is = |part: Component<'_>, names: &[&str]| names.iter().any(|name| part.as_os_str() == *name);
    let built = parts.next().is_none() && below.extension().is_some_and(|ending| ending == "wasm" || ending == "new");
    !built && !is(first, OTHERS_AT_THE_TOP) && !below.components().any(|part| is(part, OTHERS))
}

/// Folders whose files a component is made of: the project's own, and those in it. Those that tools write are left out,
/// since they may hold more files than a machine can watch.
///
/// # Errors
/// When a folder cannot be read.
pub fn source_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && is_source(folder, &entry.path()) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// A digest of every source's path and text.
///
/// # Errors
/// When a file cannot be read.
pub fn fingerprint(folder: &Path) -> io::Result<Digest> {
    let mut hasher = Hasher::new("portcullis/sources/v1");
    for path in sources(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).as_os_str().as_encoded_bytes().to_vec();
        hasher = hasher.field(&name).field(&fs::read(&path)?);
    }
    Ok(hasher.finish())
}

/// When a source was last written.
///
/// # Errors
/// When a file cannot be read.
pub fn newest(folder: &Path) -> io::Result<Option<SystemTime>> {
    let mut newest = None;
    for path in sources(folder)? {
        newest = newest.max(Some(path.metadata()?.modified()?));
    }
    Ok(newest)
}

/// Every source, in one order. Links are not followed: they may lead anywhere.
fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, folder, &mut found, 0)?;
    found.sort();
    Ok(found)
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<PathBuf>, depth: usize) -> io::Result<()> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if !is_source(root, &path) {
            continue;
        }
        if kind.is_dir() {
            collect(root, &path, found, depth + 1)?;
        } else if kind.is_file() {
            found.push(path);
        }
    }
    Ok(())
}
