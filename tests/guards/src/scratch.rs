//! A copy of the repository in which guards are deleted and put back.
//!
//! Files that are the same are not written again, so that building after a small change is a small build.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{Attack, Weight};

/// What is not copied: what is built, and what the copy is not made of.
const LEFT_OUT: [&str; 3] = [".git", "target", "node_modules"];

/// What `rooms` can do without: with it, the host and the WebAssembly compiler would be built to try a pure function.
const HEAVY: [&str; 9] = [
    "axum",
    "portcullis-egress",
    "portcullis-gateway",
    "portcullis-sandbox",
    "rcgen",
    "reqwest",
    "rustls",
    "wasmtime",
    "wat",
];

/// The copy.
pub struct Scratch {
    root: PathBuf,
    tree: PathBuf,
    target: PathBuf,
    weight: Weight,
}

impl Scratch {
    /// Copies the repository at `root` below `folder`, for tests of this weight.
    ///
    /// # Errors
    /// Where it cannot be copied.
    pub fn new(root: &Path, folder: &Path, weight: Weight) -> Result<Self> {
        let (tree, target) = (folder.join(weight.as_str()), folder.join(format!("{}-built", weight.as_str())));
        fs::create_dir_all(&tree).with_context(|| tree.display().to_string())?;
        let scratch = Self { root: root.to_owned(), tree, target, weight };
        scratch.copy(Path::new(""))?;
        if weight == Weight::Light {
            scratch.lighten()?;
        }
        Ok(scratch)
    }

    /// The copy's root.
    #[must_use]
    pub fn tree(&self) -> &Path {
        &self.tree
    }

    /// Where it is built.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Which tests it is for.
    #[must_use]
    pub fn weight(&self) -> Weight {
        self.weight
    }

    /// Deletes the guards of these attacks.
    ///
    /// # Errors
    /// Where a patch does not apply; what was changed before stays so until [`Self::put_back`].
    pub fn without(&self, attacks: &[&Attack]) -> Result<()> {
        for attack in attacks {
            let changed = attack.patch.apply(|file| fs::read_to_string(self.tree.join(file)).ok());
            let changed = changed.map_err(anyhow::Error::msg).with_context(|| attack.id.clone())?;
            for (file, text) in changed {
                fs::write(self.tree.join(&file), text).with_context(|| file.clone())?;
            }
        }
        Ok(())
    }

    /// Puts the guards back.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn put_back(&self, attacks: &[&Attack]) -> Result<()> {
        for file in attacks.iter().flat_map(|attack| attack.patch.files()) {
            fs::copy(self.root.join(file), self.tree.join(file)).with_context(|| file.to_owned())?;
        }
        Ok(())
    }

    /// Makes a folder of the copy the same as the repository's.
    fn copy(&self, folder: &Path) -> Result<()> {
        let (from, to) = (self.root.join(folder), self.tree.join(folder));
        fs::create_dir_all(&to)?;
        let mut kept = BTreeSet::new();
        for entry in fs::read_dir(&from).with_context(|| from.display().to_string())? {
            let entry = entry?;
            let (name, kind) = (entry.file_name(), entry.file_type()?);
            if LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            let path = folder.join(&name);
            if kind.is_dir() {
                self.copy(&path)?;
            } else if kind.is_file() && !same(&self.root.join(&path), &self.tree.join(&path)) {
                fs::copy(self.root.join(&path), self.tree.join(&path)).with_context(|| path.display().to_string())?;
            }
            kept.insert(name);
        }
        for entry in fs::read_dir(&to)? {
            let entry = entry?;
            if !kept.contains(&entry.file_name()) {
                let path = entry.path();
                if entry.file_type()?.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }?;
            }
        }
        Ok(())
    }

    /// Takes out of the acceptance tests' manifest whatever `rooms` does not need.
    fn lighten(&self) -> Result<()> {
        let manifest = self.tree.join("tests/Cargo.toml");
        let text = fs::read_to_string(&manifest)?;
        let mut light = String::new();
        for table in format!("\n{text}").split("\n[").filter(|table| !table.trim().is_empty()) {
            let (head, _) = table.split_once('\n').unwrap_or((table, ""));
            let other_tests = head.starts_with("[bench") || (head.starts_with("[test") && !table.contains("\"rooms\""));
            if head == "lib]" || other_tests {
                continue;
            }
            let needed = |line: &&str| !HEAVY.iter().any(|name| line.starts_with(&format!("{name}.")));
            light += &format!("[{}\n", table.lines().filter(needed).collect::<Vec<_>>().join("\n"));
        }
        light += "[lib]\npath = \"nothing.rs\"\ntest = false\ndoctest = false\n";
        for (path, text) in [(manifest, light), (self.tree.join("tests/nothing.rs"), "//! Nothing.\n".to_owned())] {
            if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                fs::write(&path, text).with_context(|| path.display().to_string())?;
            }
        }
        Ok(())
    }
}

fn same(one: &Path, other: &Path) -> bool {
    let read = |path: &Path| fs::read(path).ok();
    read(other).is_some_and(|bytes| Some(bytes) == read(one))
}
