//! A publisher who signs without a key, and an operator who lists the name: from the signature to the call, and until the
//! name is taken out again.

use std::fs;

use acceptance::sigstore::{GITHUB, Signing, Sigstore, WORKFLOW};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_model::Digest;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::file;
use super::install::{Stage, newer};
use crate::catalog::weather::document;
use crate::home::{Ended, Home};

/// A stage with a little Sigstore, whose root the operator has.
struct Signed {
    stage: Stage,
    sigstore: Sigstore,
}

impl Signed {
    fn new() -> Self {
        let signed = Self { stage: Stage::new(), sigstore: Sigstore::new() };
        signed.root(&signed.sigstore);
        signed.list(WORKFLOW, GITHUB);
        signed
    }

    fn root(&self, sigstore: &Sigstore) {
        file(&self.stage.home, "trusted_root.json", sigstore.root().to_string());
    }

    fn list(&self, identity: &str, issuer: &str) {
        self.stage.settings(&format!(
            "[[trust]]\nscope = \"{}/acme/*\"\nidentity = \"{identity}\"\nissuer = \"{issuer}\"\nroot = \"trusted_root.json\"\n",
            self.stage.docker.host()
        ));
    }

    /// Publishes a document, and then the bundle in which it was signed.
    fn publish(&self, document: &Value, change: impl FnOnce(&mut Signing)) {
        let published = self.stage.publish(document, None);
        let mut signing = Signing::of(published["digest"].as_str().unwrap().parse().unwrap());
        change(&mut signing);
        let attached = self.attach(&self.sigstore.sign(&signing)).exits(0).json();
        assert_eq!((&attached["kind"], &attached["id"]), (&json!("bundle"), &published["id"]));
    }

    fn attach(&self, bundle: &Value) -> Ended {
        let bundle = file(&self.stage.home, "weather.sigstore.json", bundle.to_string());
        self.stage.home.run(["publish", &bundle, &self.stage.reference(), "--json"])
    }
}

#[test]
fn what_a_listed_signer_has_signed_is_installed_called_and_upgraded() {
    let signed = Signed::new();
    let (stage, home) = (&signed.stage, &signed.stage.home);
    signed.publish(&document(), |_| {});
    stage.install().exits(0);
    stage.call().exits(0);
    let page = home.run(["inspect", "weather", "--json"]).exits(0).json();
    let scope = format!("{}/acme/*", stage.docker.host());
    let by = json!({"identity": WORKFLOW, "issuer": GITHUB, "root": "trusted_root.json", "scope": scope});
    assert_eq!(page["signedBy"], by);
    let page = home.run(["inspect", "weather"]).exits(0).out;
    assert!(page.contains(&format!("`{WORKFLOW}` (by `{GITHUB}` and `trusted_root.json`), for {scope}")), "{page}");
    let checks = home.run(["doctor", "--json"]).exits(0).json();
    let trust = checks.as_array().unwrap().iter().find(|check| check["id"] == "trust").unwrap();
    assert!(trust["what"].as_str().unwrap().starts_with("1 listed for registries"), "{trust}");
    signed.publish(&newer(), |_| {});
    assert_eq!(stage.upgrade().exits(0).json()["version"], json!("2.0.0"));
    stage.call().exits(0);
}

#[test]
fn nobody_else_is_taken_for_the_signer() {
    let signed = Signed::new();
    let stage = &signed.stage;
    let said = |words: &str| {
        let refusal = stage.install().refused("signature-refused");
        assert!(refusal["message"].as_str().unwrap().contains(words), "{refusal:#}");
    };
    stage.publish(&document(), None);
    said("it is not signed");
    signed.publish(&document(), |signing| signing.identity = WORKFLOW.replace("acme", "other"));
    said("it is signed by `https://github.com/other/");
    // Beside that one, the right one is found.
    signed.publish(&document(), |_| {});
    stage.install().exits(0);
}

#[test]
fn a_signer_who_is_not_listed_any_more_stops_the_plugin() {
    let signed = Signed::new();
    let stage = &signed.stage;
    signed.publish(&document(), |_| {});
    stage.install().exits(0);
    let stopped = |words: &str| {
        let refusal = stage.call().refused("signature-refused");
        assert!(refusal["message"].as_str().unwrap().contains(words), "{refusal:#}");
    };
    stage.settings("");
    stopped("nobody is listed");
    signed.list(&WORKFLOW.replace("v1", "v2"), GITHUB);
    stopped("it is signed by");
    signed.list(WORKFLOW, "https://accounts.google.com");
    stopped("one of the issuer");
    signed.list(WORKFLOW, GITHUB);
    stage.call().exits(0);
    signed.root(&Sigstore::new());
    stopped("does not list");
    fs::remove_file(stage.home.path().join("trusted_root.json")).unwrap();
    stopped("cannot be read");
    let doctor = stage.home.run(["doctor", "--json"]).exits(1);
    assert!(doctor.out.contains("the trusted root `trusted_root.json`"), "{doctor:?}");
    signed.root(&signed.sigstore);
    stage.call().exits(0);
}

#[test]
fn one_byte_of_the_kept_bundle_stops_its_plugin_and_no_other() {
    let signed = Signed::new();
    let (stage, home) = (&signed.stage, &signed.stage.home);
    signed.publish(&document(), |_| {});
    stage.install().exits(0);
    home.run(["install", "mistral", "--yes"]).exits(0);
    let conn = Connection::open(home.database()).unwrap();
    let kept: String =
        conn.query_row("SELECT evidence FROM plugins WHERE evidence IS NOT NULL", (), |row| row.get(0)).unwrap();
    let keep = |evidence: &str| {
        let sql = "UPDATE plugins SET evidence = ?1 WHERE evidence IS NOT NULL";
        assert_eq!(conn.execute(sql, [evidence]).unwrap(), 1);
    };
    let mut evidence: Value = serde_json::from_str(&kept).unwrap();
    let place = evidence.pointer_mut("/evidence/signatures/0/bundle").unwrap();
    let bundle = STANDARD.decode(place.as_str().unwrap()).unwrap();
    let member = |name: &str| String::from_utf8_lossy(&bundle).find(name).unwrap() + name.len() + 40;
    let changes = ["\"payload\":", "\"sig\":", "\"rawBytes\":", "\"canonicalizedBody\":", "\"signedEntryTimestamp\":"];
    for at in changes.map(member) {
        let mut changed = bundle.clone();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let mut evidence: Value = serde_json::from_str(&kept).unwrap();
        evidence["evidence"]["signatures"][0]["bundle"] = json!(STANDARD.encode(changed));
        keep(&evidence.to_string());
        stage.call().refused("signature-refused");
        home.run(["run", "mistral/list-models", "--dry-run"]).exits(0);
    }
    keep(&kept);
    stage.call().exits(0);
}

#[test]
fn a_bundle_is_published_beside_what_it_is_about() {
    let signed = Signed::new();
    let stage = &signed.stage;
    let about = |digest: Digest| signed.sigstore.sign(&Signing::of(digest));
    signed.attach(&about(Digest::of(b"x"))).refused("source-unavailable");
    let published = stage.publish(&document(), None);
    let digest: Digest = published["digest"].as_str().unwrap().parse().unwrap();
    let refusal = signed.attach(&about(Digest::of(b"x"))).refused("signature-refused");
    assert!(refusal["message"].as_str().unwrap().contains("is of another artifact"), "{refusal}");
    let mut bare = about(digest);
    bare.as_object_mut().unwrap().remove("dsseEnvelope");
    signed.attach(&bare).refused("signature-refused");
    let bundle = file(&stage.home, "weather.sigstore.json", about(digest).to_string());
    let key = stage.home.path().join("acme.pem").to_str().unwrap().to_owned();
    let reference = stage.reference();
    stage.home.run(["publish", &bundle, &reference, "--key", &key, "--json"]).refused("bad-request");
    // By digest as well as by tag, and once more without being there twice.
    let by_digest = published["id"].as_str().unwrap();
    for reference in [by_digest, &reference, &reference] {
        let said = stage.home.run(["publish", &bundle, reference]).exits(0);
        assert_eq!(said.out.trim().rsplit_once('@').unwrap().1, digest.to_string());
    }
    stage.install().exits(0);
    let rows = stage.home.rows();
    let published = rows.iter().filter(|row| row["kind"] == "published" && row["body"]["kind"] == "bundle");
    assert_eq!(published.count(), 3);
}

#[test]
fn an_entry_that_is_half_of_each_is_an_error_at_every_command() {
    for entry in [
        format!("key = \"acme.pub\"\nidentity = \"{WORKFLOW}\"\nissuer = \"{GITHUB}\"\nroot = \"trusted_root.json\""),
        format!("identity = \"{WORKFLOW}\"\nissuer = \"{GITHUB}\""),
        String::new(),
    ] {
        let home = Home::new(&format!("[[trust]]\nscope = \"registry.example/acme/*\"\n{entry}\n"));
        let ended = home.run(["ports"]).exits(1);
        assert!(ended.err.contains("[[trust]] for `registry.example/acme/*`"), "{ended:?}");
        assert!(ended.err.contains("write either key = "), "{ended:?}");
        let doctor = home.run(["doctor"]).exits(1);
        assert!(doctor.out.contains("lists ") && doctor.out.contains("write either key = "), "{doctor:?}");
    }
}
