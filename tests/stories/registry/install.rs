//! What comes from a registry or an index is installed where somebody listed vouches for it, and only so long.

use std::fs;

use acceptance::docker_registry::DockerRegistry;
use portcullis_model::Digest;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{file, key_pair};
use crate::catalog::weather::document;
use crate::home::{Ended, Home};
use crate::tap::Tap;

const OSLO: &str = r#"{"path":{"city":"Oslo"}}"#;

/// A publisher and an operator who lists its key, in one home, with the service at a tap.
pub(super) struct Stage {
    pub(super) docker: DockerRegistry,
    tap: Tap,
    pub(super) home: Home,
}

impl Stage {
    pub(super) fn new() -> Self {
        let (docker, tap) = (DockerRegistry::open(), Tap::quiet());
        let home = Home::new("").env("PORTCULLIS_SECRET_WEATHER", "weather-token-0123456789");
        key_pair(&home);
        let stage = Self { docker, tap, home };
        stage.settings(&stage.trusting("acme.pub"));
        stage
    }

    pub(super) fn settings(&self, more: &str) {
        let origin = self.tap.origin();
        let own = format!("[ports.weather]\norigin = \"{origin}\"\n[sandbox.limits]\nwall_time_ms = 5000\n");
        self.home.configure(&format!("{own}{more}"));
    }

    fn trusting(&self, key: &str) -> String {
        format!("[[trust]]\nscope = \"{}/acme/*\"\nkey = \"{key}\"\n", self.docker.host())
    }

    pub(super) fn reference(&self) -> String {
        self.docker.reference("acme/weather:1")
    }

    /// Publishes a document under the one tag.
    pub(super) fn publish(&self, document: &Value, key: Option<&str>) -> Value {
        let file = file(&self.home, "published.json", serde_json::to_vec(document).unwrap());
        let reference = self.reference();
        let mut words = vec!["publish", file.as_str(), reference.as_str(), "--json"];
        let key = key.map(|key| self.home.path().join(key).to_str().unwrap().to_owned());
        words.extend(key.iter().flat_map(|key| ["--key", key.as_str()]));
        self.home.run(words).exits(0).json()
    }

    pub(super) fn install(&self) -> Ended {
        self.home.run(["install", &self.reference(), "--yes", "--json"])
    }

    pub(super) fn upgrade(&self) -> Ended {
        self.home.run(["upgrade", "weather", "--yes", "--json"])
    }

    pub(super) fn call(&self) -> Ended {
        self.home.run(["run", "weather/get-forecast", "--input", OSLO, "--json"])
    }

    fn edit(&self, sql: &str) {
        assert_eq!(Connection::open(self.home.database()).unwrap().execute(sql, ()).unwrap(), 1, "{sql}");
    }
}

pub(super) fn newer() -> Value {
    let mut document = document();
    document["version"] = json!("2.0.0");
    document["actionTemplates"].as_array_mut().unwrap().remove(1);
    document
}

/// Changes one byte in the middle of a file.
fn spoil(path: &std::path::Path) -> Vec<u8> {
    let whole = fs::read(path).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
    whole
}

#[test]
fn what_somebody_listed_has_signed_is_installed_called_and_upgraded() {
    let stage = Stage::new();
    let published = stage.publish(&document(), Some("acme.pem"));
    let page = stage.home.run(["inspect", &stage.reference(), "--json"]).exits(0).json();
    assert_eq!(page["signedBy"]["key"], json!("acme.pub"));
    stage.install().exits(0);
    stage.call().exits(0);
    let shown = stage.home.run(["inspect", "weather", "--json"]).exits(0).json();
    assert_eq!((&shown["signedBy"], &shown["digest"]), (&page["signedBy"], &page["digest"]));
    assert_eq!(shown["source"], json!(format!("registry {}", stage.reference())));
    stage.publish(&newer(), Some("acme.pem"));
    assert_eq!(stage.upgrade().exits(0).json()["version"], json!("2.0.0"));
    stage.call().exits(0);
    // By digest, the first one is still to be had.
    let first = published["id"].as_str().unwrap();
    stage.home.run(["upgrade", "weather", "--from", first, "--yes"]).exits(0);
    // A component goes the same way.
    let component = file(&stage.home, "mistral.wasm", portcullis_gateway::built_in("mistral").unwrap());
    let reference = stage.docker.reference("acme/mistral:1");
    let key = stage.home.path().join("acme.pem");
    stage.home.run(["publish", &component, &reference, "--key", key.to_str().unwrap()]).exits(0);
    stage.home.run(["install", &reference, "--yes"]).exits(0);
    stage.home.run(["run", "mistral/list-models", "--dry-run"]).exits(0);
}

#[test]
fn nobody_vouches_by_default_and_nothing_unsigned_or_signed_by_others_is_installed() {
    let stage = Stage::new();
    stage.publish(&document(), Some("acme.pem"));
    stage.settings("");
    let refusal = stage.install().refused("signature-refused");
    assert!(refusal["fix"].as_str().unwrap().contains("[[trust]]"), "{refusal:#}");
    assert!(stage.home.rows().iter().any(|row| row["kind"] == "install-refused"));

    let other = Home::new("");
    key_pair(&other);
    fs::copy(other.path().join("acme.pub"), stage.home.path().join("other.pub")).unwrap();
    fs::copy(other.path().join("acme.pem"), stage.home.path().join("other.pem")).unwrap();
    stage.settings(&stage.trusting("other.pub"));
    stage.install().refused("signature-refused");
    let elsewhere = format!("[[trust]]\nscope = \"{}/acme-other/*\"\nkey = \"acme.pub\"\n", stage.docker.host());
    stage.settings(&elsewhere);
    stage.install().refused("signature-refused");

    stage.settings(&stage.trusting("acme.pub"));
    let unsigned = Stage::new();
    unsigned.publish(&document(), None);
    let refusal = unsigned.install().refused("signature-refused");
    assert!(refusal["message"].as_str().unwrap().contains("not signed"), "{refusal:#}");
    unsigned.home.run(["inspect", &unsigned.reference(), "--json"]).refused("signature-refused");
    assert!(unsigned.home.run(["ports", "--json"]).exits(0).json().as_array().unwrap().is_empty());
    stage.install().exits(0);
}

#[test]
fn a_tag_that_moved_to_what_nobody_signed_changes_nothing() {
    let stage = Stage::new();
    stage.publish(&document(), Some("acme.pem"));
    stage.install().exits(0);
    let other = Home::new("");
    key_pair(&other);
    fs::copy(other.path().join("acme.pem"), stage.home.path().join("other.pem")).unwrap();
    for key in [None, Some("other.pem")] {
        stage.publish(&newer(), key);
        stage.upgrade().refused("signature-refused");
        stage.call().exits(0);
    }
    assert_eq!(stage.home.run(["ports", "--json"]).exits(0).json()[0]["version"], json!("1.0.0"));
    stage.publish(&newer(), Some("acme.pem"));
    stage.upgrade().exits(0);
}

#[test]
fn one_byte_changed_in_the_registry_is_refused_and_what_is_installed_goes_on() {
    let stage = Stage::new();
    stage.publish(&document(), Some("acme.pem"));
    stage.install().exits(0);
    let newer = stage.publish(&newer(), Some("acme.pem"));
    for digest in ["digest", "content"] {
        let blob = stage.docker.blob(newer[digest].as_str().unwrap());
        let whole = spoil(&blob);
        let refusal = stage.upgrade().exits(1).json();
        let code = refusal["code"].as_str().unwrap();
        assert!(["digest-mismatch", "source-unavailable"].contains(&code), "{refusal:#}");
        stage.call().exits(0);
        fs::write(blob, whole).unwrap();
    }
    stage.upgrade().exits(0);
}

#[test]
fn what_vouches_is_asked_at_every_load() {
    let stage = Stage::new();
    stage.publish(&document(), Some("acme.pem"));
    stage.install().exits(0);
    stage.settings("");
    stage.call().refused("signature-refused");
    stage.settings(&stage.trusting("acme.pub"));
    stage.call().exits(0);
    let before = stage.tap.heard().len();
    for sql in [
        "UPDATE plugins SET evidence = replace(evidence, 'sha256:', 'sha256:0')",
        "UPDATE plugins SET evidence = '{}'",
        "UPDATE plugins SET evidence = NULL",
    ] {
        stage.edit(sql);
        stage.call().refused("signature-refused");
    }
    assert_eq!(stage.tap.heard().len(), before);
    stage.home.run(["install", &stage.reference(), "--yes", "--replace"]).exits(0);
    stage.call().exits(0);
}

#[test]
fn an_entry_of_an_index_is_what_the_index_says_and_an_older_index_is_none() {
    let stage = Stage::new();
    let key = stage.home.path().join("acme.pem").to_str().unwrap().to_owned();
    stage.settings(&format!(
        "[indexes.acme]\nurl = \"{}\"\nkeys = [\"acme.pub\"]\n",
        stage.docker.reference("acme/index:latest")
    ));
    // The index vouches by digest: the document itself is not signed.
    let offer = |version: u64, document: &Value, digest: Option<Digest>| {
        let published = stage.publish(document, None);
        let digest = digest.map_or_else(|| published["content"].clone(), |digest| json!(digest));
        let index = json!({"name": "acme", "version": version, "entries": [{
            "name": "weather", "summary": "Forecasts", "version": document["version"],
            "ref": published["id"], "digest": digest,
        }]});
        let plain = file(&stage.home, "index.json", index.to_string());
        let sealed = file(&stage.home, "sealed.json", "");
        stage.home.run(["catalog", "seal", &plain, "--key", &key, "--expires", "30d", "--output", &sealed]).exits(0);
        stage.home.run(["publish", &sealed, &stage.docker.reference("acme/index:latest")]).exits(0);
        fs::read(&sealed).unwrap()
    };
    let first = offer(1, &document(), None);
    let listed = stage.home.run(["catalog", "search", "forecasts", "--json"]).exits(0).json();
    assert_eq!(listed[0]["id"], json!("acme/weather"));
    stage.home.run(["install", "acme/weather", "--yes"]).exits(0);
    stage.call().exits(0);
    assert_eq!(
        stage.home.run(["inspect", "weather", "--json"]).exits(0).json()["signedBy"]["scope"],
        json!("index acme")
    );

    offer(2, &newer(), Some(Digest::of(b"something else")));
    stage.upgrade().refused("digest-mismatch");
    offer(3, &newer(), None);
    stage.upgrade().exits(0);
    // Somebody offers the first one again.
    let old = file(&stage.home, "old.json", first);
    stage.home.run(["publish", &old, &stage.docker.reference("acme/index:latest")]).exits(0);
    stage.upgrade().refused("index-refused");
    stage.call().exits(0);
    // What is kept of the newest is no less signed for being kept.
    stage.edit("UPDATE indexes SET envelope = CAST(replace(CAST(envelope AS TEXT), '\"payload\":\"e', '\"payload\":\"f') AS BLOB)");
    let offline = stage.home.run(["catalog", "list", "--offline", "--json"]).exits(1);
    assert!(
        offline.err.contains("acme") && offline.json().as_array().unwrap().iter().all(|l| l["id"] != "acme/weather")
    );
    stage.call().exits(0);
}
