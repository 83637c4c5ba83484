//! Tokens that are none, or not good for that.

use serde_json::json;

use super::asked::ask;
use super::served::{Served, agent, nothing_sent, operator, token};
use crate::home::{CHAT, Home, until};
use crate::service::Mistral;

const CALL: &str = "/v1/actions/mistral/list-models/execute";

#[test]
fn without_a_live_token_nothing_is_there() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let good = agent(&home, "helper");
    let revoked = agent(&home, "revoked");
    let expired = token(&home, ["agent", "create", "expired", "--actions", "mistral/*", "--ttl", "1s", "--json"]);
    home.run(["agent", "revoke", "revoked"]).exits(0);
    let served = Served::start(&home);
    until("the token expires", || (served.get("/v1/ports", &expired).status == 401).then_some(()));

    let head = format!("POST {CALL} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", served.address());
    let body = "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    let mut other_kind = good.clone();
    other_kind.replace_range(..4, "pco_");
    for line in [
        String::new(),
        "authorization: Bearer\r\n".to_owned(),
        "authorization: Bearer pca_\r\n".to_owned(),
        format!("authorization: Basic {good}\r\n"),
        format!("authorization: {good}\r\n"),
        format!("authorization: Bearer {good}\r\nauthorization: Bearer {good}\r\n"),
        format!("authorization: Bearer {good}x\r\n"),
        format!("authorization: Bearer {}\r\n", &good[..good.len() - 1]),
        format!("authorization: Bearer {other_kind}\r\n"),
        format!("authorization: Bearer {revoked}\r\n"),
        format!("authorization: Bearer {expired}\r\n"),
        format!("cookie: token={good}\r\n"),
    ] {
        let reply = ask(served.address(), format!("{head}{line}{body}"));
        assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"portcullis\""), "{line}: {reply:#?}");
        let problem = reply.refused(401, "unauthenticated");
        assert!(!problem.to_string().contains(good.as_str()), "{problem:#}");
    }
    let in_query =
        format!("POST {CALL}?access_token={good} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", served.address());
    ask(served.address(), format!("{in_query}{body}")).refused(401, "unauthenticated");
    for path in ["/v1/status", "/v1/ports", "/v1/approvals", "/v1/audit", "/v1/approvals/apr-0000000000000000"] {
        served.get(path, &revoked).refused(401, "unauthenticated");
    }
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);

    served.post(CALL, &good, "{}").is(200);
    assert_eq!(mistral.count(), 1);
    // Revoking ends a token while the door is open.
    home.run(["agent", "revoke", "helper"]).exits(0);
    served.post(CALL, &good, "{}").refused(401, "unauthenticated");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn no_token_both_calls_and_approves() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (agents, operators) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let held =
        served.post("/v1/actions/mistral/chat-complete/execute", &agents, &format!("{{\"input\":{CHAT}}}")).is(202);
    let id = held.json()["approval"].as_str().unwrap().to_owned();
    let at = format!("/v1/approvals/{id}");
    assert_eq!(held.header("location"), Some(at.as_str()));

    served.post(CALL, &operators, "{}").refused(403, "forbidden");
    for (path, body) in [(format!("{at}/approve"), "{}"), (format!("{at}/reject"), r#"{"reason":"no"}"#)] {
        served.post(&path, &agents, body).refused(403, "forbidden");
    }
    for path in ["/v1/approvals", "/v1/audit"] {
        served.get(path, &agents).refused(403, "forbidden");
    }
    assert_eq!((mistral.count(), home.approval(&id)["state"].clone()), (0, json!("pending")));

    assert_eq!(served.get("/v1/approvals?state=pending", &operators).is(200).json()[0]["id"], id.as_str());
    served.post(&format!("{at}/approve"), &operators, "{}").is(200);
    assert_eq!(mistral.count(), 1);
    let seen = served.get(&at, &operators).is(200).json();
    assert!(seen["outcome"]["result"].is_null(), "the operator reads the answer: {seen:#}");
    let read = served.get(&format!("{at}?responseMode=full"), &agents).is(200).json();
    assert_eq!((&read["state"], &read["outcome"]["status"]), (&json!("executed"), &json!(200)));
    assert!(read["outcome"]["result"].to_string().contains("You said: hi"), "{read:#}");
    served.post(&format!("{at}/approve"), &operators, "{}").refused(409, "approval-used");
    served.post(&format!("{at}/reject"), &operators, r#"{"reason":"late"}"#).refused(409, "approval-used");
    assert_eq!(mistral.count(), 1);
    let rows = served.get("/v1/audit?kind=outcome&limit=5", &operators).is(200).json();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows:#}");
}

#[test]
fn another_agents_approval_is_one_that_does_not_exist() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (one, other) = (agent(&home, "one"), agent(&home, "other"));
    let served = Served::start(&home);
    let call = format!("{{\"input\":{CHAT}}}");
    let held = served.post("/v1/actions/mistral/chat-complete/execute", &one, &call).is(202).json();
    let id = held["approval"].as_str().unwrap();
    let none = "apr-0000000000000000";
    let look = |id: &str, query: &str| {
        let reply = served.get(&format!("/v1/approvals/{id}{query}"), &other);
        reply.clone().refused(404, "approval-unknown");
        let headers: Vec<_> = reply.headers.into_iter().filter(|(name, _)| name != "date").collect();
        (reply.status, headers, reply.body.replace(id, none))
    };
    for query in ["", "?waitMs=10", "?responseMode=ok"] {
        assert_eq!(look(id, query), look(none, query));
    }
    assert_eq!(served.get(&format!("/v1/approvals/{id}"), &one).is(200).json()["state"], "pending");
    // What an agent was not granted is not there either, in the same words.
    let little = token(&home, ["agent", "create", "little", "--actions", "mistral/list-models", "--json"]);
    let not_granted = served.post("/v1/actions/mistral/get-model/execute", &little, "{}");
    let not_there = served.post("/v1/actions/mistral/got-model/execute", &little, "{}");
    not_granted.clone().refused(404, "unknown-action");
    assert_eq!(not_granted.body, not_there.body.replace("got-model", "get-model"));
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
}
