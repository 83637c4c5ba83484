//! Credentials in the environment, for CI: taken once at start, and wiped from where they were.
//!
//! The environment of a process can be read by whoever runs as the same user, and is inherited by every child. Other
//! variables are not touched. The only file with `unsafe` code.

use std::collections::BTreeMap;

use portcullis_model::{Code, PortSlug, Refusal};
use zeroize::Zeroizing;

use crate::credential::{Credential, Passphrase};
use crate::slot::Slot;
use crate::webhook;

/// What stands before the port's name.
const PREFIX: &str = "PORTCULLIS_SECRET_";

/// The variable that opens the encrypted file.
const PASSPHRASE: &str = "PORTCULLIS_PASSPHRASE";

/// The variable by which an agent says who it is.
const TOKEN: &str = "PORTCULLIS_TOKEN";

/// The variable with the key of the webhook.
const WEBHOOK: &str = "PORTCULLIS_WEBHOOK_SECRET";

/// The variable with the credential of one registry, as `HOST=CREDENTIAL`: a host has characters that no variable's name
/// has.
const REGISTRY: &str = "PORTCULLIS_REGISTRY_SECRET";

/// What the environment held.
#[derive(Default)]
pub struct Environment {
    credentials: BTreeMap<Slot, Zeroizing<Vec<u8>>>,
    passphrase: Option<Zeroizing<Vec<u8>>>,
    token: Option<Zeroizing<Vec<u8>>>,
    misnamed: Vec<String>,
}

/// The variable that holds a credential: `PORTCULLIS_SECRET_MY_SERVICE` for the port `my-service`.
pub(crate) fn variable(slot: &Slot) -> String {
    if *slot == Slot::from(&webhook::slot()) {
        return WEBHOOK.to_owned();
    }
    if slot.as_registry().is_some() {
        return REGISTRY.to_owned();
    }
    format!("{PREFIX}{}", slot.as_str().to_ascii_uppercase().replace('-', "_"))
}

impl Environment {
    /// Takes every `PORTCULLIS_SECRET_…`, `PORTCULLIS_PASSPHRASE`, `PORTCULLIS_WEBHOOK_SECRET`,
    /// `PORTCULLIS_REGISTRY_SECRET` and `PORTCULLIS_TOKEN` out of the environment, overwriting the bytes.
    /// To be called first thing in `main`, before any thread and any asynchronous runtime.
    ///
    /// # Errors
    /// `credential-unavailable` when other threads run already: they could be reading what would be overwritten.
    pub fn take() -> Result<Self, Refusal> {
        if threads() > 1 {
            return Err(Refusal::new(
                Code::CredentialUnavailable,
                "the environment can only be wiped before the first thread starts",
            )
            .fix("report it: this is a fault of portcullis"));
        }
        let mut taken = Self::default();
        for (name, value) in wipe() {
            taken.keep(&name, value);
        }
        Ok(taken)
    }

    fn keep(&mut self, name: &str, value: Zeroizing<Vec<u8>>) {
        if value.is_empty() {
            return;
        }
        if name == PASSPHRASE {
            self.passphrase = Some(value);
            return;
        }
        if name == TOKEN {
            self.token = Some(value);
            return;
        }
        if name == WEBHOOK {
            self.credentials.insert(Slot::from(&webhook::slot()), value);
            return;
        }
        if name == REGISTRY {
            match of_registry(&value) {
                Some((slot, credential)) => drop(self.credentials.insert(slot, credential)),
                None => self.misnamed.push(name.to_owned()),
            }
            return;
        }
        let port =
            name.strip_prefix(PREFIX).map(|rest| rest.to_ascii_lowercase().replace('_', "-").parse::<PortSlug>());
        match port {
            // Only the one spelling, so that a port has one variable.
            Some(Ok(port)) if variable(&Slot::from(&port)) == name && port != webhook::slot() => {
                self.credentials.insert(Slot::from(&port), value);
            }
            _ => self.misnamed.push(name.to_owned()),
        }
    }

    /// The ports that have a credential here.
    pub fn ports(&self) -> impl Iterator<Item = PortSlug> {
        self.credentials.keys().filter_map(Slot::as_port)
    }

    /// Whether what is kept under this name came from here.
    pub(crate) fn holds(&self, slot: &Slot) -> bool {
        self.credentials.contains_key(slot)
    }

    /// Variables that were wiped but name no port or registry, by name.
    #[must_use]
    pub fn misnamed(&self) -> &[String] {
        &self.misnamed
    }

    /// The passphrase of the encrypted file, once.
    pub fn passphrase(&mut self) -> Option<Passphrase> {
        let bytes = self.passphrase.take()?;
        Passphrase::new(std::str::from_utf8(&bytes).ok()?.to_owned()).ok()
    }

    /// The token of the agent for whom this process acts, once. One that is not text is given as such: it is no token,
    /// and whoever set it meant to be somebody.
    pub fn token(&mut self) -> Option<Zeroizing<String>> {
        let bytes = self.token.take()?;
        Some(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The credential of a port or a registry.
    pub(crate) fn credential(&self, slot: &Slot) -> Option<Result<Credential, Refusal>> {
        let credential = Credential::from_wiped(self.credentials.get(slot)?);
        Some(credential.map_err(|refusal| {
            let name = variable(slot);
            Refusal::new(refusal.code(), format!("in {name}: {}", refusal.message())).fix(format!("set {name} anew"))
        }))
    }
}

/// Whose credential a variable's value holds, and the credential.
fn of_registry(value: &Zeroizing<Vec<u8>>) -> Option<(Slot, Zeroizing<Vec<u8>>)> {
    let equals = value.iter().position(|b| *b == b'=')?;
    let host = std::str::from_utf8(&value[..equals]).ok()?;
    let slot = format!("{}{host}", Slot::REGISTRY).parse().ok()?;
    Some((slot, Zeroizing::new(value[equals + 1..].to_vec())))
}

fn ours(name: &str) -> bool {
    [PASSPHRASE, TOKEN, WEBHOOK, REGISTRY].contains(&name) || name.starts_with(PREFIX)
}

/// Threads of this process, where the system tells; otherwise one, on the caller's word.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count)
}

/// Copies the values of our variables, overwrites them in place and removes the variables.
#[cfg(unix)]
#[allow(unsafe_code)]
fn wipe() -> Vec<(String, Zeroizing<Vec<u8>>)> {
    use std::ffi::{CStr, c_char};
    use zeroize::Zeroize as _;

    unsafe extern "C" {
        static mut environ: *mut *mut c_char;
    }
    let mut taken = Vec::new();
    // SAFETY: `take` has made sure, as far as the system tells, that no other thread exists, and `environ` is the
    // null-terminated array of null-terminated strings of POSIX (or null) that is ours to write to (the initial
    // strings are in this process's own stack, later ones on its heap). A string is only written to behind its `=`
    // and before its terminator. Pointers into the array are not kept beyond the removal, which may change it.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            let text = CStr::from_ptr(*entry).to_bytes();
            if let Some(equals) = text.iter().position(|b| *b == b'=')
                && let Ok(name) = std::str::from_utf8(&text[..equals])
                && ours(name)
            {
                let name = name.to_owned();
                let len = text.len() - equals - 1;
                let value = std::slice::from_raw_parts_mut((*entry).add(equals + 1).cast::<u8>(), len);
                taken.push((name, Zeroizing::new(value.to_vec())));
                value.zeroize();
            }
            entry = entry.add(1);
        }
        for (name, _) in &taken {
            std::env::remove_var(name);
        }
    }
    taken
}

/// Copies the values of our variables and removes the variables. The system keeps no block of strings to overwrite.
#[cfg(not(unix))]
#[allow(unsafe_code)]
fn wipe() -> Vec<(String, Zeroizing<Vec<u8>>)> {
    let mut taken = Vec::new();
    for (name, value) in std::env::vars_os() {
        if let (Ok(name), Some(value)) = (name.into_string(), value.into_string().ok())
            && ours(&name)
        {
            taken.push((name, Zeroizing::new(value.into_bytes())));
        }
    }
    for (name, _) in &taken {
        // SAFETY: `take` is called before any other thread exists.
        unsafe { std::env::remove_var(name) };
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_names_one_port_in_one_way() {
        let mut environment = Environment::default();
        for name in [
            "PORTCULLIS_SECRET_MY_SERVICE",
            "PORTCULLIS_SECRET_my_other",
            "PORTCULLIS_SECRET_A-B",
            "PORTCULLIS_SECRET_",
        ] {
            environment.keep(name, Zeroizing::new(b"0123456789abcdef".to_vec()));
        }
        assert_eq!(environment.ports().map(String::from).collect::<Vec<_>>(), ["my-service"]);
        assert_eq!(environment.misnamed().len(), 3);
    }

    #[test]
    fn the_webhooks_key_has_one_variable_and_is_no_ports() {
        let mut environment = Environment::default();
        environment.keep("PORTCULLIS_SECRET_PORTCULLIS", Zeroizing::new(b"0123456789abcdef".to_vec()));
        assert_eq!(environment.misnamed(), ["PORTCULLIS_SECRET_PORTCULLIS"]);
        assert!(environment.credential(&Slot::from(&webhook::slot())).is_none());
        environment.keep("PORTCULLIS_WEBHOOK_SECRET", Zeroizing::new(b"0123456789abcdef".to_vec()));
        assert!(environment.credential(&Slot::from(&webhook::slot())).is_some_and(|found| found.is_ok()));
        assert!(ours("PORTCULLIS_WEBHOOK_SECRET"), "it is taken out of the environment");
        assert_eq!(environment.ports().count(), 0);
    }

    #[test]
    fn a_registrys_credential_names_its_host_and_is_no_ports() {
        let mut environment = Environment::default();
        for bad in ["user:0123456789abcdef", "a b=user:0123456789abcdef", "=user:0123456789abcdef"] {
            environment.keep("PORTCULLIS_REGISTRY_SECRET", Zeroizing::new(bad.as_bytes().to_vec()));
        }
        assert_eq!(environment.misnamed().len(), 3);
        let value = Zeroizing::new(b"registry.example:5000=user:pass=word-0123".to_vec());
        environment.keep("PORTCULLIS_REGISTRY_SECRET", value);
        let slot = "registry:registry.example:5000".parse().ok();
        let found = slot.and_then(|slot| environment.credential(&slot)).and_then(Result::ok);
        assert_eq!(found.as_ref().map(Credential::expose), Some("user:pass=word-0123"));
        assert!(ours("PORTCULLIS_REGISTRY_SECRET"), "it is taken out of the environment");
        assert_eq!(environment.ports().count(), 0);
    }

    #[test]
    fn an_unfit_value_is_refused_by_the_variables_name() -> Result<(), Box<dyn std::error::Error>> {
        let mut environment = Environment::default();
        environment.keep("PORTCULLIS_SECRET_DEMO", Zeroizing::new(b"short".to_vec()));
        let refusal = environment.credential(&"demo".parse()?).and_then(Result::err).ok_or("taken")?;
        assert_eq!(refusal.code(), Code::CredentialUnfit);
        assert!(refusal.message().starts_with("in PORTCULLIS_SECRET_DEMO: "), "{refusal}");
        Ok(())
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_with_threads_is_refused() {
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let other = std::thread::spawn(move || held.recv().is_err());
        assert_eq!(Environment::take().err().map(|refusal| refusal.code()), Some(Code::CredentialUnavailable));
        drop(hold);
        assert!(other.join().is_ok_and(|ended| ended));
    }
}
