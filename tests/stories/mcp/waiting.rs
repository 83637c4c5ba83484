//! A call that waits for a person: signs of life, the outcome now or later, and taking it back.

use serde_json::{Value, json};

use super::client::{ALL, Client, agent};
use crate::home::{Home, settings, until};
use crate::service::Mistral;

const CHAT: &str = "mistral__chat-complete";

fn chat(wait_ms: u32) -> Value {
    let mut input: Value = serde_json::from_str(crate::home::CHAT).unwrap();
    input["_portcullis"] = json!({"waitMs": wait_ms});
    input
}

/// The one approval that waits.
fn waiting(home: &Home) -> String {
    until("a call waits", || {
        let list = home.run(["approvals", "list", "--json"]).exits(0).json();
        Some(list[0]["id"].as_str()?.to_owned())
    })
}

#[test]
fn a_call_that_waits_says_how_to_get_its_result_and_gives_it_after_the_approval() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let result = client.call(CHAT, chat(0));
    let pending = result["structuredContent"].clone();
    assert_eq!((&result["isError"], &pending["state"]), (&json!(false), &json!("pending")));
    assert_eq!(pending["request"]["url"], format!("{}/v1/chat/completions", mistral.origin()));
    assert!(pending["next"].as_str().unwrap().contains("portcullis__result"), "{pending:#}");
    let id = pending["approval"].as_str().unwrap().to_owned();
    let still = client.call("portcullis__result", json!({"approval": id}));
    assert_eq!(still["structuredContent"]["state"], "pending");
    assert_eq!(mistral.count(), 0);
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    let done = client.call("portcullis__result", json!({"approval": id, "waitMs": 60000}));
    let outcome = &done["structuredContent"];
    assert_eq!(outcome["state"], "executed", "{done:#}");
    assert_eq!(outcome["result"]["choices"][0]["message"]["content"], "You said: hi");
    assert_eq!(outcome["approval"], id);
    let picked = client.call(
        "portcullis__result",
        json!({"approval": id, "select": "$.choices[*].message.content", "responseMode": "compact"}),
    );
    assert!(picked["structuredContent"]["result"].to_string().contains("You said: hi"), "{picked:#}");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_call_that_is_approved_while_it_waits_returns_the_answer_itself() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let params = json!({"name": CHAT, "arguments": chat(60000), "_meta": {"progressToken": "p-1"}});
    let call = client.send("tools/call", params);
    let first = client.heard("notifications/progress");
    assert_eq!(first["params"]["progressToken"], "p-1");
    let second = client.heard("notifications/progress");
    assert!(second["params"]["progress"].as_f64() > first["params"]["progress"].as_f64(), "{second:#}");
    assert!(second["params"]["message"].as_str().unwrap().contains("waits for a person"), "{second:#}");
    home.run(["approvals", "approve", &waiting(&home), "--yes"]).exits(0);
    let answer = client.answer(call);
    assert_eq!(answer["result"]["structuredContent"]["state"], "executed", "{answer:#}");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn no_signs_of_life_are_sent_to_a_client_that_asked_for_none() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let pending = client.call(CHAT, chat(2500));
    assert_eq!(pending["structuredContent"]["state"], "pending");
    assert!(!client.passed("notifications/progress") && !client.passed("notifications/message"));
}

#[test]
fn the_settings_say_how_long_a_call_waits_by_itself() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    home.configure(&settings(&mistral.origin(), "[doors]\napproval_wait_ms = 0\n"));
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let mut input = chat(0);
    input.as_object_mut().unwrap().remove("_portcullis");
    assert_eq!(client.call(CHAT, input)["structuredContent"]["state"], "pending");
}

#[test]
fn a_no_reads_as_a_refusal_in_the_call_and_later() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let call = client.send("tools/call", json!({"name": CHAT, "arguments": chat(60000)}));
    let id = waiting(&home);
    home.run(["approvals", "reject", &id, "--reason", "not today"]).exits(0);
    let refused = client.answer(call)["result"].clone();
    assert_eq!((&refused["isError"], &refused["structuredContent"]["code"]), (&json!(true), &json!("denied")));
    assert!(refused["structuredContent"]["message"].as_str().unwrap().contains("not today"), "{refused:#}");
    let later = client.call("portcullis__result", json!({"approval": id}));
    assert_eq!(later["structuredContent"]["code"], "denied");
    assert_eq!(mistral.count(), 0);
}

#[test]
fn a_call_that_is_cancelled_takes_its_question_back() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let call = client.send("tools/call", json!({"name": CHAT, "arguments": chat(60000)}));
    let id = waiting(&home);
    client.tell("notifications/cancelled", json!({"requestId": call, "reason": "changed my mind"}));
    until("the question is taken back", || (home.approval(&id)["state"] == "rejected").then_some(()));
    home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("approval-used");
    assert_eq!(mistral.count(), 0);
    // The session goes on.
    assert_eq!(client.call("mistral__list-models", json!({}))["isError"], false);
    assert_eq!(client.end().code, Some(0));
}

#[test]
fn cancelling_the_fetching_of_a_result_takes_nothing_back() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let id = client.call(CHAT, chat(0))["structuredContent"]["approval"].as_str().unwrap().to_owned();
    let params = json!({"name": "portcullis__result", "arguments": {"approval": id, "waitMs": 60000}, "_meta": {"progressToken": 1}});
    let fetch = client.send("tools/call", params);
    client.heard("notifications/progress");
    client.tell("notifications/cancelled", json!({"requestId": fetch}));
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    let done = client.call("portcullis__result", json!({"approval": id, "waitMs": 60000}));
    assert_eq!(done["structuredContent"]["state"], "executed");
}

#[test]
fn another_agents_approval_is_not_there() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (one, other) = (agent(&home, "one", ALL), agent(&home, "other", ALL));
    let mut client = Client::open(&home, &one, "2025-11-25");
    let id = client.call(CHAT, chat(0))["structuredContent"]["approval"].as_str().unwrap().to_owned();
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    let mut thief = Client::open(&home, &other, "2025-11-25");
    let stolen = thief.call("portcullis__result", json!({"approval": id}));
    let nothing = thief.call("portcullis__result", json!({"approval": "apr-0000000000000000"}));
    assert_eq!(stolen["structuredContent"]["code"], "approval-unknown", "{stolen:#}");
    assert_eq!(stolen.to_string().replace(&id, "ID"), nothing.to_string().replace("apr-0000000000000000", "ID"));
    for bad in [json!({}), json!({"approval": "x"}), json!({"approval": id, "approve": true})] {
        assert_eq!(thief.call("portcullis__result", bad)["structuredContent"]["code"], "bad-request");
    }
    let own = client.call("portcullis__result", json!({"approval": id}));
    assert_eq!(own["structuredContent"]["state"], "executed");
}

#[test]
fn log_messages_come_where_they_are_asked_for_and_hold_no_input() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    client.ask("logging/setLevel", json!({"level": "debug"}));
    client.call("mistral__list-models", json!({}));
    let started = client.heard("notifications/message");
    assert_eq!(started["params"]["data"], json!({"event": "started", "action": "mistral/list-models"}));
    let answered = client.heard("notifications/message");
    assert_eq!(answered["params"]["data"]["status"], 200);
    let id = client.call(CHAT, chat(0))["structuredContent"]["approval"].clone();
    client.heard("notifications/message");
    let waits = client.heard("notifications/message");
    assert_eq!((&waits["params"]["level"], &waits["params"]["data"]["approval"]), (&json!("notice"), &id));
    client.ask("logging/setLevel", json!({"level": "warning"}));
    client.call("mistral__list-models", json!({}));
    client.call(CHAT, json!({"model": "a-very-odd-input"}));
    let refused = client.heard("notifications/message");
    assert_eq!(refused["params"]["data"]["code"], "invalid-input", "and nothing less came before: {refused:#}");
    assert!(!refused.to_string().contains("a-very-odd-input"));
}
