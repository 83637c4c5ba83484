//! The folder of a store and the names in it.

use std::path::{Path, PathBuf};

use portcullis_model::Digest;

use crate::private_file::private_dir;
use crate::problem::Problem;

/// Where everything is.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    dir: PathBuf,
}

impl Home {
    /// Names in a folder; touches nothing.
    pub(crate) fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Makes the folders.
    pub(crate) fn prepare(&self) -> Result<(), Problem> {
        private_dir(&self.dir)?;
        private_dir(&self.owners())?;
        private_dir(&self.components())
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.dir.join("portcullis.db")
    }

    pub(crate) fn audit_key(&self) -> PathBuf {
        self.dir.join("audit.key")
    }

    /// Held while a process enters the folder or looks for others that are gone.
    pub(crate) fn gate(&self) -> PathBuf {
        self.dir.join("gate.lock")
    }

    /// Held while a component is put in or taken out.
    pub(crate) fn shelf(&self) -> PathBuf {
        self.dir.join("components.lock")
    }

    pub(crate) fn owners(&self) -> PathBuf {
        self.dir.join("owners")
    }

    pub(crate) fn owner(&self, id: &str) -> PathBuf {
        self.owners().join(format!("{id}{OWNER_ENDING}"))
    }

    pub(crate) fn components(&self) -> PathBuf {
        self.dir.join("components")
    }

    pub(crate) fn component(&self, digest: Digest) -> PathBuf {
        self.components().join(format!("{}.wasm", digest.to_hex()))
    }
}

/// Ending of the lock file of an owner.
pub(crate) const OWNER_ENDING: &str = ".lock";
