//! Reviews: signed by whom the operator lists, about these very bytes, asked for again at every load.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::catalog::weather::{document, home, written};
use crate::home::Home;
use crate::tap::Tap;

const READ: &str = r#"{"path":{"city":"Oslo"}}"#;

/// A key pair that openssl made, in a home's folder; gives the private key's path.
fn key(home: &Home, name: &str) -> String {
    let path = |ending: &str| home.path().join(format!("{name}.{ending}")).to_str().unwrap().to_owned();
    let openssl = |arguments: &[&str]| {
        assert!(Command::new("openssl").args(arguments).output().unwrap().status.success(), "{arguments:?}");
    };
    openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &path("pem")]);
    openssl(&["pkey", "-in", &path("pem"), "-pubout", "-out", &path("pub")]);
    path("pem")
}

/// A home that requires a review by `jane`, whose key is there; nothing is installed.
struct Stage {
    tap: Tap,
    home: Home,
    jane: String,
    plugin: PathBuf,
}

const REQUIRED: &str = "[reviews]\nkeys = [\"jane.pub\"]\nrequired = true\n";

impl Stage {
    fn new() -> Self {
        let tap = Tap::quiet();
        let home = home(&tap, REQUIRED);
        let jane = key(&home, "jane");
        let plugin = written(&home, "weather.json", &document());
        Self { tap, home, jane, plugin }
    }

    /// Reviews a file with a key; gives the statement's path.
    fn review(&self, what: &str, key: &str, name: &str) -> String {
        let path = self.home.path().join(name).to_str().unwrap().to_owned();
        let attest = ["attest", what, "--key", key, "--by", "Jane Doe, Acme", "--calls", "300", "--yes"];
        self.home.run(attest.into_iter().chain(["--output", &path])).exits(0);
        path
    }

    fn plugin(&self) -> &str {
        self.plugin.to_str().unwrap()
    }
}

#[test]
fn an_operator_who_requires_a_review_installs_nothing_without_one() {
    let stage = Stage::new();
    let home = &stage.home;
    home.run(["install", stage.plugin(), "--yes", "--json"]).refused("review-required");
    home.run(["install", "mistral", "--yes", "--json"]).refused("review-required");
    assert!(home.rows().iter().any(|row| row["kind"] == "install-refused"));
    assert!(home.run(["ports", "--json"]).exits(0).json().as_array().unwrap().is_empty());

    let review = stage.review(stage.plugin(), &stage.jane, "weather.review.json");
    home.run(["install", stage.plugin(), "--review", &review, "--yes"]).exits(0);
    home.run(["run", "weather/get-forecast", "--input", READ]).exits(0);
    assert_eq!(stage.tap.heard().len(), 1);
    let shown = home.run(["inspect", "weather", "--json"]).exits(0).json();
    assert_eq!(shown["reviewedBy"]["reviewer"], json!("Jane Doe, Acme"));
    assert_eq!(shown["reviewedBy"]["key"], json!("jane.pub"));
    let kinds: Vec<Value> = home.rows().iter().map(|row| row["kind"].clone()).collect();
    assert!(kinds.contains(&json!("attested")) && kinds.contains(&json!("review-kept")), "{kinds:?}");
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
}

#[test]
fn a_review_counts_for_its_own_bytes_and_from_whom_is_listed() {
    let stage = Stage::new();
    let home = &stage.home;
    let other = written(home, "other.json", &{
        let mut other = document();
        other["version"] = json!("1.0.1");
        other
    });
    let mallory = key(home, "mallory");
    let by_mallory = stage.review(stage.plugin(), &mallory, "mallory.review.json");
    let of_other = stage.review(other.to_str().unwrap(), &stage.jane, "other.review.json");
    for review in [&by_mallory, &of_other] {
        let install = ["install", stage.plugin(), "--review", review, "--yes", "--json"];
        home.run(install).refused("review-required");
    }
    // A review that does not count is refused also where none is required.
    home.configure(&crate::home::settings(stage.tap.origin(), "[reviews]\nkeys = [\"jane.pub\"]\n"));
    home.run(["install", stage.plugin(), "--review", &by_mallory, "--yes", "--json"]).refused("review-required");
    home.run(["install", stage.plugin(), "--yes"]).exits(0);
}

#[test]
fn a_reviewer_who_is_not_listed_any_more_stops_what_they_reviewed() {
    let stage = Stage::new();
    let home = &stage.home;
    let review = stage.review(stage.plugin(), &stage.jane, "weather.review.json");
    home.run(["install", stage.plugin(), "--review", &review, "--yes"]).exits(0);
    home.run(["run", "weather/get-forecast", "--input", READ]).exits(0);

    key(home, "john");
    let settings = std::fs::read_to_string(home.path().join("portcullis.toml")).unwrap();
    home.configure(&settings.replace("jane.pub", "john.pub"));
    home.run(["run", "weather/get-forecast", "--input", READ, "--json"]).refused("review-required");
    assert_eq!(stage.tap.heard().len(), 1, "nothing is sent");
    home.configure(&settings);
    home.run(["run", "weather/get-forecast", "--input", READ]).exits(0);
}

#[test]
fn an_upgrade_needs_a_review_of_its_own() {
    let stage = Stage::new();
    let home = &stage.home;
    let review = stage.review(stage.plugin(), &stage.jane, "weather.review.json");
    home.run(["install", stage.plugin(), "--review", &review, "--yes"]).exits(0);
    let mut newer = document();
    newer["version"] = json!("2.0.0");
    newer["actionTemplates"].as_array_mut().unwrap().pop();
    let newer = written(home, "newer.json", &newer);
    let newer = newer.to_str().unwrap();
    home.run(["upgrade", "weather", "--from", newer, "--yes", "--json"]).refused("review-required");
    home.run(["run", "weather/get-forecast", "--input", READ]).exits(0);
    let review = stage.review(newer, &stage.jane, "newer.review.json");
    home.run(["upgrade", "weather", "--from", newer, "--review", &review, "--yes"]).exits(0);
    assert_eq!(home.run(["ports", "--json"]).exits(0).json()[0]["version"], json!("2.0.0"));
}

#[test]
fn a_plugin_that_the_probe_caught_gets_no_review_that_counts() {
    let stage = Stage::new();
    let home = &stage.home;
    let guest = home.path().join("guest.wasm");
    std::fs::write(&guest, portcullis_gateway::built_in("once_in_a_thousand").unwrap()).unwrap();
    let guest = guest.to_str().unwrap();
    let attest = ["attest", guest, "--key", &stage.jane, "--by", "Jane", "--yes"];
    let statement = home.run(attest).exits(1).out;
    let path = home.path().join("guest.review.json");
    std::fs::write(&path, statement).unwrap();
    let install = ["install", guest, "--review", path.to_str().unwrap(), "--yes", "--json"];
    let refusal = home.run(install).refused("review-required");
    assert!(refusal["message"].as_str().unwrap().contains("found something"), "{refusal}");
}

#[test]
fn nobody_signs_unasked_or_without_a_name() {
    let stage = Stage::new();
    let attest = ["attest", stage.plugin(), "--key", &stage.jane, "--calls", "50"];
    stage.home.run(attest.into_iter().chain(["--by", "Jane", "--json"])).refused("approval-required");
    stage.home.run(attest.into_iter().chain(["--yes"])).exits(2);
    stage.home.run(attest.into_iter().chain(["--by", " ", "--yes", "--json"])).refused("bad-request");
    let gone = ["attest", stage.plugin(), "--key", "/nowhere.pem", "--by", "Jane", "--yes"];
    stage.home.run(gone).exits(1);
}
