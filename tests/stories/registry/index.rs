//! An index is sealed by its publisher, got by an operator, and refused where it is not the newest, not theirs, or over.

use std::fs;

use acceptance::docker_registry::DockerRegistry;
use portcullis_model::Digest;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{file, key_pair};
use crate::home::Home;

fn index(version: u64) -> String {
    json!({
        "name": "acme", "version": version,
        "entries": [{
            "name": "slack", "summary": "Messages of a workspace", "version": "1.2.0",
            "ref": "registry.example/acme/slack:1.2.0", "digest": Digest::of(b"a document"),
        }],
    })
    .to_string()
}

struct Stage {
    docker: DockerRegistry,
    home: Home,
}

impl Stage {
    /// An operator who lists the index of a publisher, both in one home.
    fn new() -> Self {
        let (docker, home) = (DockerRegistry::open(), Home::new(""));
        key_pair(&home);
        home.configure(&format!(
            "[indexes.acme]\nurl = \"{}\"\nkeys = [\"acme.pub\"]\n",
            docker.reference("acme/index:latest")
        ));
        Self { docker, home }
    }

    fn sealed(&self, version: u64, expires: &str) -> String {
        let plain = file(&self.home, "index.json", index(version));
        let key = self.home.path().join("acme.pem").to_str().unwrap().to_owned();
        let sealed = file(&self.home, "index.dsse.json", "");
        let seal = ["catalog", "seal", &plain, "--key", &key, "--expires", expires, "--output", &sealed, "--json"];
        let made = self.home.run(seal).exits(0).json();
        assert_eq!((&made["id"], &made["version"], &made["entries"]), (&"acme".into(), &version.into(), &1.into()));
        sealed
    }

    fn offer(&self, file: &str) {
        let published = self.home.run(["publish", file, &self.docker.reference("acme/index:latest"), "--json"]);
        assert_eq!(published.exits(0).json()["kind"], "index");
    }

    fn update(&self) -> crate::home::Ended {
        self.home.run(["catalog", "update", "acme", "--json"])
    }

    fn version(&self) -> i64 {
        let conn = Connection::open(self.home.database()).unwrap();
        conn.query_row("SELECT version FROM indexes WHERE name = 'acme'", (), |row| row.get(0)).unwrap()
    }
}

#[test]
fn an_index_is_got_and_an_older_one_refused() {
    let stage = Stage::new();
    let first = fs::read(stage.sealed(1, "30d")).unwrap();
    stage.offer(&stage.sealed(2, "30d"));
    let got: Value = stage.update().exits(0).json();
    assert_eq!((&got[0]["id"], &got[0]["version"]), (&"acme".into(), &2.into()));
    assert_eq!(got[0]["entries"][0]["name"], "slack");
    assert_eq!(got[0]["signedBy"]["key"], "acme.pub");
    stage.update().exits(0);

    stage.offer(&file(&stage.home, "old.json", first));
    let refusal = stage.update().refused("index-refused");
    assert!(refusal["message"].as_str().unwrap().contains("it is version 1, and 2 was seen before"), "{refusal}");
    // Another one of the same version, sealed a second later.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    stage.offer(&stage.sealed(2, "30d"));
    let refusal = stage.update().refused("index-refused");
    assert!(refusal["message"].as_str().unwrap().contains("another one than was seen before"), "{refusal}");
    assert_eq!(stage.version(), 2, "what was kept stays");
    stage.offer(&stage.sealed(3, "30d"));
    stage.update().exits(0);
    let rows = stage.home.rows();
    let taken: Vec<_> =
        rows.iter().filter(|row| row["kind"] == "index-taken").map(|row| &row["body"]["version"]).collect();
    assert_eq!(taken, [2, 3]);
}

#[test]
fn an_index_of_others_spoilt_or_over_is_refused() {
    let stage = Stage::new();
    stage.offer(&stage.sealed(1, "1s"));
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let refusal = stage.update().refused("index-refused");
    assert!(refusal["message"].as_str().unwrap().contains("its time was over"), "{refusal}");

    let stranger = Stage::new();
    let theirs = fs::read(stranger.sealed(9, "30d")).unwrap();
    stage.offer(&file(&stage.home, "theirs.json", theirs));
    let refusal = stage.update().refused("signature-refused");
    assert!(refusal["message"].as_str().unwrap().contains("by `acme.pub`"), "{refusal}");

    let sealed = fs::read(stage.sealed(2, "30d")).unwrap();
    let mut value: Value = serde_json::from_slice(&sealed).unwrap();
    let payload = value["payload"].as_str().unwrap();
    let at = payload.len() / 2;
    let other = if payload.as_bytes()[at] == b'A' { "B" } else { "A" };
    value["payload"] = format!("{}{other}{}", &payload[..at], &payload[at + 1..]).into();
    stage.offer(&file(&stage.home, "spoilt.json", value.to_string()));
    stage.update().refused("signature-refused");

    stage.home.run(["catalog", "update", "other", "--json"]).refused("bad-request");
    fs::remove_file(stage.home.path().join("acme.pub")).unwrap();
    stage.update().refused("signature-refused");
}

#[test]
fn an_index_that_is_not_right_is_not_sealed() {
    let stage = Stage::new();
    let key = stage.home.path().join("acme.pem").to_str().unwrap().to_owned();
    let output = stage.home.path().join("out.json").to_str().unwrap().to_owned();
    let seal = |text: &str, expires: &str| {
        let plain = file(&stage.home, "index.json", text);
        stage.home.run(["catalog", "seal", &plain, "--key", &key, "--expires", expires, "--output", &output, "--json"])
    };
    for text in [
        "{}",
        "[]",
        "not JSON",
        &index(1).replace("\"version\":1,", "\"version\":1,\"issued\":\"2026-01-01T00:00:00Z\","),
    ] {
        seal(text, "30d").refused("index-refused");
    }
    for expires in ["soon", "0s", "never"] {
        seal(&index(1), expires).refused("bad-request");
    }
    assert!(!fs::exists(&output).unwrap());
    seal(&index(1), "30d").exits(0);
}
