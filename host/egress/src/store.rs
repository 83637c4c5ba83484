//! Where credentials are kept, and in which order they are looked for.
//!
//! The environment goes over the keyring or the encrypted file, one of which is in use. What was read is kept, with
//! its scrubber, for the life of the process; a change made by this process is seen at once, one made by another
//! within five seconds, or after the service has answered 401. Nothing here prints or hands out a credential.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portcullis_model::{Code, PortSlug, Refusal};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::Scrubber;
use crate::credential::Credential;
use crate::encrypted::{EncryptedFile, FileKey, Stamp};
use crate::environment::{Environment, variable};
use crate::keyring::Keyring;
use crate::slot::Slot;
use crate::webhook;

/// How long a credential is used before another process may have changed it.
const FRESH: Duration = Duration::from_secs(5);

/// How long the keyring may take, a person unlocking it included.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which place to keep credentials in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BackendChoice {
    /// The encrypted file if there is one, else the keyring if it can be reached, else the encrypted file.
    #[default]
    Auto,
    /// The keyring of the operating system.
    Keyring,
    /// The encrypted file.
    File,
}

/// How credentials are kept.
pub struct StoreConfig {
    /// Where.
    pub backend: BackendChoice,
    /// Keeps the keyring entries of one home apart from another's: part of the service name, such as a short digest
    /// of the home's path. Empty for the usual home.
    pub namespace: String,
    /// The encrypted file.
    pub file: PathBuf,
    /// What opens it.
    pub key: Option<FileKey>,
}

/// Where a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the three places")]
pub enum Source {
    Environment,
    Keyring,
    File,
}

impl Source {
    /// The place in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }
}

/// What `doctor` tells about the store.
#[derive(Debug)]
pub struct StoreReport {
    /// The place in use for what is not in the environment.
    pub backend: Source,
    /// Whether that place works.
    pub works: Result<(), Refusal>,
    /// Ports whose credential is in the environment.
    pub from_environment: Vec<PortSlug>,
    /// Variables that look meant for a port and name none.
    pub misnamed: Vec<String>,
}

/// A credential in use, and what takes it out of answers.
pub(crate) struct Loaded {
    pub(crate) credential: Credential,
    pub(crate) scrubber: Scrubber,
}

struct Kept {
    loaded: Arc<Loaded>,
    stamp: Option<Stamp>,
    checked: Instant,
}

/// Keeps credentials.
pub struct CredentialStore {
    environment: Environment,
    places: Arc<Places>,
    kept: Mutex<HashMap<Slot, Kept>>,
    /// One reader at a time, so that a burst of calls opens the file or asks for a passphrase once.
    reading: tokio::sync::Mutex<()>,
}

struct Places {
    choice: BackendChoice,
    chosen: OnceLock<Source>,
    keyring: Keyring,
    file: EncryptedFile,
}

impl CredentialStore {
    /// A store. Touches neither keyring nor file before it has to.
    #[must_use]
    pub fn new(config: StoreConfig, environment: Environment) -> Self {
        let places = Places {
            choice: config.backend,
            chosen: OnceLock::new(),
            keyring: Keyring::new(&config.namespace),
            file: EncryptedFile::new(config.file, config.key),
        };
        Self { environment, places: Arc::new(places), kept: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }

    /// Keeps a credential for a port or a registry, over the one that was there. Says where it went.
    ///
    /// # Errors
    /// `credential-unavailable` or `credential-unfit`.
    pub async fn set(&self, slot: impl Into<Slot>, credential: Credential) -> Result<Source, Refusal> {
        let slot = slot.into();
        let kept = slot.clone();
        let source = self
            .apart(move |places| {
                let source = places.in_use();
                match source {
                    Source::File => places.file.write(&kept, credential)?,
                    _ => places.keyring.write(&kept, &credential)?,
                }
                Ok(source)
            })
            .await;
        self.forget(&slot);
        source
    }

    /// Removes a credential from keyring or file. Says whether there was one. One in the environment stays.
    ///
    /// # Errors
    /// `credential-unavailable`.
    pub async fn remove(&self, slot: impl Into<Slot>) -> Result<bool, Refusal> {
        let slot = slot.into();
        let kept = slot.clone();
        let removed = self
            .apart(move |places| match places.in_use() {
                Source::File => places.file.remove(&kept),
                _ => places.keyring.remove(&kept),
            })
            .await;
        self.forget(&slot);
        removed
    }

    /// Where the credential that a call of this port or registry would use is; `None` where there is none.
    ///
    /// # Errors
    /// `credential-unavailable` or `credential-unfit`.
    pub async fn source(&self, slot: impl Into<Slot>) -> Result<Option<Source>, Refusal> {
        let slot = slot.into();
        if let Some(found) = self.environment.credential(&slot) {
            return found.map(|_| Some(Source::Environment));
        }
        self.apart(move |places| Ok(places.read(&slot)?.map(|_| places.in_use()))).await
    }

    /// The same for several ports. A keyring cannot list its entries on every system, so the caller says which.
    ///
    /// # Errors
    /// As [`source`](Self::source), for the first port that fails.
    pub async fn list(&self, ports: &[PortSlug]) -> Result<Vec<(PortSlug, Option<Source>)>, Refusal> {
        let mut found = Vec::with_capacity(ports.len());
        for port in ports {
            found.push((port.clone(), self.source(port).await?));
        }
        Ok(found)
    }

    /// Which place is in use and whether it works. Reads no credential; may start a password agent of the system.
    pub async fn describe(&self) -> StoreReport {
        let probed = self
            .apart(|places| {
                let source = places.in_use();
                Ok((source, if source == Source::File { places.file.probe() } else { places.keyring.probe() }))
            })
            .await;
        let (backend, works) = probed.unwrap_or_else(|refusal| {
            (if self.places.choice == BackendChoice::File { Source::File } else { Source::Keyring }, Err(refusal))
        });
        StoreReport {
            backend,
            works,
            from_environment: self.environment.ports().collect(),
            misnamed: self.environment.misnamed().to_vec(),
        }
    }

    /// A credential, for a request that may be sent.
    pub(crate) async fn load(&self, slot: impl Into<Slot>) -> Result<Arc<Loaded>, Refusal> {
        let slot = &slot.into();
        if let Some(loaded) = self.fresh(slot) {
            return Ok(loaded);
        }
        let _one = self.reading.lock().await;
        if let Some(loaded) = self.fresh(slot) {
            return Ok(loaded);
        }
        let (credential, stamp) = match self.environment.credential(slot) {
            Some(credential) => (credential?, None),
            None => {
                let kept = slot.clone();
                let read = self.apart(move |places| {
                    // Before reading: a change in between is then seen the next time.
                    let stamp = places.stamp();
                    Ok((places.read(&kept)?, stamp))
                });
                match read.await? {
                    (Some(credential), stamp) => (credential, stamp),
                    (None, _) => {
                        self.forget(slot);
                        return Err(missing(slot));
                    }
                }
            }
        };
        let mut kept = self.kept();
        let loaded = match kept.get(slot) {
            Some(known) if known.loaded.credential.is_same(&credential) => Arc::clone(&known.loaded),
            _ => Arc::new(Loaded { scrubber: Scrubber::new(credential.expose().as_bytes()), credential }),
        };
        kept.insert(slot.clone(), Kept { loaded: Arc::clone(&loaded), stamp, checked: Instant::now() });
        Ok(loaded)
    }

    /// Has the next call read the credential anew.
    pub(crate) fn forget(&self, slot: &Slot) {
        self.kept().remove(slot);
    }

    fn fresh(&self, slot: &Slot) -> Option<Arc<Loaded>> {
        let mut kept = self.kept();
        let known = kept.get_mut(slot)?;
        let unchanged = known.checked.elapsed() < FRESH
            || self.environment.holds(slot)
            || known.stamp.as_ref().is_some_and(|stamp| self.places.stamp().as_ref() == Some(stamp));
        if !unchanged {
            return None;
        }
        if known.checked.elapsed() >= FRESH {
            known.checked = Instant::now();
        }
        Some(Arc::clone(&known.loaded))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Slot, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs blocking work on a thread of its own. Not on the runtime's: those are waited for when the process ends,
    /// and a keyring may wait for a person for ever; nor may its library, which blocks on futures, see a runtime.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Places) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let failed = |what: &str| Refusal::new(Code::CredentialUnavailable, what).fix("portcullis doctor");
        let places = Arc::clone(&self.places);
        let (give, take) = oneshot::channel();
        let run = move || {
            if give.send(work(&places)).is_err() {
                tracing::debug!("the credentials were read after nobody waited for them any more");
            }
        };
        thread::Builder::new()
            .name("credentials".to_owned())
            .spawn(run)
            .map_err(|_| failed("no thread can be started to read the credentials"))?;
        match tokio::time::timeout(PATIENCE, take).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(failed("the keyring of this system failed")),
            Err(_) => Err(failed("the keyring of this system did not answer within a minute")),
        }
    }
}

fn missing(slot: &Slot) -> Refusal {
    let (whose, fix) = if slot.as_registry().is_some() {
        ("credential is stored for the registry", format!("portcullis secret set --registry {slot}"))
    } else if *slot == Slot::from(&webhook::slot()) {
        let what = format!("no key is stored for the webhook, nor is {} set", variable(slot));
        return Refusal::new(Code::CredentialMissing, what).fix("portcullis secret set --webhook");
    } else {
        ("credential is stored for", format!("portcullis secret set {slot}"))
    };
    let what = format!("no {whose} `{slot}`, nor is {} set", variable(slot));
    Refusal::new(Code::CredentialMissing, what).fix(fix)
}

impl Places {
    /// The place in use. Decided once: a keyring that goes away later is an error, no reason to look elsewhere.
    fn in_use(&self) -> Source {
        *self.chosen.get_or_init(|| match self.choice {
            BackendChoice::Keyring => Source::Keyring,
            BackendChoice::File => Source::File,
            BackendChoice::Auto if self.file.exists() || self.keyring.probe().is_err() => Source::File,
            BackendChoice::Auto => Source::Keyring,
        })
    }

    fn read(&self, slot: &Slot) -> Result<Option<Credential>, Refusal> {
        match self.in_use() {
            Source::File => self.file.read(slot),
            _ => self.keyring.read(slot),
        }
    }

    /// What tells, without reading it, whether the place has changed. A keyring does not.
    fn stamp(&self) -> Option<Stamp> {
        (self.chosen.get() == Some(&Source::File)).then(|| self.file.stamp())
    }
}
