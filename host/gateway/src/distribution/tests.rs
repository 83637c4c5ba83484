//! Whom `portcullis.toml` lists, and what is wrong with it.

use std::fs;

use super::*;
use crate::Settings;

/// An authority and two logs of an instance that was made for tests, and thrown away.
const ROOT: &str = include_str!("trusted_root.json");

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

const SIGNER: &str = r#"identity = "https://github.com/acme/weather/.github/workflows/release.yml@refs/tags/v1"
        issuer = "https://token.actions.githubusercontent.com"
        root = "trusted_root.json""#;

fn trusting(by: &str) -> String {
    format!("[[trust]]\nscope = \"registry.example/acme/*\"\n{by}\n")
}

#[test]
fn a_root_is_the_operators_file_and_nobody_elses() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = settings(&trusting(SIGNER), folder.path()).unwrap();
    let listed = settings.distribution();
    assert!(listed.listed().unwrap().starts_with("1 listed for registries"));
    let refused = || listed.trust().err().unwrap().message().to_owned();
    assert!(refused().contains("the trusted root `trusted_root.json` that portcullis.toml lists cannot be read"));
    let root = folder.path().join("trusted_root.json");
    fs::write(&root, "{}").unwrap();
    assert!(refused().contains("holds no root"), "{}", refused());
    fs::write(&root, ROOT).unwrap();
    assert!(listed.trust().is_ok());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&root, fs::Permissions::from_mode(0o664)).unwrap();
        assert!(refused().contains("another account may write"), "{}", refused());
        fs::set_permissions(&root, fs::Permissions::from_mode(0o644)).unwrap();
    }
    fs::write(&root, format!("{}{}", " ".repeat(1 << 20), ROOT)).unwrap();
    assert!(refused().contains("over 262144 bytes"), "{}", refused());
}

#[test]
fn an_entry_is_a_key_or_a_signer_in_full() {
    assert!(Settings::parse(&trusting("key = \"acme.pub\"")).is_ok());
    assert!(Settings::parse(&trusting(SIGNER)).is_ok());
    let lines: Vec<&str> = SIGNER.lines().map(str::trim).collect();
    for (by, words) in [
        (String::new(), "lists nobody"),
        (format!("{SIGNER}\nkey = \"acme.pub\""), "lists `key` and `identity` and `issuer` and `root`"),
        (format!("key = \"acme.pub\"\n{}", lines[0]), "lists `key` and `identity`"),
        (lines[..2].join("\n"), "lists `identity` and `issuer`"),
        ([lines[0], lines[2]].join("\n"), "lists `identity` and `root`"),
        (lines[1..].join("\n"), "lists `issuer` and `root`"),
        (SIGNER.replace("release.yml", "*"), "is no identity in full"),
        (SIGNER.replace("https://token", "http://token"), "is no issuer in full"),
    ] {
        let error = Settings::parse(&trusting(&by)).err().unwrap();
        let refusal = error.downcast_ref::<Refusal>().unwrap();
        assert!(refusal.message().contains(words), "{by}: {refusal}");
        assert!(refusal.way_out().is_some(), "{refusal}");
    }
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
