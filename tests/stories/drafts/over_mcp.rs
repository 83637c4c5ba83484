//! A draft from its agent to the operator, over MCP.

use serde_json::{Value, json};

use super::{PEEK, proposer};
use crate::home::Home;
use crate::mcp::client::{ALL, Client, agent};
use crate::service::Mistral;

const TOOLS: [&str; 8] = [
    "portcullis__draft_create",
    "portcullis__draft_change",
    "portcullis__draft_validate",
    "portcullis__draft_test",
    "portcullis__draft_request",
    "portcullis__draft_list",
    "portcullis__draft_show",
    "portcullis__draft_withdraw",
];

fn template() -> Value {
    serde_json::from_str(PEEK).unwrap()
}

#[track_caller]
fn data(result: &Value) -> &Value {
    assert_eq!(result["isError"], false, "{result:#}");
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, result["structuredContent"]);
    &result["structuredContent"]
}

#[track_caller]
fn refused(result: &Value, code: &str) {
    assert_eq!((&result["isError"], &result["structuredContent"]["code"]), (&json!(true), &json!(code)), "{result:#}");
}

#[test]
fn who_may_not_propose_has_no_such_tools_and_nobody_has_one_that_publishes() {
    let home = Home::at("http://127.0.0.1:9");
    let (plain, builder) = (agent(&home, "plain", ALL), proposer(&home, "builder"));
    let mut client = Client::open(&home, &plain, "2025-11-25");
    assert!(client.tools().iter().all(|tool| !tool.contains("draft")));
    let told =
        |client: &mut Client, tool: &str| client.no_such(tool)["message"].as_str().unwrap().replace(tool, "TOOL");
    let unknown = told(&mut client, "mistral__no-such-action");
    for tool in TOOLS {
        assert_eq!(told(&mut client, tool), unknown);
    }
    let mut client = Client::open(&home, &builder, "2025-11-25");
    let tools = client.tools();
    for tool in TOOLS {
        assert!(tools.iter().any(|name| name == tool), "{tool}: {tools:?}");
    }
    for tool in ["portcullis__draft_publish", "portcullis__draft_reject", "portcullis__draft_diff", "portcullis__draft"]
    {
        assert_eq!(told(&mut client, tool), unknown);
    }
}

#[test]
fn an_agent_goes_through_propose_validate_test_and_request() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let builder = proposer(&home, "builder");
    let mut client = Client::open(&home, &builder, "2025-11-25");
    let mut broken = template();
    broken["method"] = json!("POST");
    let made = client.call(TOOLS[0], json!({"port": "mistral", "template": broken}));
    let made = data(&made).clone();
    assert_eq!(made["problems"][0]["at"], "/approvalMode", "{made:#}");
    let draft = made["id"].clone();
    refused(&client.call(TOOLS[4], json!({"draft": draft})), "bad-document");
    let mended = client.call(TOOLS[1], json!({"draft": draft, "template": template()}));
    assert_eq!(data(&mended)["problems"], json!([]));
    assert_eq!(data(&client.call(TOOLS[2], json!({"draft": draft})))["problems"], json!([]));

    let input = json!({"path": {"id": "mistral-small-latest"}});
    let tried = client.call(TOOLS[3], json!({"draft": draft, "input": input}));
    assert_eq!(data(&tried)["state"], "dry-run");
    assert_eq!(data(&tried)["request"]["url"], format!("{}/v1/models/mistral-small-latest", mistral.origin()));
    refused(&client.call(TOOLS[3], json!({"draft": draft})), "invalid-input");
    assert_eq!(mistral.count(), 0);

    let held = client.call(TOOLS[3], json!({"draft": draft, "input": input, "live": true}));
    let held = data(&held).clone();
    assert_eq!((&held["state"], mistral.count()), (&json!("pending"), 0), "{held:#}");
    let approval = held["approval"].as_str().unwrap();
    assert!(held["next"].as_str().unwrap().contains("portcullis__result"), "{held:#}");
    home.run(["approvals", "approve", approval, "--yes"]).exits(0);
    let result = client.call("portcullis__result", json!({"approval": approval}));
    assert_eq!(data(&result)["result"]["id"], "mistral-small-latest");
    assert_eq!(mistral.count(), 1);

    assert_eq!(data(&client.call(TOOLS[4], json!({"draft": draft})))["state"], "requested");
    let listed = client.call(TOOLS[5], json!({"state": "requested"}));
    assert_eq!(data(&listed)["drafts"][0]["id"], draft);
    assert_eq!(data(&client.call(TOOLS[6], json!({"draft": draft})))["template"]["path"], "/v1/models/{id}");
    client.no_such("mistral__peek-model");
    let home = home.env("PORTCULLIS_TOKEN", &builder);
    for verb in ["publish", "reject", "diff", "show"] {
        home.run(["draft", verb, draft.as_str().unwrap(), "--json"]).refused("forbidden");
    }
}

#[test]
fn arguments_that_are_not_right_change_nothing() {
    let home = Home::at("http://127.0.0.1:9");
    let builder = proposer(&home, "builder");
    let mut client = Client::open(&home, &builder, "2025-11-25");
    for (tool, arguments) in [
        (TOOLS[0], json!({})),
        (TOOLS[0], json!({"port": "mistral"})),
        (TOOLS[0], json!({"port": "mistral", "template": template(), "origin": "https://evil.example"})),
        (TOOLS[0], json!({"port": "../mistral", "template": template()})),
        (TOOLS[2], json!({"draft": "drf-1"})),
        (TOOLS[3], json!({"draft": "drf-0000000000000000", "live": "yes"})),
        (TOOLS[5], json!({"state": "unheard-of"})),
        (TOOLS[5], json!({"agent": "other"})),
    ] {
        refused(&client.call(tool, arguments), "bad-request");
    }
    for tool in [TOOLS[2], TOOLS[4], TOOLS[6], TOOLS[7]] {
        refused(&client.call(tool, json!({"draft": "drf-0000000000000000"})), "draft-unknown");
    }
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!({"not": deep});
    }
    let mut nested = template();
    nested["example"] = deep;
    for template in [nested, json!("a text"), json!([]), json!({})] {
        refused(&client.call(TOOLS[0], json!({"port": "mistral", "template": template})), "bad-document");
    }
    assert_eq!(data(&client.call(TOOLS[5], json!({})))["drafts"], json!([]));
}
