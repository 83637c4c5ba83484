//! Where a host keeps its things.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use directories::ProjectDirs;

/// The folders of one host.
#[derive(Debug, Clone)]
pub struct Home {
    state: PathBuf,
    cache: PathBuf,
    settings: PathBuf,
}

impl Home {
    /// The platform's folders, or the one folder that `PORTCULLIS_HOME` names.
    ///
    /// # Errors
    /// When the platform knows no home folder.
    pub fn find() -> Result<Self> {
        if let Some(dir) = env::var_os("PORTCULLIS_HOME").filter(|d| !d.is_empty()) {
            return Ok(Self::at(Path::new(&dir)));
        }
        let dirs = ProjectDirs::from("", "", "portcullis")
            .context("this account has no home folder; set PORTCULLIS_HOME to a folder of your choice")?;
        Ok(Self {
            state: dirs.data_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            settings: dirs.config_dir().join("portcullis.toml"),
        })
    }

    /// Everything in one folder.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        Self { state: dir.join("state"), cache: dir.join("cache"), settings: dir.join("portcullis.toml") }
    }

    /// Makes the folders that are missing, private to this account.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn prepare(&self) -> Result<()> {
        for dir in [self.settings.parent(), Some(&self.state), Some(&self.cache)].into_iter().flatten() {
            private_dir(dir).with_context(|| format!("`{}` cannot be made", dir.display()))?;
        }
        Ok(())
    }

    /// Database, components, keys.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Compiled code; may be deleted at any time.
    #[must_use]
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The operator's settings.
    #[must_use]
    pub fn settings(&self) -> &Path {
        &self.settings
    }

    /// The operator's rule files, beside the settings.
    #[must_use]
    pub fn policies(&self) -> PathBuf {
        self.settings.with_file_name("policies")
    }
}

fn private_dir(dir: &Path) -> std::io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
