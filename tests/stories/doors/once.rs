//! Idempotency keys: the first outcome again, and never a second request.

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::thread;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::asked::{Reply, connect};
use super::gate::gate;
use super::served::{Served, agent, nothing_sent};
use crate::home::{CHAT, Home, until};
use crate::service::Mistral;
use crate::tap::Tap;

const LIST: &str = "/v1/actions/mistral/list-models/execute";
const GET: &str = "/v1/actions/mistral/get-model/execute";
const ASK: &str = "/v1/actions/mistral/chat-complete/execute";
const TOKEN: &str = "once-token-0123456789";

/// A call of `list-models` under a key.
fn keyed(key: &str) -> String {
    json!({"idempotencyKey": key}).to_string()
}

/// A call of `get-model` under a key.
fn model(key: &str, id: &str) -> String {
    json!({"idempotencyKey": key, "input": {"model_id": id}}).to_string()
}

/// A call that a person must approve, under a key.
fn chat(key: &str) -> String {
    let input: Value = serde_json::from_str(CHAT).unwrap();
    json!({"idempotencyKey": key, "input": input}).to_string()
}

/// How an answered call was answered, but not when and by which request.
fn answer(reply: &Reply) -> Value {
    let mut answer = reply.clone().is(200).json();
    for of_this_request in ["audit", "replayed"] {
        answer.as_object_mut().unwrap().remove(of_this_request);
    }
    answer
}

#[test]
fn the_same_key_again_gets_the_first_answer_and_sends_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let first = served.post(LIST, &token, &keyed("one")).is(200);
    assert_eq!(first.json().get("replayed"), None, "{first:#?}");
    assert!(first.json()["audit"].is_u64(), "{first:#?}");
    for _ in 0..3 {
        let again = served.post(LIST, &token, &keyed("one"));
        assert_eq!(again.json()["replayed"], true, "{again:#?}");
        assert_eq!(answer(&again), answer(&first));
    }
    assert_eq!(mistral.count(), 1);
    // How the answer is wanted is no part of what is asked for.
    let less = json!({"idempotencyKey": "one", "responseMode": "ok"}).to_string();
    let less = served.post(LIST, &token, &less).is(200).json();
    assert_eq!((&less["replayed"], &less["call"], less.get("result")), (&json!(true), &first.json()["call"], None));
    // So is an answer that is an error: the service was asked.
    let missing = served.post(GET, &token, &model("two", "nobody")).is(200);
    assert_eq!((&missing.json()["ok"], &missing.json()["status"]), (&json!(false), &json!(404)));
    assert_eq!(answer(&served.post(GET, &token, &model("two", "nobody"))), answer(&missing));
    assert_eq!(mistral.count(), 2);
    // The twins: another key, and none.
    for other in [keyed("three"), "{}".to_owned(), "{}".to_owned()] {
        assert_eq!(served.post(LIST, &token, &other).is(200).json().get("replayed"), None);
    }
    assert_eq!(mistral.count(), 5);
}

#[test]
fn while_the_call_of_a_key_runs_the_key_is_busy() {
    let (tap, open) = gate();
    let home = Home::holding(tap.origin(), TOKEN);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    thread::scope(|scope| {
        let first = scope.spawn(|| served.post(LIST, &token, &keyed("one")));
        until("the call is sent", || (tap.heard().len() == 1).then_some(()));
        let busy = served.post(LIST, &token, &keyed("one"));
        assert_eq!(busy.header("retry-after"), Some("1"), "{busy:#?}");
        busy.refused(409, "key-busy");
        open.store(true, Ordering::Relaxed);
        let first = first.join().unwrap();
        assert_eq!(answer(&served.post(LIST, &token, &keyed("one"))), answer(&first));
    });
    assert_eq!(tap.heard().len(), 1);
}

#[test]
fn of_many_requests_with_one_key_one_is_sent() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    for round in 1..=5 {
        let body = keyed(&format!("round-{round}"));
        let replies: Vec<Reply> = thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| served.post(LIST, &token, &body))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let made = replies.iter().filter(|reply| reply.status == 200 && reply.json().get("replayed").is_none());
        assert_eq!(made.count(), 1, "{replies:#?}");
        for reply in replies.into_iter().filter(|reply| reply.status != 200) {
            reply.refused(409, "key-busy");
        }
        assert_eq!(mistral.count(), round);
    }
}

#[test]
fn a_key_is_for_one_request() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    served.post(GET, &token, &model("one", "mistral-embed")).is(200);
    served.post(GET, &token, &model("one", "codestral-latest")).refused(422, "key-reused");
    served.post(LIST, &token, &keyed("one")).refused(422, "key-reused");
    served.post(ASK, &token, &chat("one")).refused(422, "key-reused");
    assert_eq!(served.post(GET, &token, &model("one", "mistral-embed")).is(200).json()["replayed"], true);
    assert_eq!(mistral.count(), 1);
    assert!(home.run(["approvals", "list", "--json"]).exits(0).json().as_array().unwrap().is_empty());
    assert!(home.rows().iter().any(|row| row["kind"] == "refused" && row["body"]["code"] == "key-reused"));
}

#[test]
fn a_call_that_was_not_sent_frees_its_key() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    served.post(GET, &token, r#"{"idempotencyKey":"one","input":{"model":7}}"#).refused(422, "invalid-input");
    served.post("/v1/actions/mistral/nothing/execute", &token, &keyed("one")).refused(404, "unknown-action");
    let described = json!({"idempotencyKey": "one", "dryRun": true}).to_string();
    assert_eq!(served.post(LIST, &token, &described).is(200).json()["state"], "dry-run");
    nothing_sent(&home);
    let mended = served.post(GET, &token, &model("one", "mistral-embed")).is(200).json();
    assert_eq!((mended.get("replayed"), &mended["status"]), (None, &json!(200)));
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_call_whose_credential_was_not_there_frees_its_key() {
    let mistral = Mistral::start();
    let home = Home::at(&mistral.origin());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    served.post(LIST, &token, &keyed("one")).refused(409, "credential-missing");
    assert_eq!(mistral.count(), 0);
    drop(served);
    let home = home.env("PORTCULLIS_SECRET_MISTRAL", mistral.token());
    let served = Served::start(&home);
    let made = served.post(LIST, &token, &keyed("one")).is(200).json();
    assert_eq!((made.get("replayed"), mistral.count()), (None, 1));
}

#[test]
fn a_call_that_was_sent_and_failed_keeps_its_key() {
    let tap = Tap::answering(|_| b"this is not HTTP\r\n\r\n".to_vec());
    let home = Home::holding(tap.origin(), TOKEN);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let first = served.post(LIST, &token, &keyed("one")).refused(502, "upstream-broken");
    let sent = tap.heard().len();
    assert!(sent > 0, "{first:#}");
    let again = served.post(LIST, &token, &keyed("one")).refused(502, "upstream-broken");
    assert_eq!(again["detail"], first["detail"]);
    assert!(again["fix"].as_str().unwrap().contains("new key"), "{again:#}");
    assert_eq!(tap.heard().len(), sent);
    // The twin: a new key asks again.
    served.post(LIST, &token, &keyed("two")).refused(502, "upstream-broken");
    assert!(tap.heard().len() > sent);
}

#[test]
fn a_held_call_is_asked_once_and_answered_to_the_same_key() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let id = served.post(ASK, &token, &chat("yes")).is(202).json()["approval"].as_str().unwrap().to_owned();
    let again = served.post(ASK, &token, &chat("yes")).is(202);
    assert_eq!(again.json()["approval"], id.as_str());
    assert_eq!(again.header("location"), Some(format!("/v1/approvals/{id}").as_str()));
    assert_eq!(home.run(["approvals", "list", "--json"]).exits(0).json().as_array().unwrap().len(), 1);
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    for _ in 0..2 {
        let done = served.post(ASK, &token, &chat("yes")).is(200).json();
        assert_eq!((&done["state"], &done["approval"]), (&json!("executed"), &json!(id)), "{done:#}");
        assert_eq!(done["replayed"], true, "{done:#}");
        assert!(done["result"].to_string().contains("You said: hi"), "{done:#}");
    }
    assert_eq!(mistral.count(), 1);

    let other = served.post(ASK, &token, &chat("no")).is(202).json()["approval"].as_str().unwrap().to_owned();
    assert_ne!(other, id);
    home.run(["approvals", "reject", &other, "--reason", "not today"]).exits(0);
    let refused = served.post(ASK, &token, &chat("no")).refused(403, "denied");
    assert!(refused["detail"].as_str().unwrap().contains("not today"), "{refused:#}");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_key_is_an_agents_own() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (one, other) = (agent(&home, "one"), agent(&home, "other"));
    let served = Served::start(&home);
    let first = served.post(GET, &one, &model("key", "mistral-embed")).is(200).json();
    let second = served.post(GET, &other, &model("key", "codestral-latest")).is(200).json();
    assert_eq!((second.get("replayed"), mistral.count()), (None, 2));
    assert_ne!(first["call"], second["call"]);
    let again = served.post(GET, &one, &model("key", "mistral-embed")).is(200).json();
    assert_eq!((&again["replayed"], &again["call"], mistral.count()), (&json!(true), &first["call"], 2));
}

#[test]
fn a_key_whose_call_was_cut_off_by_a_kill_is_never_sent_again() {
    let (tap, open) = gate();
    let home = Home::holding(tap.origin(), TOKEN);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let mut client = connect(served.address());
    client.write_all(served.request("POST", LIST, &token, Some(&keyed("one"))).as_bytes()).unwrap();
    until("the call is sent", || (tap.heard().len() == 1).then_some(()));
    served.signal(Signal::KILL);
    served.ended();
    open.store(true, Ordering::Relaxed);
    let served = Served::start(&home);
    for _ in 0..2 {
        let unknown = served.post(LIST, &token, &keyed("one")).refused(502, "outcome-unknown");
        assert!(unknown["fix"].as_str().unwrap().contains("new key"), "{unknown:#}");
    }
    assert_eq!(tap.heard().len(), 1);
    assert_eq!(home.rows().iter().filter(|row| row["kind"] == "unknown").count(), 1);
    // The twin: a new key is a new call.
    served.post(LIST, &token, &keyed("two")).is(200);
    assert_eq!(tap.heard().len(), 2);
}

#[test]
fn the_answer_to_a_client_that_went_away_is_kept_under_its_key() {
    let (tap, open) = gate();
    let home = Home::holding(tap.origin(), TOKEN);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let mut client = connect(served.address());
    client.write_all(served.request("POST", LIST, &token, Some(&keyed("one"))).as_bytes()).unwrap();
    until("the call is sent", || (tap.heard().len() == 1).then_some(()));
    drop(client);
    served.post(LIST, &token, &keyed("one")).refused(409, "key-busy");
    open.store(true, Ordering::Relaxed);
    let answer = until("the call ends", || {
        let reply = served.post(LIST, &token, &keyed("one"));
        (reply.status == 200).then_some(reply)
    });
    assert_eq!((&answer.json()["replayed"], &answer.json()["result"]["object"]), (&json!(true), &json!("list")));
    assert_eq!(tap.heard().len(), 1);
    let rows = home.rows();
    let outcome: Vec<_> = rows.iter().filter(|row| row["kind"] == "outcome").collect();
    assert_eq!((outcome.len(), &outcome[0]["call"]), (1, &answer.json()["call"]));
}

#[test]
fn what_is_no_key_is_refused_before_anything_is_sent() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    for key in ["", "a b", "é", "a\n", &"k".repeat(129)] {
        served.post(LIST, &token, &keyed(key)).refused(400, "bad-request");
    }
    served.post(LIST, &token, r#"{"idempotencyKey":7}"#).is(400);
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
    served.post(LIST, &token, &keyed(&"k".repeat(128))).is(200);
}
