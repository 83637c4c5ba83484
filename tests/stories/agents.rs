//! Agents at the command line: a token is shown once, opens what it was granted, and nothing that is the operator's.

use serde_json::Value;

use crate::home::{CHAT, Home};
use crate::service::Mistral;

/// Makes an agent; gives its token.
fn agent(home: &Home, name: &str, actions: &str) -> String {
    let made = home.run(["agent", "create", name, "--actions", actions, "--json"]).exits(0).json();
    assert_eq!(made["id"], name);
    made["token"].as_str().unwrap().to_owned()
}

fn as_agent(home: Home, token: &str) -> Home {
    home.env("PORTCULLIS_TOKEN", token)
}

#[test]
fn a_token_is_shown_once_and_kept_nowhere() {
    let home = Home::new("");
    home.run(["install", "mistral", "--yes"]).exits(0);
    let token = agent(&home, "helper", "mistral/*");
    assert!(token.starts_with("pca_") && token.len() == 47, "{token}");
    let listed = home.run(["agent", "list", "--json"]).exits(0);
    assert!(!listed.out.contains(&token[4..]) && !listed.err.contains(&token[4..]));
    let listed: Value = listed.json();
    assert_eq!((&listed[0]["id"], &listed[0]["last_used_ms"]), (&"helper".into(), &Value::Null));
    for entry in walk(home.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        let found = bytes.windows(token.len() - 4).any(|window| window == &token.as_bytes()[4..]);
        assert!(!found, "{}", entry.display());
    }
}

#[test]
fn an_agent_calls_what_it_was_granted_and_the_rest_is_not_there() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "reader", "mistral/list-models");
    let home = as_agent(home, &token);
    let models = home.run(["run", "mistral/list-models", "--json"]).exits(0).json();
    assert_eq!(models["status"], 200);
    let hidden = home.run(["run", "mistral/get-model", "--json"]).refused("unknown-action");
    let absent = home.run(["run", "mistral/get-nothing", "--json"]).refused("unknown-action");
    let words = |refusal: &Value| refusal["message"].as_str().unwrap().replace("get-nothing", "get-model");
    assert_eq!(words(&hidden), words(&absent));
    let actions = home.run(["actions", "--json"]).exits(0).json();
    assert_eq!(actions.as_array().map(Vec::len), Some(1));
    home.run(["actions", "mistral", "--show", "get-model", "--json"]).refused("unknown-action");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn the_audit_log_names_the_agent() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "reader", "mistral/list-models");
    let home = as_agent(home, &token);
    home.run(["run", "mistral/list-models"]).exits(0);
    let home = home.env("PORTCULLIS_TOKEN", "");
    let intent = home.rows().into_iter().find(|row| row["kind"] == "intent").unwrap();
    assert_eq!(intent["body"]["agent"], "reader");
}

#[test]
fn nothing_that_is_the_operators_is_an_agents() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "writer", "*");
    let home = as_agent(home, &token);
    let id = home.hold(CHAT);
    for verb in [
        &["approvals", "approve", &id, "--yes"][..],
        &["approvals", "list"],
        &["install", "mistral", "--yes"],
        &["remove", "mistral", "--yes"],
        &["secret", "list"],
        &["agent", "create", "another"],
        &["operator", "create", "another"],
        &["audit", "list"],
        &["inspect", "mistral"],
        &["doctor"],
    ] {
        let mut words = verb.to_vec();
        words.push("--json");
        home.run(words).refused("forbidden");
    }
    assert_eq!(mistral.count(), 0);
    let home = home.env("PORTCULLIS_TOKEN", "");
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_token_that_is_revoked_expired_or_invented_opens_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "reader", "mistral/*");
    let short = home.run(["agent", "create", "short", "--ttl", "1s", "--json"]).exits(0).json();
    home.run(["agent", "revoke", "reader"]).exits(0);
    let mut invented = token.clone();
    invented.replace_range(4..8, "AAAA");
    let operators = home.run(["operator", "create", "desk", "--json"]).exits(0).json();
    let swapped = operators["token"].as_str().unwrap().replace("pco_", "pca_");
    let mut home = home;
    for bad in [&token, &invented, &swapped, "nonsense"] {
        home = home.env("PORTCULLIS_TOKEN", bad);
        home.run(["run", "mistral/list-models", "--json"]).refused("unauthenticated");
    }
    home = home.env("PORTCULLIS_TOKEN", operators["token"].as_str().unwrap());
    home.run(["run", "mistral/list-models", "--json"]).refused("forbidden");
    home = home.env("PORTCULLIS_TOKEN", short["token"].as_str().unwrap());
    crate::home::until("the token expires", || {
        let ended = home.run(["run", "mistral/list-models", "--json"]);
        (ended.code == Some(1)).then(|| ended.refused("unauthenticated"))
    });
}

#[test]
fn a_name_is_never_used_twice() {
    let home = Home::new("");
    home.run(["install", "mistral", "--yes"]).exits(0);
    agent(&home, "helper", "mistral/*");
    home.run(["agent", "create", "helper", "--json"]).refused("token-taken");
    home.run(["agent", "revoke", "helper"]).exits(0);
    home.run(["agent", "create", "helper", "--json"]).refused("token-taken");
    home.run(["agent", "create", "operator", "--json"]).refused("token-taken");
    home.run(["agent", "revoke", "nobody", "--json"]).refused("bad-request");
}

#[test]
fn without_a_list_an_agent_gets_the_ports_there_are_and_none_to_come() {
    let home = Home::new("");
    home.run(["agent", "create", "early", "--json"]).refused("bad-request");
    home.run(["install", "mistral", "--yes"]).exits(0);
    let made = home.run(["agent", "create", "helper", "--json"]).exits(0).json();
    assert_eq!(made["grants"], serde_json::json!(["mistral/*"]));
    home.run(["agent", "create", "x", "--actions", "mis*/x", "--json"]).exits(2);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
