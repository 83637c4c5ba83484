//! The operator at the HTTP door: sees what waits, decides once, and is named in the log.

use std::thread;

use serde_json::{Value, json};

use super::served::{Served, agent, operator};
use crate::home::{CHAT, Home};
use crate::service::Mistral;
use crate::tap::Tap;

const ASK: &str = "/v1/actions/mistral/chat-complete/execute";

fn ask(served: &Served, token: &str) -> String {
    let held = served.post(ASK, token, &format!("{{\"input\":{CHAT}}}")).is(202).json();
    held["approval"].as_str().unwrap().to_owned()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap()).collect()
}

#[test]
fn an_operator_sees_what_waits_decides_it_once_and_is_named_in_the_log() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, anna, bert) = (agent(&home, "helper"), operator(&home, "anna"), operator(&home, "bert"));
    let served = Served::start(&home);
    let (yes, no) = (ask(&served, &token), ask(&served, &token));
    let list = |query: &str| served.get(&format!("/v1/approvals{query}"), &anna).is(200).json();
    let waiting = list("?state=pending");
    assert_eq!(ids(&waiting).len(), 2);
    assert!(ids(&waiting).contains(&yes.as_str()) && ids(&waiting).contains(&no.as_str()), "{waiting:#}");
    assert_eq!((&waiting[0]["agent"], &waiting[0]["action"]), (&json!("helper"), &json!("mistral/chat-complete")));
    assert_eq!(ids(&list("?limit=1")).len(), 1);

    let (yes_at, no_at) = (format!("/v1/approvals/{yes}"), format!("/v1/approvals/{no}"));
    let shown = served.get(&yes_at, &anna).is(200).json();
    assert_eq!(shown["request"]["url"], format!("{}/v1/chat/completions", mistral.origin()), "{shown:#}");
    assert!(shown["request"]["body"]["text"].as_str().unwrap().contains("\"hi\""), "{shown:#}");

    let approved = served.post(&format!("{yes_at}/approve"), &anna, "{}").is(200).json();
    assert_eq!((&approved["state"], &approved["outcome"]["status"]), (&json!("executed"), &json!(200)));
    let rejected = served.post(&format!("{no_at}/reject"), &bert, r#"{"reason":"not today"}"#).is(200).json();
    assert_eq!((&rejected["state"], &rejected["reason"]), (&json!("rejected"), &json!("not today")));
    // The answer is the agent's: an operator reads none of it, however they ask.
    for query in ["", "?responseMode=full", "?select=%24.choices", "?waitMs=10"] {
        let seen = served.get(&format!("{yes_at}{query}"), &anna).is(200);
        assert!(!seen.body.contains("You said"), "{seen:#?}");
        assert_eq!(seen.json()["outcome"]["ok"], true);
    }
    assert!(!approved.to_string().contains("You said"), "{approved:#}");
    assert!(served.get(&yes_at, &token).is(200).body.contains("You said: hi"));

    for at in [&yes_at, &no_at] {
        served.post(&format!("{at}/approve"), &bert, "{}").refused(409, "approval-used");
        served.post(&format!("{at}/reject"), &bert, r#"{"reason":"late"}"#).refused(409, "approval-used");
    }
    assert_eq!(home.approval(&no)["reason"], "not today");
    for what in ["approve", "reject"] {
        let body = if what == "approve" { "{}" } else { r#"{"reason":"no"}"# };
        served
            .post(&format!("/v1/approvals/apr-0000000000000000/{what}"), &anna, body)
            .refused(404, "approval-unknown");
    }
    assert_eq!((mistral.count(), list("?state=pending")), (1, json!([])));
    assert_eq!(ids(&list("?state=executed")), [yes.as_str()]);

    let rows = served.get("/v1/audit?limit=1000", &anna).is(200).json();
    let by = |id: &str, kind: &str| {
        let rows = rows.as_array().unwrap().iter();
        let of: Vec<&Value> = rows.filter(|r| r["kind"] == kind && r["body"]["approval"] == id).collect();
        assert_eq!(of.len(), 1, "{kind} of {id}: {rows:#?}", rows = of);
        of[0]["body"]["by"].clone()
    };
    assert_eq!(by(&yes, "approval-approved"), "operator-token:anna", "{rows:#}");
    assert_eq!(by(&no, "approval-rejected"), "operator-token:bert", "{rows:#}");
    assert!(!rows.to_string().contains("You said"), "{rows:#}");
    let sent = served.get("/v1/audit?kind=outcome", &anna).is(200).json();
    assert_eq!(sent.as_array().unwrap().len(), 1);
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
}

#[test]
fn two_who_say_yes_at_once_send_once() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, anna, bert) = (agent(&home, "helper"), operator(&home, "anna"), operator(&home, "bert"));
    let served = Served::start(&home);
    for round in 1..=5 {
        let at = format!("/v1/approvals/{}/approve", ask(&served, &token));
        let replies = thread::scope(|scope| {
            let both = [&anna, &bert, &anna, &bert].map(|who| scope.spawn(|| served.post(&at, who, "{}")));
            both.map(|one| one.join().unwrap())
        });
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "{replies:#?}");
        for reply in replies.into_iter().filter(|reply| reply.status != 200) {
            reply.refused(409, "approval-used");
        }
        assert_eq!(mistral.count(), round);
    }
}

#[test]
fn an_approved_call_that_fails_is_told_to_both() {
    let tap = Tap::answering(|_| b"this is not HTTP\r\n\r\n".to_vec());
    let home = Home::holding(tap.origin(), "approvals-token-0123456789");
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let id = ask(&served, &token);
    let at = format!("/v1/approvals/{id}");
    served.post(&format!("{at}/approve"), &person, "{}").refused(502, "upstream-broken");
    let sent = tap.heard().len();
    let seen = served.get(&at, &token).is(200).json();
    assert_eq!((&seen["state"], &seen["reason"]), (&json!("failed"), &json!("upstream-broken")), "{seen:#}");
    served.post(&format!("{at}/approve"), &person, "{}").refused(409, "approval-used");
    assert_eq!(tap.heard().len(), sent);
}

#[test]
fn an_operators_token_calls_nothing_and_an_agents_decides_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let id = ask(&served, &token);
    let at = format!("/v1/approvals/{id}");
    for path in ["/v1/approvals", "/v1/approvals?state=pending", "/v1/audit", "/v1/audit?kind=intent"] {
        served.get(path, &token).refused(403, "forbidden");
        served.get(path, &person).is(200);
    }
    served.post(&format!("{at}/approve"), &token, "{}").refused(403, "forbidden");
    served.post(&format!("{at}/reject"), &token, r#"{"reason":"no"}"#).refused(403, "forbidden");
    assert_eq!(home.approval(&id)["state"], "pending");
    for body in ["{}", r#"{"dryRun":true}"#, r#"{"idempotencyKey":"one"}"#] {
        served.post("/v1/actions/mistral/list-models/execute", &person, body).refused(403, "forbidden");
    }
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mistral__list-models"}}"#;
    drop(served.post("/mcp", &person, call).is(403));
    // A revoked operator decides nothing either.
    home.run(["operator", "revoke", "person"]).exits(0);
    served.post(&format!("{at}/approve"), &person, "{}").refused(401, "unauthenticated");
    assert_eq!((mistral.count(), &home.approval(&id)["state"]), (0, &json!("pending")));
}
