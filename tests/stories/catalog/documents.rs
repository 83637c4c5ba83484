//! A document becomes a port whose actions pass through the same rooms as any other.

use serde_json::json;

use super::weather::{TOKEN, document, home, installed, written};
use crate::home::Home;
use crate::tap::Tap;

#[test]
fn a_declarative_action_describes_is_checked_waits_and_is_sent_like_any_other() {
    let tap = Tap::quiet();
    let home = installed(&tap);
    let read = r#"{"path":{"city":"São Paulo"},"query":{"units":"metric"}}"#;
    let answer = home.run(["run", "weather/get-forecast", "--input", read, "--json"]).exits(0).json();
    assert_eq!(answer["status"], 200);
    let heard = String::from_utf8(tap.heard().remove(0)).unwrap();
    assert!(heard.starts_with("GET /v1/forecasts/S%C3%A3o%20Paulo?days=3&units=metric HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{heard}");

    let id = home.run(["run", "weather/report-weather", "--input", r#"{"body":{"city":"Oslo"}}"#]).exits(3).out;
    assert_eq!(tap.heard().len(), 1, "nothing is sent before a person said yes");
    home.run(["approvals", "approve", id.trim(), "--yes"]).exits(0);
    let heard = String::from_utf8(tap.heard().remove(1)).unwrap();
    assert!(heard.starts_with("POST /v1/reports HTTP/1.1\r\n"), "{heard}");
    assert!(heard.ends_with(r#"{"city":"Oslo","sky":"clear"}"#), "{heard}");
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
}

#[test]
fn an_input_that_the_document_does_not_name_is_refused_and_nothing_is_sent() {
    let tap = Tap::quiet();
    let home = installed(&tap);
    for input in [
        "{}",
        r#"{"path":{}}"#,
        r#"{"path":{"city":"Oslo","more":1}}"#,
        r#"{"path":{"city":"Oslo"},"query":{"days":99}}"#,
        r#"{"path":{"city":"Oslo"},"query":{"verbose":true}}"#,
        r#"{"path":{"city":"Oslo"},"body":{}}"#,
        r#"{"path":{"city":7}}"#,
    ] {
        home.run(["run", "weather/get-forecast", "--input", input, "--json"]).refused("invalid-input");
    }
    for input in [r#"{"path":{"city":".."}}"#, r#"{"path":{"city":"a/b"}}"#, r#"{"path":{"city":"a%2fb"}}"#] {
        home.run(["run", "weather/get-forecast", "--input", input, "--json"]).refused("bad-segment");
    }
    assert!(tap.heard().is_empty());
}

#[test]
fn everything_a_document_could_send_is_shown_before_it_is_installed() {
    let tap = Tap::quiet();
    let home = home(&tap, "");
    let path = written(&home, "weather.json", &document());
    let page = home.run(["inspect", path.to_str().unwrap()]).exits(0).out;
    for words in [
        "sealed: data",
        "/v1/forecasts/{city}",
        "query days,units",
        "body json",
        "signed by   nobody",
        "require_approval",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let shown = home.run(["inspect", path.to_str().unwrap(), "--json"]).exits(0).json();
    assert_eq!((&shown["declarative"], &shown["tier"]), (&json!(true), &json!("sealed")));
    // Off a terminal nobody can say yes, so nothing is installed.
    home.run(["install", path.to_str().unwrap(), "--json"]).refused("approval-required");
    assert!(home.run(["ports", "--json"]).exits(0).json().as_array().unwrap().is_empty());
    let done = home.run(["install", path.to_str().unwrap(), "--yes"]).exits(0);
    assert!(done.out.contains("Ask Acme for a key."), "{done:?}");
    assert_eq!(home.run(["inspect", "weather", "--json"]).exits(0).json()["digest"], shown["digest"]);
}

#[test]
fn a_document_with_a_credential_or_a_broken_rule_is_refused_by_name_of_the_field() {
    let tap = Tap::quiet();
    let home = home(&tap, "");
    let mut with_key = document();
    with_key["portTemplates"][0]["authToken"] = json!("sk-live-0123456789abcdef0123456789");
    let path = written(&home, "key.json", &with_key);
    let refusal = home.run(["install", path.to_str().unwrap(), "--yes", "--json"]).refused("bad-document");
    let text = refusal.to_string();
    assert!(text.contains("/portTemplates/0/authToken") && !text.contains("0123456789abcdef"), "{text}");

    let mut broken = document();
    broken["portTemplates"][0]["baseUrl"] = json!("http://10.0.0.1/x?y");
    broken["actionTemplates"][1]["approvalMode"] = json!("automatic");
    let path = written(&home, "broken.json", &broken);
    let verdict = home.run(["catalog", "validate", path.to_str().unwrap(), "--json"]).exits(1).json();
    let places: Vec<_> = verdict[0]["problems"].as_array().unwrap().iter().map(|p| p["at"].clone()).collect();
    assert!(places.contains(&json!("/portTemplates/0/baseUrl")), "{verdict:#}");
    assert!(places.contains(&json!("/actionTemplates/1/approvalMode")), "{verdict:#}");
    assert!(home.rows().iter().any(|row| row["kind"] == "install-refused"));
    let good = written(&home, "good.json", &document());
    home.run(["catalog", "validate", good.to_str().unwrap()]).exits(0);
}

#[test]
fn a_document_that_says_other_than_its_component_is_refused() {
    let home = Home::new("");
    let shown = home.run(["catalog", "show", "mistral", "--json"]).exits(0).json();
    let text = include_str!("../../../catalog/integrations/mistral/mistral.json");
    let document: serde_json::Value = serde_json::from_str(text).unwrap();
    let actions = document["actionTemplates"].as_array().unwrap();
    let chat = actions.iter().position(|action| action["slug"] == "chat-complete").unwrap();
    let last = actions.len() - 1;
    assert!(last > chat);

    let mut other = document.clone();
    other["actionTemplates"][chat]["path"] = json!("/v1/chat/other");
    other["actionTemplates"][chat]["billable"] = json!(false);
    other["actionTemplates"].as_array_mut().unwrap().pop();
    let path = written(&home, "other.json", &other);
    let refusal = home.run(["install", path.to_str().unwrap(), "--yes", "--json"]).refused("bad-document");
    let places: Vec<&str> = refusal["details"].as_array().unwrap().iter().map(|d| d["at"].as_str().unwrap()).collect();
    let expected = [
        format!("/actionTemplates/{chat}/path"),
        format!("/actionTemplates/{chat}/billable"),
        "/actionTemplates".to_owned(),
    ];
    for at in &expected {
        assert!(places.contains(&at.as_str()), "{at}: {refusal:#}");
    }
    assert!(home.run(["ports", "--json"]).exits(0).json().as_array().unwrap().is_empty());

    let path = written(&home, "same.json", &document);
    home.run(["install", path.to_str().unwrap(), "--yes"]).exits(0);
    assert_eq!(home.run(["inspect", "mistral", "--json"]).exits(0).json()["digest"], shown["digest"]);
}

#[test]
fn an_exported_port_is_the_same_port_elsewhere_and_holds_no_secret() {
    let tap = Tap::quiet();
    let first = installed(&tap);
    let exported = first.run(["export", "weather"]).exits(0).out;
    assert!(!exported.contains(TOKEN) && !exported.contains(tap.origin()), "{exported}");
    let second = Home::new("[sandbox.limits]\nwall_time_ms = 5000\n");
    let path = second.path().join("exported.json");
    std::fs::write(&path, &exported).unwrap();
    second.run(["install", path.to_str().unwrap(), "--yes"]).exits(0);
    let manifest = |home: &Home| home.run(["inspect", "weather", "--json"]).exits(0).json()["manifest"].clone();
    let (mut one, mut other) = (manifest(&first), manifest(&second));
    // What the exported document calls itself may differ; what it could send may not.
    for manifest in [&mut one, &mut other] {
        for action in manifest["actions"].as_array_mut().unwrap() {
            action["examples"] = json!(null);
        }
    }
    assert_eq!(one["actions"], other["actions"]);
    assert_eq!(first.run(["diff", path.to_str().unwrap(), "weather", "--json"]).exits(0).json()["widened"], 0);
    // A file that is there is not overwritten.
    first.run(["export", "weather", "--output", path.to_str().unwrap()]).exits(1);
}
