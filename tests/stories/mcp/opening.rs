//! Every revision opens its own way, and shows the same tools.

use serde_json::{Value, json};

use super::client::{ALL, Client, agent, stateless};
use crate::home::Home;
use crate::service::Mistral;

#[test]
fn each_older_revision_opens_with_its_own_name_and_lists_the_same_tools() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", "mistral/list-models,mistral/chat-complete");
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut client = Client::start(&home, &token);
        let opened = client.initialize(version, json!({}))["result"].clone();
        assert_eq!(opened["protocolVersion"], version);
        assert_eq!(opened["serverInfo"]["name"], "portcullis");
        assert_eq!(opened["capabilities"]["tools"]["listChanged"], true);
        assert!(opened["instructions"].as_str().unwrap().contains("portcullis__result"));
        assert_eq!(client.tools(), ["mistral__chat-complete", "mistral__list-models", "portcullis__result"]);
        let listed = client.call("mistral__list-models", json!({}));
        assert_eq!(listed["structuredContent"]["status"], 200, "{version}: {listed:#}");
        assert_eq!(client.end().code, Some(0));
    }
    assert_eq!(mistral.count(), 4);
}

#[test]
fn a_revision_that_nobody_knows_is_answered_with_one_that_is_known() {
    let home = Home::at("http://127.0.0.1:9");
    let token = agent(&home, "helper", ALL);
    let mut client = Client::start(&home, &token);
    let opened = client.initialize("1999-01-01", json!({}));
    assert_eq!(opened["result"]["protocolVersion"], "2025-11-25");
}

#[test]
fn the_stateless_revision_needs_no_opening() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", "mistral/list-models");
    let mut client = Client::start(&home, &token);
    let discovered = client.ask("server/discover", json!({"_meta": stateless(json!({}))}))["result"].clone();
    let versions = discovered["supportedVersions"].as_array().unwrap_or_else(|| panic!("{discovered:#}"));
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2024-11-05")), "{discovered:#}");
    let call = json!({"name": "mistral__list-models", "arguments": {}, "_meta": stateless(json!({}))});
    let called = client.ask("tools/call", call)["result"].clone();
    assert_eq!(called["structuredContent"]["state"], "executed", "{called:#}");
    assert_eq!(called["resultType"], "complete");
    let listed = client.ask("tools/list", json!({"_meta": stateless(json!({}))}))["result"].clone();
    assert_eq!(listed["cacheScope"], "private", "one agent's tools are no other's: {listed:#}");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_call_before_any_opening_and_without_the_words_for_it_is_refused() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::start(&home, &token);
    let answer = client.ask("tools/call", json!({"name": "mistral__list-models", "arguments": {}}));
    assert!(answer["error"]["code"].is_i64(), "{answer:#}");
    assert_eq!(mistral.count(), 0);
}

#[test]
fn without_an_agents_token_the_door_stays_shut() {
    let home = Home::at("http://127.0.0.1:9");
    let refusal = home.run(["mcp", "--json"]).refused("unauthenticated");
    assert!(refusal["fix"].as_str().unwrap().contains("portcullis agent create NAME"), "{refusal:#}");
    let wrong = format!("pca_{}", "A".repeat(43));
    for token in [wrong.as_str(), "", "hunter2"] {
        let mut command = home.command(["mcp", "--json"]);
        let ended = crate::home::Ended::from(command.env("PORTCULLIS_TOKEN", token).output().unwrap());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(token.is_empty() || !ended.err.contains(token) && !ended.out.contains(token), "{ended:?}");
    }
    let operator = home.run(["operator", "create", "boss", "--json"]).exits(0).json();
    let mut command = home.command(["mcp", "--json"]);
    let ended = command.env("PORTCULLIS_TOKEN", operator["token"].as_str().unwrap()).output().unwrap();
    crate::home::Ended::from(ended).refused("forbidden");
}

#[test]
fn pages_follow_each_other_and_a_cursor_outlives_its_tool() {
    let home = Home::at("http://127.0.0.1:9");
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let names = client.tools();
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, names, "each tool is listed once, by name");
    let after = |client: &mut Client, cursor: &str| -> Vec<Value> {
        client.ask("tools/list", json!({"cursor": cursor}))["result"]["tools"].as_array().unwrap().clone()
    };
    let middle = names[names.len() / 2].clone();
    let rest = after(&mut client, &middle);
    assert_eq!(rest[0]["name"], names[names.len() / 2 + 1].as_str());
    assert_eq!(after(&mut client, "mistral__a-tool-that-is-gone").len(), names.len());
    for garbage in ["", "mistral", "portcullis__result", "mistral__x__y", "\u{202e}"] {
        let answer = client.ask("tools/list", json!({"cursor": garbage}));
        assert_eq!(answer["error"]["code"], -32602, "{garbage:?}: {answer:#}");
    }
}

#[test]
fn an_input_that_is_no_pipe_is_read_to_its_end_too() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let call = json!({"name": "mistral__list-models", "arguments": {}, "_meta": stateless(json!({}))});
    let line = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}).to_string() + "\n";
    let file = home.path().join("input.jsonl");
    std::fs::write(&file, &line).unwrap();
    let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    // As node's child processes have it: a socket.
    std::io::Write::write_all(&mut ours, line.as_bytes()).unwrap();
    ours.shutdown(std::net::Shutdown::Write).unwrap();
    for input in
        [std::fs::File::open(&file).unwrap().into(), std::process::Stdio::from(std::os::fd::OwnedFd::from(theirs))]
    {
        let mut command = home.command(["mcp"]);
        let ended = command.env("PORTCULLIS_TOKEN", &token).stdin(input).output().unwrap();
        let ended = crate::home::Ended::from(ended).exits(0);
        assert_eq!(ended.json()["result"]["structuredContent"]["state"], "executed", "{ended:?}");
    }
    assert_eq!(mistral.count(), 2);
}
