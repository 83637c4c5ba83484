//! A call's result, in both forms, and the calls that are not made.

use serde_json::{Value, json};

use super::client::{ALL, Client, agent};
use crate::home::Home;
use crate::service::Mistral;
use crate::tap::{Tap, answer, ok};

const CHAT: &str = "mistral__chat-complete";
const LIST: &str = "mistral__list-models";

fn chat() -> Value {
    serde_json::from_str(crate::home::CHAT).unwrap()
}

#[test]
fn a_result_is_structured_and_the_same_as_text() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let result = client.call(LIST, json!({}));
    assert_eq!(result["isError"], false);
    let structured = &result["structuredContent"];
    assert_eq!((&structured["state"], &structured["action"]), (&json!("executed"), &json!("mistral/list-models")));
    assert_eq!(structured["result"]["object"], "list");
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(&text, structured);
    let picked = client.call(LIST, json!({"_portcullis": {"select": "$.data[*].id", "responseMode": "compact"}}));
    assert!(picked["structuredContent"]["result"].to_string().contains("mistral"), "{picked:#}");
    assert!(picked["structuredContent"].get("headers").is_none(), "{picked:#}");
    let said_ok = client.call(LIST, json!({"_portcullis": {"responseMode": "ok"}}));
    assert!(said_ok["structuredContent"].get("result").is_none(), "{said_ok:#}");
}

#[test]
fn an_agent_sees_and_calls_what_it_was_granted_and_nothing_else_is_there() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", "mistral/list-models");
    let mut client = Client::open(&home, &token, "2025-11-25");
    assert_eq!(client.tools(), [LIST, "portcullis__result"]);
    let mut told = Vec::new();
    for tool in [CHAT, "mistral__no-such-action", "nobody__list-models", "mistral/list-models", "portcullis__approve"] {
        let error = client.no_such(tool);
        told.push(error["message"].as_str().unwrap().replace(tool, "TOOL"));
        assert!(error.get("data").is_none(), "{error:#}");
    }
    told.dedup();
    assert_eq!(told.len(), 1, "what was not granted reads as what is not there: {told:?}");
    assert_eq!(mistral.count(), 0);
    assert_eq!(client.call(LIST, json!({}))["isError"], false);
}

#[test]
fn the_tools_are_the_granted_actions_and_one_that_changes_nothing() {
    let home = Home::at("http://127.0.0.1:9");
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let actions = home.run(["actions", "mistral", "--json"]).exits(0).json();
    let mut expected: Vec<String> =
        actions.as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap().replace('/', "__")).collect();
    expected.push("portcullis__result".to_owned());
    expected.sort();
    assert_eq!(client.tools(), expected);
}

#[test]
fn what_is_not_a_right_input_is_refused_with_its_places_and_nothing_is_sent() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let result = client.call(CHAT, json!({"model": 7}));
    let refused = &result["structuredContent"];
    assert_eq!((&result["isError"], &refused["state"]), (&json!(true), &json!("refused")));
    assert_eq!((&refused["code"], &refused["room"]), (&json!("invalid-input"), &json!("schema")));
    assert!(refused["details"].as_array().is_some_and(|places| !places.is_empty()), "{refused:#}");
    let result = client.call(LIST, json!({"_portcullis": {"dry": true}}));
    assert_eq!(result["structuredContent"]["code"], "bad-request", "{result:#}");
    let result = client.call(LIST, json!({"_portcullis": {"select": "not a path"}}));
    assert_eq!(result["isError"], true, "{result:#}");
    assert_eq!(mistral.count(), 0);
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let mut input = chat();
    input["_portcullis"] = json!({"dryRun": true});
    let result = client.call(CHAT, input);
    let plan = &result["structuredContent"];
    assert_eq!((&plan["state"], &plan["decision"]), (&json!("dry-run"), &json!("needs-approval")), "{plan:#}");
    let body: Value = serde_json::from_str(plan["request"]["body"]["text"].as_str().unwrap()).unwrap();
    assert!(body.get("_portcullis").is_none(), "the options are not the action's: {body:#}");
    assert_eq!(mistral.count(), 0);
}

#[test]
fn the_same_key_again_gets_the_first_answer_and_sends_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let input = json!({"_portcullis": {"idempotencyKey": "k-1"}});
    let first = client.call(LIST, input.clone());
    let second = client.call(LIST, input);
    assert_eq!(first["structuredContent"]["call"], second["structuredContent"]["call"]);
    assert_eq!(mistral.count(), 1);
}

#[test]
fn an_answer_that_is_an_error_or_a_text_or_neither_is_told_apart() {
    let tap = Tap::answering(|request| {
        let text = String::from_utf8_lossy(request);
        match () {
            () if text.contains("/models/missing") => {
                answer("404 Not Found", "content-type: text/plain\r\n", b"no such model")
            }
            () if text.contains("/models/bytes") => {
                answer("200 OK", "content-type: application/octet-stream\r\n", &[0xff, 0xfe, 0, 1, 0x80])
            }
            () => ok("{}"),
        }
    });
    let home = Home::holding(tap.origin(), "answers-token-0123456789");
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let missing = client.call("mistral__get-model", json!({"model_id": "missing"}));
    assert_eq!((&missing["isError"], &missing["structuredContent"]["status"]), (&json!(true), &json!(404)));
    let text: Value = serde_json::from_str(missing["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, missing["structuredContent"], "a service's words stand only inside the host's");
    assert_eq!(text["result"], "no such model");
    let bytes = client.call("mistral__get-model", json!({"model_id": "bytes"}));
    let result = &bytes["structuredContent"]["result"];
    assert!(result.to_string().contains("application/octet-stream"), "{bytes:#}");
    assert!(!bytes.to_string().contains('\u{fffd}'), "bytes that are no text are never garbled: {bytes:#}");
}

#[test]
fn a_revoked_token_opens_nothing_at_the_next_request() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    assert_eq!(client.call(LIST, json!({}))["isError"], false);
    home.run(["agent", "revoke", "helper"]).exits(0);
    for (method, params) in [
        ("tools/call", json!({"name": LIST, "arguments": {}})),
        ("tools/call", json!({"name": "portcullis__result", "arguments": {"approval": "apr-0000000000000000"}})),
        ("tools/list", json!({})),
        ("logging/setLevel", json!({"level": "debug"})),
    ] {
        let answer = client.ask(method, params);
        assert_eq!(answer["error"]["data"]["code"], "unauthenticated", "{method}: {answer:#}");
    }
    assert_eq!(mistral.count(), 1);
}

#[test]
fn calls_are_finished_after_the_end_of_input() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let read = client.send("tools/call", json!({"name": LIST, "arguments": {}}));
    let held = client.send("tools/call", json!({"name": CHAT, "arguments": chat()}));
    let over = client.end();
    assert_eq!(over.code, Some(0), "{}", over.err);
    let answers: Vec<Value> = over.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let state = |id: u64| {
        let answer = answers.iter().find(|m| m["id"] == id).unwrap_or_else(|| panic!("{id} is not answered"));
        answer["result"]["structuredContent"]["state"].clone()
    };
    assert_eq!((state(read), state(held)), (json!("executed"), json!("pending")));
    let waiting = home.run(["approvals", "list", "--json"]).exits(0).json();
    assert_eq!(waiting.as_array().unwrap().len(), 1, "a person may still decide");
}
