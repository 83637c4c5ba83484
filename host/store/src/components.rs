//! Bytes of components, one file each, named by their digest.
//!
//! A file's name is a claim, never the identity: every reading hashes the bytes again.

use std::fs;
use std::io;

use portcullis_model::Digest;
use portcullis_policy::StoreError;

use crate::home::Home;
use crate::lockfile::Held;
use crate::private_file::{self, Existing, UNFINISHED};
use crate::problem::Problem;
use crate::store::Store;

impl Store {
    /// Bytes of a component that is installed. Blocks on the file.
    ///
    /// # Errors
    /// When they are missing, or are not the bytes of that digest.
    pub fn component_bytes(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        Ok(read(&self.inner.home, digest)?)
    }
}

fn read(home: &Home, digest: Digest) -> Result<Vec<u8>, Problem> {
    let bytes = fs::read(home.component(digest)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Problem::said(format!("the component {digest} is missing: install the plugin again"))
        }
        _ => error.into(),
    })?;
    if Digest::of(&bytes) != digest {
        let what = format!("the stored component is not {digest} any more: install the plugin again with --replace");
        return Err(Problem::said(what));
    }
    Ok(bytes)
}

/// Puts bytes in their place, unless they are there unchanged.
pub(crate) fn keep(home: &Home, digest: Digest, bytes: &[u8], _shelf: &Held) -> Result<(), Problem> {
    sweep(home)?;
    if read(home, digest).is_err() {
        private_file::write(&home.component(digest), bytes, Existing::Replace)?;
    }
    Ok(())
}

/// Takes bytes away that nothing refers to any more.
pub(crate) fn discard(home: &Home, digest: Digest, _shelf: &Held) -> Result<(), Problem> {
    Ok(private_file::remove(&home.component(digest))?)
}

/// Removes what a process left half written. The shelf is locked: nobody is writing.
fn sweep(home: &Home) -> Result<(), Problem> {
    for entry in fs::read_dir(home.components())? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.ends_with(UNFINISHED)) {
            private_file::remove(&entry.path())?;
        }
    }
    Ok(())
}
