//! What happens when the world changes between the question and the yes: another plugin, origin, rule, or too late.

use std::fs;

use crate::home::{CHAT, Home, settings};
use crate::tap::Tap;

const TOKEN: &str = "changed-token-0123456789";

/// The shipped plugin with a custom section at its end (WebAssembly core, section 5.5.3): it does the same, and is
/// another component.
fn another_build() -> Vec<u8> {
    let mut bytes = portcullis_gateway::built_in("mistral").unwrap().to_vec();
    let name = b"another-build";
    bytes.extend([0, name.len() as u8 + 1, name.len() as u8]);
    bytes.extend_from_slice(name);
    bytes
}

#[test]
fn a_plugin_that_was_replaced_does_not_inherit_an_approval() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), TOKEN);
    let id = home.hold(CHAT);
    let digest = home.run(["ports", "--json"]).exits(0).json()[0]["digest"].clone();
    let file = home.path().join("another.wasm");
    fs::write(&file, another_build()).unwrap();
    let file = file.to_str().unwrap();
    home.run(["install", file, "--yes", "--json"]).refused("already-installed");
    home.run(["install", file, "--yes", "--replace"]).exits(0);
    assert_ne!(home.run(["ports", "--json"]).exits(0).json()[0]["digest"], digest);
    home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("approval-mismatch");
    assert!(tap.heard().is_empty());
    // The twin: the very plugin that described it is back.
    home.run(["install", "mistral", "--yes", "--replace"]).exits(0);
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    assert_eq!(tap.heard().len(), 1);
}

#[test]
fn an_origin_that_was_changed_does_not_inherit_an_approval() {
    let (tap, other) = (Tap::quiet(), Tap::quiet());
    let home = Home::holding(tap.origin(), TOKEN);
    let id = home.hold(CHAT);
    home.configure(&settings(other.origin(), ""));
    home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("approval-mismatch");
    assert!(tap.heard().is_empty() && other.heard().is_empty());
    home.configure(&settings(tap.origin(), ""));
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    assert_eq!((tap.heard().len(), other.heard().len()), (1, 0));
}

#[test]
fn a_plugin_that_was_removed_takes_its_approvals_along() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), TOKEN);
    let id = home.hold(CHAT);
    home.run(["remove", "mistral", "--yes"]).exits(0);
    home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("approval-mismatch");
    let shown = home.approval(&id);
    assert!(shown["request"].is_null() && shown["problem"]["code"] == "approval-mismatch", "{shown:#}");
    assert!(tap.heard().is_empty());
}

#[test]
fn a_description_that_was_edited_in_the_database_is_not_sent() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), TOKEN);
    let id = home.hold(CHAT);
    let database = rusqlite::Connection::open(home.database()).unwrap();
    let edit = "UPDATE approvals SET description = replace(description, 'content', 'c0ntent') WHERE id = ?1";
    assert_eq!(database.execute(edit, [&id]).unwrap(), 1);
    drop(database);
    home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("approval-mismatch");
    assert!(tap.heard().is_empty());
}

#[test]
fn an_approval_that_nobody_gave_in_time_is_over() {
    let tap = Tap::quiet();
    let home = Home::with(tap.origin(), "[approvals]\nlife_seconds = 10\n").env("PORTCULLIS_SECRET_MISTRAL", TOKEN);
    let id = home.hold(CHAT);
    let approval = home.approval(&id);
    let moment = |name: &str| approval[name].as_u64().unwrap();
    assert_eq!(moment("expires_ms") - moment("created_ms"), 10_000);
    let database = rusqlite::Connection::open(home.database()).unwrap();
    database.execute("UPDATE approvals SET expires_ms = created_ms WHERE id = ?1", [&id]).unwrap();
    drop(database);
    let refusal = home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("approval-expired");
    assert_eq!(refusal["fix"], "make the call again");
    assert_eq!(home.approval(&id)["state"], "expired");
    assert!(home.run(["approvals", "list", "--json"]).exits(0).json().as_array().unwrap().is_empty());
    assert!(tap.heard().is_empty());
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
}

#[test]
fn what_the_operator_denies_is_not_sent_and_not_held() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), TOKEN);
    let before = home.hold(CHAT);
    let deny = "[ports.mistral.actions.chat-complete]\napproval = \"deny\"\n\
        [ports.mistral.actions.list-models]\napproval = \"deny\"\n";
    home.configure(&settings(tap.origin(), deny));
    home.run(["run", "mistral/chat-complete", "--input", CHAT, "--json"]).refused("denied");
    home.run(["run", "mistral/list-models", "--json"]).refused("denied");
    let plan = home.run(["run", "mistral/list-models", "--dry-run", "--json"]).exits(1).json();
    assert_eq!(plan["decision"], "denied");
    home.run(["approvals", "approve", &before, "--yes", "--json"]).refused("denied");
    assert!(tap.heard().is_empty());
    let rows = home.rows();
    assert_eq!(rows.iter().filter(|r| r["kind"] == "refused" && r["body"]["code"] == "denied").count(), 3);
    assert!(rows.iter().all(|r| r["kind"] != "intent"));
}

#[test]
fn the_operator_may_ask_for_what_was_automatic_and_let_pass_what_was_not() {
    let tap = Tap::quiet();
    let rules = "[ports.mistral.actions.chat-complete]\napproval = \"automatic\"\n\
        [ports.mistral.actions.list-models]\napproval = \"require_approval\"\n";
    let home = Home::with(tap.origin(), rules).env("PORTCULLIS_SECRET_MISTRAL", TOKEN);
    home.run(["run", "mistral/list-models"]).exits(3);
    assert!(tap.heard().is_empty());
    let plan = home.run(["run", "mistral/chat-complete", "--input", CHAT, "--dry-run", "--json"]).exits(0).json();
    assert_eq!(plan["decision"], "allowed");
    assert!(tap.heard().is_empty(), "a dry run sends");
    home.run(["run", "mistral/chat-complete", "--input", CHAT]).exits(0);
    assert_eq!(tap.heard().len(), 1);
}
