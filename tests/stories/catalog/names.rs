//! Two accounts of one service, side by side.

use serde_json::json;

use super::weather::{TOKEN, document, home, written};
use crate::home::Home;
use crate::tap::Tap;

const OTHER: &str = "work-token-0123456789";
const OSLO: &str = r#"{"path":{"city":"Oslo"}}"#;

fn two(tap: &Tap) -> Home {
    let home = home(tap, "").env("PORTCULLIS_SECRET_WEATHER_WORK", OTHER);
    let path = written(&home, "weather.json", &document());
    home.run(["install", path.to_str().unwrap(), "--yes"]).exits(0);
    home.run(["install", path.to_str().unwrap(), "--as", "weather-work", "--yes"]).exits(0);
    home
}

#[test]
fn each_port_takes_its_own_credential() {
    let tap = Tap::quiet();
    let home = two(&tap);
    home.run(["run", "weather/get-forecast", "--input", OSLO]).exits(0);
    home.run(["run", "weather-work/get-forecast", "--input", OSLO]).exits(0);
    let heard: Vec<String> = tap.heard().into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    assert!(heard[0].contains(TOKEN) && !heard[0].contains(OTHER));
    assert!(heard[1].contains(OTHER) && !heard[1].contains(TOKEN));
}

#[test]
fn an_approval_of_one_is_none_of_the_other_and_each_goes_alone() {
    let tap = Tap::quiet();
    let home = two(&tap);
    let report = r#"{"body":{"city":"Oslo"}}"#;
    let id = home.run(["run", "weather/report-weather", "--input", report]).exits(3).out;
    home.run(["remove", "weather", "--yes"]).exits(0);
    home.run(["approvals", "approve", id.trim(), "--yes", "--json"]).refused("approval-mismatch");
    assert!(tap.heard().is_empty());
    home.run(["run", "weather-work/get-forecast", "--input", OSLO]).exits(0);
    assert_eq!(home.run(["ports", "--json"]).exits(0).json()[0]["id"], json!("weather-work"));
}

#[test]
fn a_component_takes_another_name_as_a_document_does() {
    let tap = Tap::quiet();
    let home = home(&tap, "");
    home.run(["install", "mistral", "--as", "mistral-work", "--yes"]).exits(0);
    let shown = home.run(["inspect", "mistral-work", "--json"]).exits(0).json();
    assert_eq!(shown["manifest"]["port"]["slug"], json!("mistral-work"));
    let plan = home.run(["run", "mistral-work/list-models", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(plan["action"], json!("mistral-work/list-models"));
    home.run(["install", "mistral", "--as", "portcullis", "--yes", "--json"]).refused("bad-manifest");
}
