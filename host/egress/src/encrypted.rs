//! Credentials in one file encrypted by `age`, for machines without a keyring.
//!
//! The file is private, replaced as a whole, and changed under a lock. It hides how many bytes a credential has no
//! better than `age` does. Opening one by passphrase takes a good part of a second, on purpose.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use age::secrecy::{ExposeSecret as _, SecretString};
use age::{scrypt, x25519};
use portcullis_model::{Code, Refusal};
use zeroize::Zeroizing;

use crate::credential::{Credential, Passphrase};
use crate::slot::Slot;

/// First line of the plain text.
const HEAD: &str = "portcullis credentials 1";

/// Cost of trying a passphrase: N = 2^17, as OWASP's Password Storage Cheat Sheet advises for scrypt with r = 8.
const WORK: u8 = 17;

/// Highest cost that is paid to open a file; a file from elsewhere could ask for hours.
const MAX_WORK: u8 = 20;

/// Largest file read, in bytes.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Asks for the passphrase, when and if it is needed.
pub type AskPassphrase = Box<dyn Fn() -> Result<Passphrase, Refusal> + Send + Sync>;

/// What opens the file.
pub enum FileKey {
    /// A passphrase that is known.
    Passphrase(Passphrase),
    /// A passphrase that is asked for at first use.
    Ask(AskPassphrase),
    /// A file with an `age` identity; made at the first `secret set` where there is none.
    KeyFile(PathBuf),
}

/// Tells one state of the file from another without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp(Option<(SystemTime, u64, u64)>);

/// The file and what opens it.
pub(crate) struct EncryptedFile {
    path: PathBuf,
    key: Option<FileKey>,
    asked: Mutex<Option<SecretString>>,
}

type Credentials = BTreeMap<Slot, Credential>;

impl EncryptedFile {
    pub(crate) fn new(path: PathBuf, key: Option<FileKey>) -> Self {
        Self { path, key, asked: Mutex::default() }
    }

    pub(crate) fn exists(&self) -> bool {
        self.path.exists()
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp(fs::metadata(&self.path).ok().and_then(|m| Some((m.modified().ok()?, m.len(), inode(&m)))))
    }

    pub(crate) fn read(&self, slot: &Slot) -> Result<Option<Credential>, Refusal> {
        Ok(self.open()?.remove(slot))
    }

    pub(crate) fn write(&self, slot: &Slot, credential: Credential) -> Result<(), Refusal> {
        let _lock = self.lock()?;
        let mut all = self.open()?;
        all.insert(slot.clone(), credential);
        self.replace(&all)
    }

    /// Whether there was one.
    pub(crate) fn remove(&self, slot: &Slot) -> Result<bool, Refusal> {
        if !self.exists() {
            return Ok(false);
        }
        let _lock = self.lock()?;
        let mut all = self.open()?;
        let was = all.remove(slot).is_some();
        if was {
            self.replace(&all)?;
        }
        Ok(was)
    }

    /// Whether it can be opened.
    pub(crate) fn probe(&self) -> Result<(), Refusal> {
        match &self.key {
            None => Err(no_key()),
            // Asking only to find out would be a nuisance.
            Some(FileKey::Ask(_)) => Ok(()),
            Some(_) => self.open().map(|_| ()),
        }
    }

    fn open(&self) -> Result<Credentials, Refusal> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Credentials::new()),
            Err(error) => return Err(unavailable("read", &error)),
        };
        let mut sealed = Vec::new();
        (&mut file).take(MAX_FILE_BYTES).read_to_end(&mut sealed).map_err(|error| unavailable("read", &error))?;
        let opened = match self.key()? {
            Key::Passphrase(passphrase) => {
                let mut identity = scrypt::Identity::new(passphrase);
                identity.set_max_work_factor(MAX_WORK);
                age::decrypt(&identity, &sealed)
            }
            Key::Identity(identity) => age::decrypt(&identity, &sealed),
        };
        let plain = Zeroizing::new(opened.map_err(|_| {
            // A mistyped passphrase is asked for again.
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = None;
            Refusal::new(
                Code::CredentialUnavailable,
                "the passphrase or key does not open the encrypted file, or the file is damaged",
            )
            .fix("set PORTCULLIS_PASSPHRASE to the passphrase the file was made with")
        })?);
        parse(&plain)
    }

    fn replace(&self, all: &Credentials) -> Result<(), Refusal> {
        let mut plain = Zeroizing::new(String::with_capacity(
            HEAD.len() + 1 + all.iter().map(|(slot, c)| slot.as_str().len() + c.expose().len() + 2).sum::<usize>(),
        ));
        plain.push_str(HEAD);
        plain.push('\n');
        for (slot, credential) in all {
            for part in [slot.as_str(), " ", credential.expose(), "\n"] {
                plain.push_str(part);
            }
        }
        let sealed = match self.key()? {
            Key::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(passphrase);
                recipient.set_work_factor(if cfg!(test) { 2 } else { WORK });
                age::encrypt(&recipient, plain.as_bytes())
            }
            Key::Identity(identity) => age::encrypt(&identity.to_public(), plain.as_bytes()),
        };
        let sealed = sealed.map_err(|_| {
            Refusal::new(Code::CredentialUnavailable, "the credentials cannot be encrypted").fix("portcullis doctor")
        })?;
        write_private(&self.path, &sealed).map_err(|error| unavailable("written", &error))
    }

    fn key(&self) -> Result<Key, Refusal> {
        match self.key.as_ref().ok_or_else(no_key)? {
            FileKey::Passphrase(passphrase) => Ok(Key::Passphrase(passphrase.0.clone())),
            FileKey::Ask(ask) => {
                let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
                let passphrase = match &*asked {
                    Some(known) => known.clone(),
                    None => asked.insert(ask()?.0).clone(),
                };
                Ok(Key::Passphrase(passphrase))
            }
            FileKey::KeyFile(path) => identity(path, !self.exists()).map(Key::Identity),
        }
    }

    /// Held while the file is changed, across processes. In a file of its own, since the file itself is replaced.
    fn lock(&self) -> Result<File, Refusal> {
        let error = |error: io::Error| unavailable("locked", &error);
        let lock = private().create(true).truncate(false).open(self.path.with_extension("lock")).map_err(error)?;
        lock.lock().map_err(error)?;
        Ok(lock)
    }
}

enum Key {
    Passphrase(SecretString),
    Identity(x25519::Identity),
}

fn no_key() -> Refusal {
    Refusal::new(Code::CredentialUnavailable, "nothing is known that opens the encrypted file")
        .fix("set PORTCULLIS_PASSPHRASE, or run the command at a terminal")
}

fn unavailable(what: &str, error: &io::Error) -> Refusal {
    Refusal::new(Code::CredentialUnavailable, format!("the encrypted file cannot be {what}: {}", error.kind()))
        .fix("portcullis doctor")
}

/// Reads an identity. Makes one where there is none and nothing has been encrypted for it yet.
fn identity(path: &Path, may_make: bool) -> Result<x25519::Identity, Refusal> {
    let refusal = |what: &str| Refusal::new(Code::CredentialUnavailable, format!("the key file {what}"));
    if may_make && !path.exists() {
        let identity = x25519::Identity::generate();
        let text = Zeroizing::new(format!("{}\n", identity.to_string().expose_secret()));
        write_private(path, text.as_bytes())
            .map_err(|error| refusal(&format!("cannot be written: {}", error.kind())).fix("portcullis doctor"))?;
        return Ok(identity);
    }
    if is_open_to_others(path) {
        return Err(refusal("can be read by others").fix("chmod 600 KEYFILE"));
    }
    let read = fs::read_to_string(path)
        .map_err(|error| refusal(&format!("cannot be read: {}", error.kind())).fix("portcullis doctor"))?;
    let text = Zeroizing::new(read);
    let line = text.lines().map(str::trim).find(|line| line.starts_with("AGE-SECRET-KEY-1"));
    line.and_then(|line| line.parse().ok())
        .ok_or_else(|| refusal("holds no `AGE-SECRET-KEY-1…`").fix("age-keygen -o KEYFILE"))
}

fn parse(plain: &Zeroizing<Vec<u8>>) -> Result<Credentials, Refusal> {
    let damaged = || {
        Refusal::new(Code::CredentialUnavailable, "the encrypted file holds something else than credentials")
            .fix("portcullis doctor")
    };
    let text = std::str::from_utf8(plain).map_err(|_| damaged())?;
    let rest = text.strip_prefix(HEAD).and_then(|rest| rest.strip_prefix('\n')).ok_or_else(damaged)?;
    let mut all = Credentials::new();
    for line in rest.lines() {
        let (slot, value) = line.split_once(' ').ok_or_else(damaged)?;
        all.insert(slot.parse().map_err(|_| damaged())?, Credential::new(value.to_owned())?);
    }
    Ok(all)
}

/// Replaces a file at once: whoever reads it finds the old or the new, also after the power was lost.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Made with mode 0600.
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| std::os::unix::fs::MetadataExt::mode(&m) & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
