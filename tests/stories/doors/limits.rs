//! How much of the host one agent may take: a bound on its haste, its calls at a time and its unanswered questions.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use serde_json::Value;

use super::asked::Reply;
use super::gate::gate;
use super::served::{Served, agent};
use crate::home::{CHAT, Home, until};
use crate::service::Mistral;

const LIST: &str = "/v1/actions/mistral/list-models/execute";
const AGENTS: &str = "/v1/actions/mistral/list-agents/execute";
const ASK: &str = "/v1/actions/mistral/chat-complete/execute";
const TOKEN: &str = "limits-token-0123456789";

/// A home with this under `[doors.limits]`.
fn home(origin: &str, token: &str, limits: &str) -> Home {
    Home::with(origin, &format!("[doors.limits]\n{limits}\n")).env("PORTCULLIS_SECRET_MISTRAL", token)
}

/// That it is a refusal that says when to come again.
#[track_caller]
fn come_again(reply: Reply, code: &str) {
    let seconds: u64 = reply.header("retry-after").expect("it says when").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{reply:#?}");
    let problem = reply.refused(429, code);
    assert_eq!(problem["room"], "door", "{problem:#}");
}

/// Rows about calls that came too often, and how many more such calls they count.
fn noted(home: &Home) -> (u64, u64) {
    let rows: Vec<Value> = home.rows().into_iter().filter(|row| row["body"]["code"] == "rate-limited").collect();
    assert!(rows.iter().all(|row| row["kind"] == "refused" && row["body"]["agent"] == "helper"), "{rows:#?}");
    let more = rows.iter().map(|row| row["body"]["unrecorded"].as_u64().unwrap_or(0)).sum();
    (rows.len() as u64, more)
}

#[test]
fn an_agent_that_calls_too_often_is_refused_and_the_log_counts_it_without_filling_up() {
    let mistral = Mistral::start();
    let home = home(&mistral.origin(), mistral.token(), "calls_per_minute = 1");
    let (token, other) = (agent(&home, "helper"), agent(&home, "other"));
    let served = Served::start(&home);
    served.post(LIST, &token, "{}").is(200);
    let began = Instant::now();
    let (mut sent, mut refused) = (1, 0);
    let mut hurry = || {
        // Another action is no way round it.
        let path = if refused % 2 == 0 { LIST } else { AGENTS };
        let reply = served.post(path, &token, "{}");
        // Where a minute has gone by, one more may come in.
        if reply.status == 200 {
            sent += 1;
        } else {
            come_again(reply, "rate-limited");
            refused += 1;
        }
    };
    (0..30).for_each(|_| hurry());
    // Once a row says how many went without one, the log knows of each of them.
    let (rows, more) = until("a row counts the others", || {
        hurry();
        let (rows, more) = noted(&home);
        (more > 0).then_some((rows, more))
    });
    let known = rows + more;
    assert!(refused > 20 && known > 20 && known <= refused, "{known} of {refused} refusals are in the log");
    assert!(rows <= began.elapsed().as_secs() + 1, "{rows} rows in {:?}", began.elapsed());
    assert!(sent <= 1 + began.elapsed().as_secs() / 30, "{sent} calls went in {:?}", began.elapsed());
    assert_eq!(mistral.count() as u64, sent);
    // The twin: another agent's haste is its own.
    served.post(LIST, &other, "{}").is(200);
    assert_eq!(mistral.count() as u64, sent + 1);
}

#[test]
fn an_action_that_is_called_too_often_leaves_the_others_free() {
    let mistral = Mistral::start();
    let home = home(&mistral.origin(), mistral.token(), "action_calls_per_minute = 1");
    let (token, other) = (agent(&home, "helper"), agent(&home, "other"));
    let served = Served::start(&home);
    served.post(LIST, &token, "{}").is(200);
    come_again(served.post(LIST, &token, "{}"), "rate-limited");
    assert_eq!(mistral.count(), 1);
    served.post(AGENTS, &token, "{}").is(200);
    served.post(LIST, &other, "{}").is(200);
    assert_eq!(mistral.count(), 3);
    // What is not there has no rate to keep, however often it is asked for.
    for _ in 0..3 {
        served.post("/v1/actions/mistral/made-up/execute", &token, "{}").refused(404, "unknown-action");
    }
    // Finding is not calling.
    for _ in 0..5 {
        served.get("/v1/actions/mistral/list-models", &token).is(200);
    }
}

#[test]
fn only_so_many_calls_of_an_agent_run_at_a_time() {
    let (tap, open) = gate();
    let home = home(tap.origin(), TOKEN, "calls_in_flight = 1");
    let (token, other) = (agent(&home, "helper"), agent(&home, "other"));
    let served = Served::start(&home);
    thread::scope(|scope| {
        let first = scope.spawn(|| served.post(LIST, &token, "{}"));
        until("the call is sent", || (tap.heard().len() == 1).then_some(()));
        come_again(served.post(LIST, &token, "{}"), "too-many-calls");
        come_again(served.post(AGENTS, &token, "{}"), "too-many-calls");
        let others = scope.spawn(|| served.post(LIST, &other, "{}"));
        until("another agent's call is sent", || (tap.heard().len() == 2).then_some(()));
        open.store(true, Ordering::Relaxed);
        first.join().unwrap().is(200);
        others.join().unwrap().is(200);
    });
    // A call that ended makes room.
    served.post(LIST, &token, "{}").is(200);
    assert_eq!(tap.heard().len(), 3);
}

#[test]
fn who_waits_for_a_person_keeps_no_call_from_running() {
    let mistral = Mistral::start();
    let home = home(&mistral.origin(), mistral.token(), "calls_in_flight = 1");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    thread::scope(|scope| {
        let waits = scope.spawn(|| served.post(ASK, &token, &format!("{{\"input\":{CHAT},\"waitMs\":60000}}")));
        let id = until("the call is held", || {
            let list = home.run(["approvals", "list", "--json"]).exits(0).json();
            list[0]["id"].as_str().map(str::to_owned)
        });
        // Held, the call lets go of its place in a moment.
        until("a call runs meanwhile", || (served.post(LIST, &token, "{}").status == 200).then_some(()));
        home.run(["approvals", "reject", &id, "--reason", "enough"]).exits(0);
        waits.join().unwrap().refused(403, "denied");
    });
}

#[test]
fn an_agent_asks_only_so_many_questions_at_a_time() {
    let mistral = Mistral::start();
    let home = home(&mistral.origin(), mistral.token(), "approvals_waiting = 2");
    let (token, other) = (agent(&home, "helper"), agent(&home, "other"));
    let served = Served::start(&home);
    let ask = format!("{{\"input\":{CHAT}}}");
    let keyed = |key: &str| format!("{{\"input\":{CHAT},\"idempotencyKey\":\"{key}\"}}");
    let id = served.post(ASK, &token, &keyed("one")).is(202).json()["approval"].as_str().unwrap().to_owned();
    served.post(ASK, &token, &ask).is(202);
    come_again(served.post(ASK, &token, &ask), "too-many-calls");
    come_again(served.post(ASK, &token, &keyed("two")), "too-many-calls");
    // A question that was asked already is no further one, and describing is not asking.
    assert_eq!(served.post(ASK, &token, &keyed("one")).is(202).json()["approval"], id.as_str());
    served.post(ASK, &token, &format!("{{\"input\":{CHAT},\"dryRun\":true}}")).is(200);
    assert_eq!(home.run(["approvals", "list", "--json"]).exits(0).json().as_array().unwrap().len(), 2);
    assert_eq!(mistral.count(), 0);
    // What needs nobody still goes, and another agent asks for itself.
    served.post(LIST, &token, "{}").is(200);
    served.post(ASK, &other, &ask).is(202);
    // A decision, whichever it is, makes room.
    home.run(["approvals", "reject", &id, "--reason", "no"]).exits(0);
    // The key of a question that was not asked is free.
    served.post(ASK, &token, &keyed("two")).is(202);
    come_again(served.post(ASK, &token, &ask), "too-many-calls");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_request_that_cannot_wait_says_at_once_what_it_waits_for() {
    let mistral = Mistral::start();
    let home = home(&mistral.origin(), mistral.token(), "requests_waiting = 1");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let ask = format!("{{\"input\":{CHAT},\"waitMs\":60000}}");
    thread::scope(|scope| {
        let waits = scope.spawn(|| served.post(ASK, &token, &ask));
        let first = until("the call is held", || {
            let list = home.run(["approvals", "list", "--json"]).exits(0).json();
            list[0]["id"].as_str().map(str::to_owned)
        });
        let look = format!("/v1/approvals/{first}?waitMs=1");
        let full =
            until("the first one stands", || Some(served.get(&look, &token)).filter(|reply| reply.status != 200));
        come_again(full, "too-many-calls");
        let second = served.post(ASK, &token, &ask).is(202).json();
        assert_ne!(second["approval"], first.as_str());
        home.run(["approvals", "reject", &first, "--reason", "enough"]).exits(0);
        waits.join().unwrap().refused(403, "denied");
    });
    assert_eq!(mistral.count(), 0);
}
