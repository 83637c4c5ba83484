//! Compiled code on disk: private, named by digest and settings, and authenticated.
//!
//! Compiled code is machine code that this process will run, so a file that is not exactly what was written here is
//! thrown away. The key protects against other users and stray writes, not against the operator's own account.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use portcullis_model::Digest;
use sha2::Sha256;

const MAC_BYTES: usize = 32;

/// A folder of compiled components.
pub(crate) struct CodeCache {
    dir: PathBuf,
    key: [u8; 32],
    settings: u64,
}

impl CodeCache {
    /// Opens the folder, making it and its key where they are missing.
    pub(crate) fn open(dir: &Path, settings: u64) -> io::Result<Self> {
        private_dir(dir)?;
        let key = key(&dir.join("cache.key"))?;
        Ok(Self { dir: dir.to_owned(), key, settings })
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(format!("{}-{:016x}.cwasm", digest.to_hex(), self.settings))
    }

    fn mac(&self, digest: &Digest, code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(b"portcullis/compiled/v1");
        mac.update(digest.as_bytes());
        mac.update(&self.settings.to_be_bytes());
        mac.update(code);
        Some(mac)
    }

    /// Compiled code, if it is here and exactly as written. A file that is not is removed.
    pub(crate) fn get(&self, digest: &Digest) -> Option<Vec<u8>> {
        let path = self.path(digest);
        let mut file = fs::read(&path).ok()?;
        if file.len() > MAC_BYTES {
            let code = file.split_off(MAC_BYTES);
            if self.mac(digest, &code).is_some_and(|mac| mac.verify_slice(&file).is_ok()) {
                return Some(code);
            }
        }
        tracing::warn!(%digest, "compiled code was changed on disk; compiling again");
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%digest, %error, "the changed file cannot be removed");
        }
        None
    }

    /// Keeps compiled code. Another process may do the same at once; either file is right.
    pub(crate) fn put(&self, digest: &Digest, code: &[u8]) -> io::Result<()> {
        let Some(mac) = self.mac(digest, code) else { return Ok(()) };
        let mut file = tempfile::Builder::new().prefix(".compiling").tempfile_in(&self.dir)?;
        file.write_all(&mac.finalize().into_bytes())?;
        file.write_all(code)?;
        file.persist(self.path(digest)).map_err(|e| e.error)?;
        Ok(())
    }
}

fn private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    #[cfg(unix)]
    fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Reads the key, or makes one. The file appears whole or not at all, and the first process to link it wins. One that
/// is too short was not written here; whatever was authenticated by it is thrown away when it is next read.
fn key(path: &Path) -> io::Result<[u8; 32]> {
    for _ in 0..2 {
        match read_key(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => fs::remove_file(path)?,
            other => return other,
        }
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|e| io::Error::other(e.to_string()))?;
        let dir = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let mut file = tempfile::Builder::new().prefix(".key").tempfile_in(dir)?;
        file.write_all(&fresh)?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.error),
        }
    }
    read_key(path)
}

fn read_key(path: &Path) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    OpenOptions::new().read(true).open(path)?.read_exact(&mut key)?;
    Ok(key)
}
