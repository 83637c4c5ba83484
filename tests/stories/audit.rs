//! The record of what happened: listed, shown, exported, and found out when it was touched.

use serde_json::Value;

use crate::home::{CHAT, Home};
use crate::tap::Tap;

const TOKEN: &str = "audit-token-0123456789";

/// A home with a read, a refusal and a held call on record.
fn busy(tap: &Tap) -> Home {
    let home = Home::holding(tap.origin(), TOKEN);
    home.run(["run", "mistral/list-agents", "--input", r#"{"search":"audited"}"#]).exits(0);
    home.run(["run", "mistral/get-model", "--input", "{}"]).exits(1);
    home.hold(CHAT);
    home
}

#[test]
fn the_log_is_listed_shown_and_exported() {
    let tap = Tap::quiet();
    let home = busy(&tap);
    let exported = home.rows();
    let listed = home.run(["audit", "list", "--json"]).exits(0).json();
    let newest_first: Vec<Value> = exported.iter().rev().cloned().collect();
    assert_eq!(listed, Value::Array(newest_first));
    let kinds: Vec<&str> = exported.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    for kind in ["installed", "intent", "outcome", "refused", "approval-asked"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let only = home.run(["audit", "list", "--kind", "intent", "--json"]).exits(0).json();
    assert_eq!(only.as_array().unwrap().len(), 1);
    let intent = &only[0];
    assert_eq!(intent["body"]["target"], "/v1/agents?search=audited");
    assert_eq!((&intent["body"]["origin"], &intent["body"]["origin_overridden"]), (&tap.origin().into(), &true.into()));
    assert_eq!(home.run(["audit", "list", "--limit", "2", "--json"]).exits(0).json().as_array().unwrap().len(), 2);
    let call = intent["call"].as_str().unwrap();
    let shown = home.run(["audit", "show", call, "--json"]).exits(0).json();
    let ends: Vec<&str> = shown.as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(ends, ["intent", "outcome"]);
    let by_number = home.run(["audit", "show", &intent["seq"].to_string(), "--json"]).exits(0).json();
    assert_eq!(&by_number[0], intent);
    assert!(home.run(["audit", "list"]).exits(0).out.contains("approval-asked"));
}

#[test]
fn a_row_or_call_that_is_not_there_is_no_success() {
    let tap = Tap::quiet();
    let home = busy(&tap);
    for what in ["999999", "call-0000000000000000", "nonsense"] {
        home.run(["audit", "show", what]).exits(1);
    }
    let nobody = Home::new("");
    for verb in ["list", "verify", "export"] {
        let ended = nobody.run(["audit", verb]).exits(1);
        assert!(ended.err.contains("no audit log yet"), "{ended:?}");
    }
}

#[test]
fn an_edit_a_gap_and_a_log_set_back_are_found() {
    let tap = Tap::quiet();
    for tamper in [
        "UPDATE audit SET body = replace(body, 'audited', 'harmless') WHERE kind = 'intent'",
        "DELETE FROM audit WHERE kind = 'refused'",
        "UPDATE audit SET kind = 'outcome' WHERE kind = 'intent'",
    ] {
        let home = busy(&tap);
        assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
        let database = rusqlite::Connection::open(home.database()).unwrap();
        assert_eq!(database.execute(tamper, []).unwrap(), 1, "{tamper}");
        drop(database);
        let verdict = home.run(["audit", "verify", "--json"]).exits(1).json();
        assert_eq!(verdict["intact"], false, "{tamper}");
        assert!(verdict["first_bad"].is_u64(), "{tamper}: {verdict:#}");
        home.run(["audit", "verify"]).exits(1);
        home.run(["doctor"]).exits(1);
    }
}

#[test]
fn a_head_noted_earlier_is_a_witness() {
    let tap = Tap::quiet();
    let home = busy(&tap);
    let verdict = home.run(["audit", "verify", "--json"]).exits(0).json();
    let noted = format!("{}:{}", verdict["rows"], verdict["head"].as_str().unwrap());
    home.hold(CHAT);
    home.run(["audit", "verify", "--since", &noted]).exits(0);
    let other = busy(&tap);
    other.run(["audit", "verify", "--since", &noted, "--json"]).exits(1);
    other.run(["audit", "verify", "--since", "yesterday"]).exits(1);
}
