//! Credentials in the keyring of the operating system: Secret Service, Keychain, or Credential Manager.
//!
//! Every call blocks, on the bus or on a person who unlocks; `store` calls from a thread of its own.

use keyring::{Entry, Error};
use portcullis_model::{Code, Refusal, Shown};
use zeroize::Zeroizing;

use crate::credential::Credential;
use crate::slot::Slot;

/// A home's corner of the keyring.
pub(crate) struct Keyring {
    service: String,
}

impl Keyring {
    /// Entries of one home are kept apart from another's by its name.
    pub(crate) fn new(namespace: &str) -> Self {
        let service = if namespace.is_empty() { "portcullis".to_owned() } else { format!("portcullis/{namespace}") };
        Self { service }
    }

    pub(crate) fn read(&self, slot: &Slot) -> Result<Option<Credential>, Refusal> {
        match self.entry(slot)?.get_secret() {
            Ok(bytes) => Credential::from_wiped(&Zeroizing::new(bytes)).map(Some),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    pub(crate) fn write(&self, slot: &Slot, credential: &Credential) -> Result<(), Refusal> {
        self.entry(slot)?.set_secret(credential.expose().as_bytes()).map_err(|error| refused(&error))
    }

    /// Whether there was one.
    pub(crate) fn remove(&self, slot: &Slot) -> Result<bool, Refusal> {
        match self.entry(slot)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Whether it can be reached and read, without a credential being read: asks for an entry that no slot can have.
    pub(crate) fn probe(&self) -> Result<(), Refusal> {
        if let Err(error) = Entry::store_status() {
            let why = error.to_string();
            return Err(unreachable(&format!(": {}", Shown::new(&why))));
        }
        match Entry::new(&self.service, "(probe)").and_then(|entry| entry.get_secret()) {
            Ok(bytes) => drop(Zeroizing::new(bytes)),
            Err(Error::NoEntry) => {}
            Err(error) => return Err(refused(&error)),
        }
        Ok(())
    }

    fn entry(&self, slot: &Slot) -> Result<Entry, Refusal> {
        Entry::new(&self.service, slot.as_str()).map_err(|error| refused(&error))
    }
}

fn unreachable(why: &str) -> Refusal {
    Refusal::new(Code::CredentialUnavailable, format!("the keyring of this system cannot be reached{why}"))
        .fix("set PORTCULLIS_PASSPHRASE to keep credentials in an encrypted file instead")
}

/// Only the kind of an error is told: some kinds hold the bytes they were about.
fn refused(error: &Error) -> Refusal {
    match error {
        Error::NoStorageAccess(_) => Refusal::new(Code::CredentialUnavailable, "the keyring of this system is locked")
            .fix("unlock the keyring and try again"),
        Error::Ambiguous(_) => {
            Refusal::new(Code::CredentialUnavailable, "the keyring holds more than one entry of this name")
                .fix("portcullis secret remove PORT")
        }
        Error::TooLong(..) => {
            Refusal::new(Code::CredentialUnfit, "the credential is too long for the keyring of this system")
                .fix("set PORTCULLIS_PASSPHRASE to keep credentials in an encrypted file instead")
        }
        _ => unreachable(""),
    }
}
