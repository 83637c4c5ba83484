//! Asking the person at the client: a page's address for whoever can open one, a form only where the operator said so.

use serde_json::{Value, json};

use super::client::{ALL, Client, agent, stateless};
use crate::home::{Home, settings, until};
use crate::service::Mistral;

const CHAT: &str = "mistral__chat-complete";

fn chat() -> Value {
    let mut input: Value = serde_json::from_str(crate::home::CHAT).unwrap();
    input["_portcullis"] = json!({"waitMs": 60000});
    input
}

fn trusting(home: &Home) -> String {
    let made =
        home.run(["agent", "create", "trusted", "--actions", ALL, "--allow-form-approval", "--json"]).exits(0).json();
    made["token"].as_str().unwrap().to_owned()
}

/// Says where the page is.
fn with_a_page(home: &Home, mistral: &Mistral) {
    home.configure(&settings(&mistral.origin(), "[doors]\npage = \"https://gate.example\"\n"));
}

fn form() -> Value {
    json!({"elicitation": {"form": {}}})
}

#[test]
fn a_client_that_can_open_pages_gets_the_approvals_address_and_a_no_there_changes_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    with_a_page(&home, &mistral);
    let token = agent(&home, "helper", ALL);
    let mut client = Client::declaring(&home, &token, "2025-11-25", json!({"elicitation": {"url": {}}}));
    let call = client.send("tools/call", json!({"name": CHAT, "arguments": chat()}));
    let asked = client.heard("elicitation/create");
    let id = asked["params"]["elicitationId"].as_str().unwrap().to_owned();
    assert_eq!(asked["params"]["mode"], "url");
    assert_eq!(asked["params"]["url"], format!("https://gate.example/approvals/{id}"));
    client.write(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"action": "decline"}}).to_string());
    assert_eq!(home.approval(&id)["state"], "pending");
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    assert_eq!(client.answer(call)["result"]["structuredContent"]["state"], "executed");
    let done = client.heard("notifications/elicitation/complete");
    assert_eq!(done["params"]["elicitationId"], id.as_str());
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_form_is_shown_only_for_an_agent_whose_host_the_operator_trusts() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::declaring(&home, &token, "2025-11-25", form());
    let mut input = chat();
    input["_portcullis"] = json!({"waitMs": 1500});
    let pending = client.call(CHAT, input);
    assert_eq!(pending["structuredContent"]["state"], "pending", "{pending:#}");
    assert!(!client.passed("elicitation/create"));
    assert_eq!(mistral.count(), 0);
}

#[test]
fn a_trusted_form_that_says_yes_sends_exactly_what_it_showed() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let mut client = Client::declaring(&home, &trusting(&home), "2025-11-25", form());
    let call = client.send("tools/call", json!({"name": CHAT, "arguments": chat()}));
    let asked = client.heard("elicitation/create");
    let message = asked["params"]["message"].as_str().unwrap();
    assert!(message.contains("/v1/chat/completions") && message.contains("\"content\":\"hi\""), "{message}");
    assert!(!message.contains(mistral.token()), "{message}");
    let yes = json!({"action": "accept", "content": {"approve": true}});
    client.write(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": yes}).to_string());
    assert_eq!(client.answer(call)["result"]["structuredContent"]["state"], "executed");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_trusted_form_that_says_anything_else_leaves_the_call_waiting() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = trusting(&home);
    let mut client = Client::declaring(&home, &token, "2025-11-25", form());
    for said in [json!({"action": "accept", "content": {"approve": false}}), json!({"action": "cancel"})] {
        let mut input = chat();
        input["_portcullis"] = json!({"waitMs": 1500});
        let call = client.send("tools/call", json!({"name": CHAT, "arguments": input}));
        let asked = client.heard("elicitation/create");
        client.write(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": said}).to_string());
        assert_eq!(client.answer(call)["result"]["structuredContent"]["state"], "pending", "{said}");
    }
    assert_eq!(mistral.count(), 0);
}

#[test]
fn the_stateless_revision_returns_the_question_and_the_client_comes_again() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    with_a_page(&home, &mistral);
    let token = agent(&home, "helper", ALL);
    let mut client = Client::start(&home, &token);
    let meta = stateless(json!({"elicitation": {"url": {}}}));
    let ask = |more: Value| {
        let mut params = json!({"name": CHAT, "arguments": chat(), "_meta": meta});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let first = client.ask("tools/call", ask(json!({})))["result"].clone();
    assert_eq!(first["resultType"], "input_required", "{first:#}");
    let id = first["requestState"].as_str().unwrap().to_owned();
    let url = &first["inputRequests"]["approval"]["params"]["url"];
    assert!(url.as_str().unwrap().ends_with(&id), "{first:#}");
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    let responses = json!({"approval": {"action": "accept"}});
    let again = ask(json!({"requestState": id, "inputResponses": responses}));
    let done = client.ask("tools/call", again)["result"].clone();
    assert_eq!(done["structuredContent"]["state"], "executed", "{done:#}");
    assert_eq!(mistral.count(), 1, "coming again is not calling again");
}

#[test]
fn a_returned_state_is_believed_only_where_it_is_the_callers_own_of_that_tool() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (one, other) = (agent(&home, "one", ALL), trusting(&home));
    let mut client = Client::open(&home, &one, "2025-11-25");
    let mut input = chat();
    input["_portcullis"] = json!({"waitMs": 0});
    let id = client.call(CHAT, input)["structuredContent"]["approval"].as_str().unwrap().to_owned();
    let yes = json!({"approval": {"action": "accept", "content": {"approve": true}}});
    let again = |tool: &str, state: &str| {
        json!({
            "name": tool, "arguments": chat(), "requestState": state, "inputResponses": yes,
            "_meta": stateless(form())
        })
    };
    let mut thief = Client::start(&home, &other);
    let stolen = thief.ask("tools/call", again(CHAT, &id))["result"].clone();
    assert_eq!(stolen["structuredContent"]["code"], "approval-unknown", "{stolen:#}");
    let garbage = thief.ask("tools/call", again(CHAT, "{\"admin\":true}"));
    assert_eq!(garbage["error"]["code"], -32602, "{garbage:#}");
    let mut owner = Client::start(&home, &one);
    let elsewhere = owner.ask("tools/call", again("mistral__list-models", &id))["result"].clone();
    assert_eq!(elsewhere["structuredContent"]["code"], "approval-unknown", "{elsewhere:#}");
    // Nor does a form of an agent that is not trusted with one approve anything.
    let mut params = again(CHAT, &id);
    params["arguments"]["_portcullis"] = json!({"waitMs": 0});
    let untrusted = owner.ask("tools/call", params)["result"].clone();
    assert_eq!(untrusted["structuredContent"]["state"], "pending", "{untrusted:#}");
    assert_eq!((home.approval(&id)["state"].clone(), mistral.count()), (json!("pending"), 0));
}

#[test]
fn a_question_is_not_left_open_when_the_call_ends() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let mut client = Client::declaring(&home, &trusting(&home), "2025-11-25", form());
    let call = client.send("tools/call", json!({"name": CHAT, "arguments": chat()}));
    let asked = client.heard("elicitation/create");
    let id = until("a call waits", || {
        let list = home.run(["approvals", "list", "--json"]).exits(0).json();
        Some(list[0]["id"].as_str()?.to_owned())
    });
    home.run(["approvals", "reject", &id, "--reason", "no"]).exits(0);
    assert_eq!(client.answer(call)["result"]["structuredContent"]["code"], "denied");
    assert_eq!(client.heard("notifications/cancelled")["params"]["requestId"], asked["id"]);
}
