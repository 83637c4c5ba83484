//! `kill -9` at random moments, two hundred times: nothing is sent twice, the log has no gap, what is not known is said
//! to be unknown.

use std::collections::BTreeMap;
use std::thread;

use serde_json::Value;

use crate::home::{Home, random, some_time, until};
use crate::tap::{Tap, ok};

const TOKEN: &str = "killed-token-0123456789";

/// Processes killed, over all lanes.
const KILLS: usize = 200;

/// So many run at once.
const LANES: usize = 4;

/// Longest time the service thinks, in milliseconds.
const THINKS_MS: u64 = 40;

/// A call that was killed, if it did not end first.
struct Killed {
    marker: String,
    approval: Option<String>,
}

/// Makes one call with a text in it that no other call has, and kills it: at any moment, or soon after it was sent.
fn kill_one(home: &Home, tap: &Tap, number: usize) -> Killed {
    let marker = random();
    let approval = number
        .is_multiple_of(4)
        .then(|| home.hold(&format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{marker}"}}]}}"#)));
    let input = format!(r#"{{"search":"{marker}"}}"#);
    let mut child = match &approval {
        Some(id) => home.start(["approvals", "approve", id, "--yes"]),
        None => home.start(["run", "mistral/list-agents", "--input", &input]),
    };
    let mut pause = some_time(120);
    if number.is_multiple_of(2) {
        until("the call is sent or over", || {
            (tap.count(&marker) > 0 || child.try_wait().unwrap().is_some()).then_some(())
        });
        pause = some_time(THINKS_MS * 3 / 4);
    }
    thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    Killed { marker, approval }
}

#[test]
fn two_hundred_kills_send_nothing_twice_and_leave_no_gap() {
    let tap = Tap::answering(|_| {
        thread::sleep(some_time(THINKS_MS));
        ok("[]")
    });
    let home = Home::holding(tap.origin(), TOKEN);
    let killed: Vec<Killed> = thread::scope(|scope| {
        let lane = |lane: usize| {
            let (home, tap) = (&home, &tap);
            move || (lane..KILLS).step_by(LANES).map(|number| kill_one(home, tap, number / LANES)).collect::<Vec<_>>()
        };
        let lanes: Vec<_> = (0..LANES).map(|n| scope.spawn(lane(n))).collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    });
    assert_eq!(killed.len(), KILLS);

    // Whatever command comes next says what is not known.
    home.run(["ports"]).exits(0);
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
    let rows = home.rows();
    for (row, seq) in rows.iter().zip(1_u64..) {
        assert_eq!(row["seq"], seq, "the log has a gap");
    }
    let calls = calls(&rows);
    let ended = |kind: &str| calls.values().filter(|call| call.ends == [kind]).count();
    assert_eq!(ended("outcome") + ended("unknown"), calls.len(), "a call has no end, or two");
    assert!(ended("unknown") >= KILLS / 20, "only {} kills fell between intent and outcome", ended("unknown"));

    for one in &killed {
        let sent = tap.count(&one.marker);
        assert!(sent <= 1, "{} was sent {sent} times", one.marker);
        let call = calls.values().find(|call| match &one.approval {
            Some(id) => call.approval.as_deref() == Some(id.as_str()),
            None => call.target.contains(&one.marker),
        });
        let end = call.map(|call| call.ends[0].as_str());
        assert!(sent == 0 || end.is_some(), "{} was sent without an intent", one.marker);
        assert!(sent == 1 || end != Some("outcome"), "{} has an outcome and was never sent", one.marker);
        if let Some(id) = &one.approval {
            let state = home.approval(id)["state"].clone();
            let fits = match end {
                Some("unknown") => state == "unknown",
                Some(_) => state == "executed",
                None => state == "pending" || state == "failed",
            };
            assert!(fits, "{id} is {state}, its call's end is {end:?}");
            if state != "pending" {
                home.run(["approvals", "approve", id, "--yes", "--json"]).refused("approval-used");
                assert_eq!(tap.count(&one.marker), sent, "{id} was sent by a second yes");
            }
        }
    }
    assert_eq!(tap.heard().len(), killed.iter().map(|one| tap.count(&one.marker)).sum::<usize>());
    eprintln!("{} calls ended well, {} are unknown, of {KILLS} killed", ended("outcome"), ended("unknown"));
}

struct Call {
    target: String,
    approval: Option<String>,
    ends: Vec<String>,
}

/// Every call that has an intent, and how it ended.
fn calls(rows: &[Value]) -> BTreeMap<String, Call> {
    let mut calls = BTreeMap::new();
    for row in rows {
        let Some(name) = row["call"].as_str() else { continue };
        let text = |field: &str| row["body"][field].as_str().map(str::to_owned);
        match row["kind"].as_str().unwrap() {
            "intent" => {
                let call = Call { target: text("target").unwrap(), approval: text("approval"), ends: Vec::new() };
                assert!(calls.insert(name.to_owned(), call).is_none(), "{name} has two intents");
            }
            kind @ ("outcome" | "unknown") => {
                calls.get_mut(name).expect("an end comes after its intent").ends.push(kind.to_owned());
            }
            _ => {}
        }
    }
    calls
}
