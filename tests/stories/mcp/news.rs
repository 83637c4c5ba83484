//! Whoever is connected hears that the tools are others now, whichever process changed them.

use serde_json::json;

use super::client::{ALL, Client, agent, stateless};
use crate::home::Home;

const CHANGED: &str = "notifications/tools/list_changed";

#[test]
fn a_session_hears_of_removed_and_installed_plugins() {
    let home = Home::at("http://127.0.0.1:9");
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    assert!(client.tools().len() > 1);
    home.run(["remove", "mistral", "--yes"]).exits(0);
    client.heard(CHANGED);
    assert_eq!(client.tools(), ["portcullis__result"]);
    home.run(["install", "mistral", "--yes"]).exits(0);
    client.heard(CHANGED);
    assert!(client.tools().len() > 1);
}

#[test]
fn a_subscription_of_the_stateless_revision_hears_of_them_too_and_ends() {
    let home = Home::at("http://127.0.0.1:9");
    let token = agent(&home, "helper", ALL);
    let mut client = Client::start(&home, &token);
    let wanted = json!({"toolsListChanged": true, "promptsListChanged": true});
    let listen = client.send("subscriptions/listen", json!({"notifications": wanted, "_meta": stateless(json!({}))}));
    let agreed = client.heard("notifications/subscriptions/acknowledged");
    assert_eq!(agreed["params"]["notifications"], json!({"toolsListChanged": true}), "{agreed:#}");
    home.run(["remove", "mistral", "--yes"]).exits(0);
    let heard = client.heard(CHANGED);
    assert_eq!(heard["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], listen, "{heard:#}");
    let over = client.end();
    assert_eq!(over.code, Some(0), "a subscription holds nothing up: {}", over.err);
}
