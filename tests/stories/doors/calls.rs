//! Calls, as honest clients make them: executed, held, described; the answer whole, in part or by its type.

use std::thread;

use serde_json::{Value, json};

use super::asked::Reply;
use super::served::{Served, agent, nothing_sent, operator};
use crate::home::{CHAT, Home, until};
use crate::service::Mistral;
use crate::tap::{Tap, answer, ok};

const LIST: &str = "/v1/actions/mistral/list-models/execute";
const GET: &str = "/v1/actions/mistral/get-model/execute";
const ASK: &str = "/v1/actions/mistral/chat-complete/execute";
const TOKEN: &str = "calls-token-0123456789";

/// A call of `chat-complete` with more options.
fn chat(mut options: Value) -> String {
    options["input"] = serde_json::from_str(CHAT).unwrap();
    options.to_string()
}

/// A call of `get-model` with more options.
fn model(id: &str, mut options: Value) -> String {
    options["input"] = json!({"model_id": id});
    options.to_string()
}

/// The one approval that waits, as soon as it does.
fn waiting(home: &Home) -> String {
    until("the call is held", || {
        let list = home.run(["approvals", "list", "--json"]).exits(0).json();
        list[0]["id"].as_str().map(str::to_owned)
    })
}

/// What a call that waits for a person is answered when that happens.
fn meanwhile(served: &Served, token: &str, home: &Home, happens: impl FnOnce(&str)) -> Reply {
    thread::scope(|scope| {
        let call = scope.spawn(|| served.post(ASK, token, &chat(json!({"waitMs": 60_000}))));
        happens(&waiting(home));
        call.join().unwrap()
    })
}

#[test]
fn a_dry_run_describes_sends_nothing_and_holds_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let plan = served.post(ASK, &token, &chat(json!({"dryRun": true, "waitMs": 60_000}))).is(200).json();
    assert_eq!((&plan["state"], &plan["decision"]), (&json!("dry-run"), &json!("needs-approval")), "{plan:#}");
    assert_eq!(plan["request"]["origin"], mistral.origin());
    assert!(!plan.to_string().contains(mistral.token()), "{plan:#}");
    let plan = served.post(LIST, &token, r#"{"dryRun":true}"#).is(200).json();
    assert_eq!((&plan["state"], &plan["decision"]), (&json!("dry-run"), &json!("allowed")), "{plan:#}");
    served.post(ASK, &token, r#"{"dryRun":true,"input":{"model":7}}"#).refused(422, "invalid-input");
    assert!(home.run(["approvals", "list", "--all", "--json"]).exits(0).json().as_array().unwrap().is_empty());
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
    // The twin is held, and shows the very same request.
    let held = served.post(ASK, &token, &chat(json!({}))).is(202);
    let id = held.json()["approval"].as_str().unwrap().to_owned();
    assert_eq!(held.header("location"), Some(format!("/v1/approvals/{id}").as_str()));
    assert_eq!(held.json()["state"], "pending");
    assert_eq!(waiting(&home), id);
    assert_eq!(mistral.count(), 0);
}

#[test]
fn a_call_that_is_approved_while_it_waits_returns_its_answer() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let by_terminal: &dyn Fn(&str) = &|id| drop(home.run(["approvals", "approve", id, "--yes"]).exits(0));
    let by_token: &dyn Fn(&str) =
        &|id| drop(served.post(&format!("/v1/approvals/{id}/approve"), &person, "{}").is(200));
    for (sent, approve) in [(1, by_terminal), (2, by_token)] {
        let mut held = String::new();
        let reply = meanwhile(&served, &token, &home, |id| {
            approve(id);
            id.clone_into(&mut held);
        });
        let done = reply.is(200).json();
        assert_eq!((&done["state"], &done["approval"]), (&json!("executed"), &json!(held)), "{done:#}");
        assert!(done["result"].to_string().contains("You said: hi"), "{done:#}");
        assert_eq!(done.get("replayed"), None, "{done:#}");
        assert_eq!(mistral.count(), sent);
    }
}

#[test]
fn a_no_is_told_with_its_reason() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let no = json!({"reason": "not `today`\u{202e}"}).to_string();
    let reply = meanwhile(&served, &token, &home, |id| {
        drop(served.post(&format!("/v1/approvals/{id}/reject"), &person, &no).is(200));
    });
    let detail = reply.refused(403, "denied")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("today") && !detail.contains('\u{202e}'), "{detail}");
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
}

#[test]
fn who_decides_too_late_decides_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let mut held = String::new();
    let reply = meanwhile(&served, &token, &home, |id| {
        id.clone_into(&mut held);
        let database = rusqlite::Connection::open(home.database()).unwrap();
        database.execute("UPDATE approvals SET expires_ms = created_ms WHERE id = ?1", [id]).unwrap();
    });
    reply.refused(410, "approval-expired");
    let at = format!("/v1/approvals/{held}");
    assert_eq!(served.get(&at, &token).is(200).json()["state"], "expired");
    served.post(&format!("{at}/approve"), &person, "{}").refused(410, "approval-expired");
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
}

#[test]
fn an_answer_is_given_whole_in_short_or_not_at_all() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let full = served.post(LIST, &token, "{}").is(200).json();
    assert_eq!((&full["state"], &full["ok"], &full["status"]), (&json!("executed"), &json!(true), &json!(200)));
    assert!(full["headers"]["content-type"].as_str().unwrap().starts_with("application/json"), "{full:#}");
    assert_eq!(full["result"]["object"], "list");
    let compact = served.post(LIST, &token, r#"{"responseMode":"compact"}"#).is(200).json();
    assert_eq!((compact.get("headers"), &compact["result"]["object"]), (None, &json!("list")), "{compact:#}");
    let short = served.post(LIST, &token, r#"{"responseMode":"ok"}"#).is(200).json();
    assert_eq!((short.get("headers"), short.get("result"), &short["ok"]), (None, None, &json!(true)), "{short:#}");
    let ids = served.post(LIST, &token, r#"{"select":"$.data[*].id"}"#).is(200).json();
    assert_eq!(ids["result"][0], "mistral-small-latest", "{ids:#}");
    assert_eq!(mistral.count(), 4);
    for wrong in ["$.data[", "data", "", &format!("$.{}", "a".repeat(600))] {
        served.post(LIST, &token, &json!({"select": wrong}).to_string()).refused(400, "bad-request");
        served.post(ASK, &token, &chat(json!({"select": wrong}))).refused(400, "bad-request");
    }
    served.post(LIST, &token, r#"{"responseMode":"loud"}"#).is(400);
    served.post(LIST, &token, r#"{"waitMs":60001}"#).refused(400, "bad-request");
    assert_eq!(mistral.count(), 4);
    assert!(home.run(["approvals", "list", "--json"]).exits(0).json().as_array().unwrap().is_empty());
}

#[test]
fn a_part_of_a_held_calls_answer_can_be_asked_for_now_and_later() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let words = "$.choices[0].message.content";
    let call = chat(json!({"select": words, "waitMs": 60_000}));
    let mut held = String::new();
    let done = thread::scope(|scope| {
        let call = scope.spawn(|| served.post(ASK, &token, &call));
        held = waiting(&home);
        home.run(["approvals", "approve", &held, "--yes"]).exits(0);
        call.join().unwrap().is(200).json()
    });
    assert_eq!(done["result"], "You said: hi", "{done:#}");
    let at = |query: &str| served.get(&format!("/v1/approvals/{held}{query}"), &token);
    let outcome = |query: &str| at(query).is(200).json()["outcome"].clone();
    assert_eq!(outcome("?select=%24.choices%5B0%5D.message.content")["result"], "You said: hi");
    assert_eq!(outcome("")["result"]["choices"][0]["message"]["content"], "You said: hi");
    assert_eq!(outcome("?responseMode=ok").get("result"), None);
    at("?select=%24.choices%5B").refused(400, "bad-request");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn what_a_service_says_is_told_by_its_status_and_type() {
    let tap = Tap::answering(|request| {
        let line = String::from_utf8_lossy(request).lines().next().unwrap().to_owned();
        let json = "content-type: application/json\r\n";
        match () {
            () if line.contains("/missing") => answer("404 Not Found", json, br#"{"detail":"no such model"}"#),
            () if line.contains("/busy") => answer("429 Too Many Requests", json, b"{}"),
            () if line.contains("/broken") => {
                answer("500 Internal Server Error", "content-type: text/html\r\n", b"<h1>")
            }
            () if line.contains("/text") => answer("200 OK", "content-type: text/plain\r\n", "hé\u{202e}".as_bytes()),
            () if line.contains("/bytes") => {
                answer("200 OK", "content-type: application/octet-stream\r\n", &[0xff, 0xfe, 0, 1, 0x80])
            }
            () if line.contains("/nothing") => b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_vec(),
            () => ok("[]"),
        }
    });
    let home = Home::holding(tap.origin(), TOKEN);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let call = |id: &str| served.post(GET, &token, &model(id, json!({}))).is(200).json();
    for (id, ok, status, result) in [
        ("missing", false, 404, json!({"detail": "no such model"})),
        ("broken", false, 500, json!("<h1>")),
        ("busy", false, 429, json!({})),
        ("text", true, 200, json!("hé\u{202e}")),
        ("bytes", true, 200, json!({"binary": {"content_type": "application/octet-stream", "bytes": 5}})),
        ("nothing", true, 204, Value::Null),
        ("well", true, 200, json!([])),
    ] {
        let said = call(id);
        assert_eq!((&said["ok"], &said["status"], &said["result"]), (&json!(ok), &json!(status), &result), "{said:#}");
        assert_eq!(said["state"], "executed");
    }
    let whole = served.post(GET, &token, &model("text", json!({"select": "$.a"}))).is(200).json();
    assert_eq!((&whole["result"], &whole["leftOut"][0]["of"]), (&json!("hé\u{202e}"), &json!("selection-of-no-json")));
}

#[test]
fn a_credential_that_a_service_sends_back_is_in_no_answer() {
    let echo = |request: &[u8]| {
        let text = String::from_utf8_lossy(request);
        let line = text.lines().find(|line| line.starts_with("authorization: ")).unwrap();
        let token = line.rsplit(' ').next().unwrap();
        let headers = format!("content-type: application/json\r\nx-request-id: {token}\r\n");
        answer("200 OK", &headers, json!({"you": line, "nested": [token, {token: 1}]}).to_string().as_bytes())
    };
    let tap = Tap::answering(echo);
    let home = Home::holding(tap.origin(), TOKEN);
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let clean = |reply: Reply| {
        let text = format!("{reply:?}");
        assert!(!text.contains(TOKEN), "{text}");
        reply
    };
    for options in [json!({}), json!({"responseMode": "compact"}), json!({"select": "$.nested[0]"})] {
        let said = clean(served.post(GET, &token, &model("echo", options))).is(200).json();
        assert!(said["scrubbed"].as_u64().unwrap() >= 3, "{said:#}");
    }
    let keyed = model("echo", json!({"idempotencyKey": "one"}));
    for _ in 0..2 {
        clean(served.post(GET, &token, &keyed)).is(200);
    }
    let held = clean(served.post(ASK, &token, &chat(json!({})))).is(202).json();
    let at = format!("/v1/approvals/{}", held["approval"].as_str().unwrap());
    clean(served.post(&format!("{at}/approve"), &person, "{}")).is(200);
    let read = clean(served.get(&at, &token)).is(200).json();
    assert!(read["outcome"]["scrubbed"].as_u64().unwrap() >= 3, "{read:#}");
    clean(served.get("/v1/audit?limit=1000", &person)).is(200);
    // It did go out, and it did come back.
    assert_eq!(tap.count(TOKEN), 5);
}

#[test]
fn revoking_a_token_ends_its_questions_and_whoever_waits_for_them() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, person, other) = (agent(&home, "helper"), operator(&home, "person"), agent(&home, "other"));
    let served = Served::start(&home);
    let others = served.post(ASK, &other, &chat(json!({}))).is(202).json()["approval"].as_str().unwrap().to_owned();
    let held = served.post(ASK, &token, &chat(json!({}))).is(202).json()["approval"].as_str().unwrap().to_owned();
    let at = format!("/v1/approvals/{held}");
    thread::scope(|scope| {
        let asks = scope.spawn(|| served.post(ASK, &token, &chat(json!({"waitMs": 60_000}))));
        let looks = scope.spawn(|| served.get(&format!("{at}?waitMs=60000"), &token));
        until("both of its calls are held", || {
            let list = home.run(["approvals", "list", "--json"]).exits(0).json();
            (list.as_array().unwrap().len() == 3).then_some(())
        });
        home.run(["agent", "revoke", "helper"]).exits(0);
        // Either was let in before the token ended, or was not.
        let asked = asks.join().unwrap();
        assert!(matches!((asked.status, asked.json()["code"].as_str()), (403, Some("denied"))), "{asked:#?}");
        let looked = looks.join().unwrap();
        assert!(looked.status == 401 || looked.json()["state"] == "rejected", "{looked:#?}");
    });
    served.get(&at, &token).refused(401, "unauthenticated");
    served.post(ASK, &token, &chat(json!({}))).refused(401, "unauthenticated");
    served.post(&format!("{at}/approve"), &person, "{}").refused(409, "approval-used");
    assert_eq!(home.approval(&held)["state"], "rejected");
    assert_eq!(mistral.count(), 0);
    // The twin: another agent's question still waits, and goes.
    served.post(&format!("/v1/approvals/{others}/approve"), &person, "{}").is(200);
    assert_eq!(mistral.count(), 1);
}
