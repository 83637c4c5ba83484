//! `[[trust]]`, `[registries]` and `[indexes]`: who may vouch for what comes from elsewhere, and where it comes from.
//!
//! Nobody is listed unless the operator does. Key files are read anew whenever something is verified, so that a key that
//! was taken away does not vouch any more.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use portcullis_catalog::{Identity, PublicKey, Scope, Source, Trust};
use portcullis_model::{Code, FixedOrigin, PortSlug, Refusal, Shown};
use serde::Deserialize;

/// Largest key file that is read, in bytes.
const MAX_KEY_BYTES: u64 = 8 << 10;

/// These parts of the settings.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<'a> {
    pub(crate) trust: &'a [Trusted],
    pub(crate) registries: &'a BTreeMap<String, RegistrySettings>,
    pub(crate) indexes: &'a BTreeMap<String, IndexSettings>,
    /// Where the settings are: names of key files are relative to it.
    pub(crate) folder: &'a Path,
}

/// `[[trust]]`: a key for a part of a registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trusted {
    scope: String,
    key: PathBuf,
}

/// `[registries."HOST"]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RegistrySettings {
    login: Option<String>,
}

/// `[indexes.NAME]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexSettings {
    url: String,
    keys: Vec<PathBuf>,
}

impl Distribution<'_> {
    /// Checks every value but the key files, which are read when they are needed.
    pub(crate) fn check(&self) -> Result<()> {
        for trusted in self.trust {
            trusted.scope.parse::<Scope>().context("[[trust]] scope")?;
        }
        self.logins()?;
        for (name, index) in self.indexes {
            name.parse::<PortSlug>().context("[indexes]")?;
            index.url.parse::<Source>().with_context(|| format!("[indexes.{name}] url"))?;
            if index.keys.is_empty() {
                bail!("[indexes.{name}] keys: expected at least one, or nobody could sign it");
            }
        }
        Ok(())
    }

    /// Where registries give out tokens, by registry.
    ///
    /// # Errors
    /// When one of the two is no place.
    pub fn logins(&self) -> Result<BTreeMap<String, FixedOrigin>> {
        let mut logins = BTreeMap::new();
        for (registry, settings) in self.registries {
            let place = || format!("[registries.\"{registry}\"]");
            // As a registry is compared: the usual port left out.
            let https = FixedOrigin::by_operator(&format!("https://{registry}")).with_context(place)?;
            if let Some(login) = &settings.login {
                let login = FixedOrigin::by_operator(login).with_context(|| format!("{} login", place()))?;
                logins.insert(https.authority(), login);
            }
        }
        Ok(logins)
    }

    /// Everybody who is listed, with their keys as the files hold them now.
    ///
    /// # Errors
    /// `signature-refused` where a key file cannot be read or another account may write it, `bad-request` where it holds
    /// no key.
    pub fn trust(&self) -> Result<Trust, Refusal> {
        let mut identities = Vec::with_capacity(self.trust.len());
        for Trusted { scope, key } in self.trust {
            identities.push(Identity::new(scope.parse()?, public_key(self.folder, key)?));
        }
        let mut trust = Trust::new(identities);
        for (name, index) in self.indexes {
            let keys = index.keys.iter().map(|key| public_key(self.folder, key)).collect::<Result<_, _>>()?;
            trust = trust.index(name, keys);
        }
        Ok(trust)
    }

    /// How much is listed, in words; `None` where it is nothing.
    pub(crate) fn listed(&self) -> Option<String> {
        let (trusted, indexes) = (self.trust.len(), self.indexes.len());
        (trusted + indexes > 0)
            .then(|| format!("{trusted} listed for registries, {indexes} indexes, every key readable"))
    }

    /// Names of the indexes that are listed.
    pub fn index_names(&self) -> impl Iterator<Item = &str> {
        self.indexes.keys().map(String::as_str)
    }

    /// Where an index is to be had.
    ///
    /// # Errors
    /// `bad-request` where it is not listed.
    pub fn index(&self, name: &str) -> Result<Source, Refusal> {
        let Some(index) = self.indexes.get(name) else {
            let what = format!("no index `{}` is listed", Shown::new(name));
            return Err(Refusal::new(Code::BadRequest, what)
                .fix("list it in portcullis.toml: [indexes.NAME] url = \"https://…\" keys = [\"KEY.pub\"]"));
        };
        index.url.parse()
    }
}

/// Reads a public key that the operator lists, from a file that nobody else may write.
pub(crate) fn public_key(beside: &Path, file: &Path) -> Result<PublicKey, Refusal> {
    let path = beside.join(file);
    let name = file.display().to_string();
    let refused = |why: &str, fix: String| {
        let what = format!("the key `{}` that portcullis.toml lists {why}", Shown::new(&name));
        Refusal::new(Code::SignatureRefused, what).fix(fix)
    };
    let unread = |_| refused("cannot be read", format!("put the public key there: {}", path.display()));
    let opened = fs::File::open(&path).map_err(unread)?;
    if let Some(fix) = only_ours(&opened.metadata().map_err(unread)?, &path) {
        return Err(refused("is a file that another account may write, and so decide whom to trust", fix));
    }
    let mut pem = Vec::new();
    opened.take(MAX_KEY_BYTES).read_to_end(&mut pem).map_err(unread)?;
    PublicKey::from_pem(&name, &pem)
}

/// What to do where another account owns a file or may write it. The machine's own administrator may.
#[cfg(unix)]
fn only_ours(meta: &fs::Metadata, path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    if meta.mode() & 0o022 != 0 {
        return Some(format!("chmod go-w {}", path.display()));
    }
    (meta.uid() != own && meta.uid() != 0).then(|| format!("chown {own} {}", path.display()))
}

#[cfg(not(unix))]
fn only_ours(_: &fs::Metadata, _: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    const KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----
";

    fn settings(text: &str, folder: &Path) -> Result<Settings> {
        fs::write(folder.join("portcullis.toml"), text).unwrap();
        Settings::read(&folder.join("portcullis.toml"))
    }

    const WHOLE: &str = r#"
        [[trust]]
        scope = "registry.example/acme/*"
        key = "acme.pub"
        [registries."registry-1.docker.io"]
        login = "https://auth.docker.io"
        [indexes.acme]
        url = "https://acme.example/index.json"
        keys = ["acme.pub"]
    "#;

    #[test]
    fn what_is_listed_is_what_is_trusted() {
        let folder = tempfile::TempDir::new().unwrap();
        let settings = settings(WHOLE, folder.path()).unwrap();
        let listed = settings.distribution();
        let refusal = listed.trust().err().unwrap();
        assert_eq!(refusal.code(), Code::SignatureRefused);
        assert!(refusal.message().contains("acme.pub") && refusal.message().contains("cannot be read"), "{refusal}");

        let key = folder.path().join("acme.pub");
        fs::write(&key, KEY).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&key, fs::Permissions::from_mode(0o666)).unwrap();
            let refusal = listed.trust().err().unwrap();
            assert!(refusal.message().contains("another account may write"), "{refusal}");
            fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        }
        let trust = listed.trust().unwrap();
        assert_eq!(trust.index_keys("acme").unwrap()[0].name(), "acme.pub");
        assert!(trust.index_keys("other").is_err());
        assert_eq!(listed.index("acme").unwrap().to_string(), "https://acme.example/index.json");
        assert!(listed.index("other").is_err());
        assert_eq!(listed.index_names().collect::<Vec<_>>(), ["acme"]);
        let logins = listed.logins().unwrap();
        assert_eq!(logins["registry-1.docker.io"].to_string(), "https://auth.docker.io");
    }

    #[test]
    fn nobody_is_trusted_unless_listed() {
        let trust = Settings::default().distribution().trust().unwrap();
        let reference = "registry.example/acme/slack:1".parse().unwrap();
        let refused = trust.verify(&reference, portcullis_model::Digest::of(b"x"), &[]);
        assert!(refused.err().unwrap().message().contains("nobody is listed"));
    }

    #[test]
    fn a_list_with_anything_unknown_or_wrong_is_refused() {
        for bad in [
            "[[trust]]\nscope = \"*\"\nkey = \"k\"",
            "[[trust]]\nscope = \"registry.example/acme/*\"",
            "[[trust]]\nscope = \"registry.example/acme/*\"\nkey = \"k\"\nanyone = true",
            "[registries.docker]\nlogin = \"https://auth.docker.io\"",
            "[registries.\"registry.example\"]\nlogin = \"http://auth.example\"",
            "[registries.\"registry.example\"]\ninsecure = true",
            "[indexes.acme]\nurl = \"http://acme.example/\"\nkeys = [\"k\"]",
            "[indexes.acme]\nurl = \"https://acme.example/\"\nkeys = []",
            "[indexes.acme]\nurl = \"https://acme.example/\"",
            "[indexes.Acme]\nurl = \"https://acme.example/\"\nkeys = [\"k\"]",
        ] {
            assert!(Settings::parse(bad).is_err(), "{bad}");
        }
    }
}
