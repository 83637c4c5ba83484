//! What changes is shown by weight; what widens is asked about, what narrows is done; standing approvals end.

use serde_json::{Value, json};

use super::weather::{document, installed, written};
use crate::home::Home;
use crate::tap::Tap;

fn upgrade<'a>(home: &'a Home, document: &Value, options: &'a [&'a str]) -> crate::home::Ended {
    let path = written(home, "newer.json", document);
    let words = ["upgrade", "weather", "--from", path.to_str().unwrap()].map(str::to_owned);
    let words: Vec<String> = words.into_iter().chain(options.iter().map(|&o| o.to_owned())).collect();
    home.run(words.iter().map(String::as_str))
}

fn digest(home: &Home) -> Value {
    home.run(["ports", "--json"]).exits(0).json()[0]["digest"].clone()
}

fn newer(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = document();
    document["version"] = json!("1.1.0");
    change(&mut document);
    document
}

#[test]
fn what_widens_is_asked_about_and_nothing_changes_without_a_yes() {
    let tap = Tap::quiet();
    let home = installed(&tap);
    let before = digest(&home);
    let wider = newer(|d| d["actionTemplates"][0]["path"] = json!("/v2/forecasts/{city}"));
    let refusal = upgrade(&home, &wider, &["--json"]).refused("approval-required");
    assert!(refusal["fix"].as_str().unwrap().ends_with("--yes"), "{refusal:#}");
    assert_eq!(digest(&home), before);
    let said = upgrade(&home, &wider, &[]).exits(1).out;
    assert!(said.contains("widened   get-forecast  path: /v1/forecasts/{city} -> /v2/forecasts/{city}"), "{said}");
    let done = upgrade(&home, &wider, &["--yes", "--json"]).exits(0).json();
    assert_eq!((&done["upgraded"], &done["replaced"]), (&json!(true), &before));
    assert_ne!(digest(&home), before);
}

#[test]
fn what_narrows_or_rewords_is_done_at_once() {
    let tap = Tap::quiet();
    let home = installed(&tap);
    let narrower = newer(|d| {
        d["actionTemplates"].as_array_mut().unwrap().remove(1);
        d["actionTemplates"][0]["inputs"]["parameters"][1]["schema"]["maximum"] = json!(7);
        d["actionTemplates"][0]["label"] = json!("Forecast");
    });
    let done = upgrade(&home, &narrower, &["--json"]).exits(0).json();
    let weights: Vec<_> = done["changes"].as_array().unwrap().iter().map(|c| c["weight"].clone()).collect();
    assert!(!weights.contains(&json!("widened")) && weights.contains(&json!("narrowed")), "{done:#}");
    home.run(["run", "weather/report-weather", "--input", "{}", "--json"]).refused("unknown-action");
    let again = upgrade(&home, &narrower, &["--json"]).exits(0).json();
    assert_eq!(again["upgraded"], json!(false));
    // Back again is wider.
    upgrade(&home, &document(), &["--json"]).refused("approval-required");
}

#[test]
fn standing_approvals_end_with_the_bytes_they_were_given_for() {
    let tap = Tap::quiet();
    let home = installed(&tap);
    let report = r#"{"body":{"city":"Oslo"}}"#;
    let held =
        |home: &Home| home.run(["run", "weather/report-weather", "--input", report]).exits(3).out.trim().to_owned();
    let id = held(&home);
    home.run(["approvals", "approve", &id, "--for", "1h", "--yes"]).exits(0);
    home.run(["run", "weather/report-weather", "--input", report]).exits(0);
    upgrade(&home, &newer(|d| d["actionTemplates"][1]["label"] = json!("Report")), &[]).exits(0);
    held(&home);
    assert_eq!(tap.heard().len(), 2);
    assert!(home.rows().iter().any(|row| row["kind"] == "standing-revoked"));
}

#[test]
fn a_newer_one_that_is_not_right_leaves_the_old_one_working() {
    let tap = Tap::quiet();
    let home = installed(&tap);
    let before = digest(&home);
    let broken = newer(|d| d["actionTemplates"][0]["path"] = json!("/v1/../{city}"));
    upgrade(&home, &broken, &["--yes", "--json"]).refused("bad-document");
    assert_eq!(digest(&home), before);
    home.run(["run", "weather/get-forecast", "--input", r#"{"path":{"city":"Oslo"}}"#]).exits(0);
}

#[test]
fn where_it_came_from_is_kept_but_for_files() {
    let home = Home::new("[sandbox.limits]\nwall_time_ms = 5000\n");
    home.run(["install", "slack-web-api", "--yes"]).exits(0);
    assert_eq!(home.run(["upgrade", "slack-web-api", "--json"]).exits(0).json()["upgraded"], json!(false));
    let path = written(&home, "weather.json", &document());
    home.run(["install", path.to_str().unwrap(), "--yes"]).exits(0);
    let refusal = home.run(["upgrade", "weather", "--json"]).refused("bad-request");
    assert_eq!(refusal["fix"], json!("portcullis upgrade weather --from FILE"));
    home.run(["upgrade", "nothing", "--json"]).refused("unknown-action");
}
