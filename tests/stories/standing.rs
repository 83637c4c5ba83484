//! Approved once for many: the second call goes through unattended, and everything that was not said asks again.

use std::thread;

use serde_json::{Value, json};

use crate::doors::served::{Served, agent, operator};
use crate::home::{CHAT, Home, settings};
use crate::service::Mistral;

const ASK: &str = "/v1/actions/mistral/chat-complete/execute";
const CALL: [&str; 3] = ["run", "mistral/chat-complete", "--input"];

fn chat(words: &str, model: &str) -> String {
    json!({"model": model, "messages": [{"role": "user", "content": words}]}).to_string()
}

fn run(home: &Home, input: &str, code: i32) {
    home.run([CALL[0], CALL[1], CALL[2], input]).exits(code);
}

/// Approves a held call for many; gives the standing approval.
fn approve_for(home: &Home, terms: &[&str]) -> Value {
    let id = home.hold(CHAT);
    let mut words = vec!["approvals", "approve", &id, "--yes"];
    words.extend(terms);
    home.run(words).exits(0);
    let standing = home.run(["approvals", "standing", "--json"]).exits(0).json();
    standing.as_array().unwrap().iter().find(|one| one["approval"] == id.as_str()).expect("it stands").clone()
}

fn intents(home: &Home) -> Vec<Value> {
    home.rows().into_iter().filter(|row| row["kind"] == "intent").map(|row| row["body"].clone()).collect()
}

#[test]
fn once_approved_for_others_like_it_only_what_differs_elsewhere_asks_again() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let standing =
        approve_for(&home, &["--for", "30m", "--uses", "2", "--free", "/messages", "--free", "/temperature"]);
    assert_eq!((&standing["free"], &standing["uses_left"]), (&json!(["/messages", "/temperature"]), &json!(2)));
    assert_eq!(standing["expires_ms"].as_u64().unwrap() - standing["created_ms"].as_u64().unwrap(), 30 * 60_000);
    assert_eq!((mistral.count(), intents(&home).len()), (1, 1));

    run(&home, &chat("something else", "mistral-small-latest"), 0);
    let last = intents(&home).pop().unwrap();
    assert_eq!((&last["standing"], &last["uses"]), (&standing["id"], &json!(1)), "{last:#}");
    assert!(last["rule"].as_str().unwrap().contains(standing["id"].as_str().unwrap()), "{last:#}");
    assert_eq!(mistral.count(), 2);
    let plan = home.run([CALL[0], CALL[1], CALL[2], CHAT, "--dry-run", "--json"]).exits(0).json();
    assert_eq!(plan["decision"], "allowed", "{plan:#}");

    // Another model asks, and so does a field that nobody spoke of.
    run(&home, &chat("hi", "mistral-large-latest"), 3);
    run(&home, &CHAT.replace("\"model\"", "\"max_tokens\":5,\"model\""), 3);
    assert_eq!(mistral.count(), 2);
    run(&home, &CHAT.replace("\"model\"", "\"temperature\":0.5,\"model\""), 0);
    assert_eq!(mistral.count(), 3);
    // Its uses are over.
    run(&home, CHAT, 3);
    assert_eq!(home.run(["approvals", "standing", "--json"]).exits(0).json(), json!([]));
    let all = home.run(["approvals", "standing", "--all", "--json"]).exits(0).json();
    assert_eq!((&all[0]["state"], &all[0]["uses"]), (&json!("used-up"), &json!(2)), "{all:#}");
    assert_eq!(mistral.count(), 3);
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
}

#[test]
fn it_answers_what_it_was_given_for_and_not_what_other_rules_ask() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let rules = |texts: &[String]| {
        let folder = home.path().join("policies");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("own.cedar"), texts.concat()).unwrap();
    };
    let asks = |id: &str, when: &str| {
        format!(
            "{id} forbid (principal, action == Action::\"invokeUnattended\", resource == \
             PortAction::\"mistral/chat-complete\") when {{ {when} }};\n"
        )
    };
    let (seed, heat) = ("context.body has random_seed", "context.body has temperature");
    let with = |more: &str| CHAT.replace("\"model\"", &format!("{more},\"model\""));
    let seeded = with("\"random_seed\":5");
    let free = ["--for", "30m", "--free", "/random_seed", "--free", "/temperature"];
    let stands = |input: &str| {
        let id = home.hold(input);
        home.run([&["approvals", "approve", &id, "--yes"][..], &free].concat()).exits(0);
    };

    // Rules without a name are named by their place, which another one may take.
    rules(&[asks("", seed)]);
    stands(&seeded);
    run(&home, &seeded, 0);
    rules(&[asks("", heat), asks("", seed)]);
    run(&home, &with("\"temperature\":1.2"), 3);

    // More rules than words are made of.
    let mut many: Vec<String> = (1..=8).map(|n| asks(&format!("@id(\"a{n}\")"), "true")).collect();
    many.extend([asks("@id(\"b1\")", seed), asks("@id(\"b2\")", heat)]);
    rules(&many);
    stands(&seeded);
    run(&home, &seeded, 0);
    run(&home, &with("\"temperature\":1.2"), 3);

    // The same name, and another rule.
    rules(&[asks("@id(\"x\")", seed)]);
    stands(&seeded);
    run(&home, &seeded, 0);
    rules(&[asks("@id(\"x\")", "context.body has random_seed && context.body.random_seed > 4")]);
    run(&home, &seeded, 3);
}

#[test]
fn what_is_revoked_asks_again_at_once() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let standing = approve_for(&home, &["--for", "1h"]);
    let id = standing["id"].as_str().unwrap();
    let shown = home.run(["approvals", "standing"]).exits(0).out;
    assert!(shown.contains(id) && shown.contains("nothing") && shown.contains("/v1/chat/completions"), "{shown}");
    run(&home, CHAT, 0);
    run(&home, &chat("ho", "mistral-small-latest"), 3);
    let ended = home.run(["approvals", "revoke", id, "--json"]).exits(0).json();
    assert_eq!((&ended["state"], &ended["revoked_by"]), (&json!("revoked"), &json!("operator")));
    run(&home, CHAT, 3);
    home.run(["approvals", "revoke", id, "--json"]).refused("approval-used");
    home.run(["approvals", "revoke", "std-0000000000000000", "--json"]).refused("approval-unknown");
    assert_eq!(mistral.count(), 2);
    let kinds: Vec<Value> = home.rows().into_iter().map(|row| row["kind"].clone()).collect();
    for kind in ["standing-made", "standing-revoked"] {
        assert_eq!(kinds.iter().filter(|k| *k == kind).count(), 1, "{kind}");
    }
}

#[test]
fn what_moves_or_is_denied_since_goes_nowhere() {
    let (mistral, other) = (Mistral::start(), Mistral::start());
    let home = Home::holding(&mistral.origin(), mistral.token());
    approve_for(&home, &["--for", "1h"]);
    home.configure(&settings(&other.origin(), ""));
    run(&home, CHAT, 3);
    let deny = "[ports.mistral.actions.chat-complete]\napproval = \"deny\"\n";
    home.configure(&settings(&mistral.origin(), deny));
    home.run([CALL[0], CALL[1], CALL[2], CHAT, "--json"]).refused("denied");
    assert_eq!((mistral.count(), other.count()), (1, 0));
    home.configure(&settings(&mistral.origin(), ""));
    run(&home, CHAT, 0);
    home.run(["remove", "mistral", "--yes"]).exits(0);
    home.run(["install", "mistral", "--yes"]).exits(0);
    run(&home, CHAT, 3);
    assert_eq!(mistral.count(), 2);
}

#[test]
fn terms_that_cannot_hold_leave_the_approval_waiting() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let id = home.hold(CHAT);
    let refused = |terms: &[&str]| {
        let mut words = vec!["approvals", "approve", &id, "--yes", "--json"];
        words.extend(terms);
        let refusal = home.run(words).refused("bad-request");
        assert_eq!(home.approval(&id)["state"], "pending", "{refusal:#}");
    };
    for terms in [
        &["--for", "8d"][..],
        &["--for", "0s"],
        &["--for", "soon"],
        &["--free", "/messages"],
        &["--uses", "1", "--free", ""],
        &["--uses", "1", "--free", "messages"],
        &["--uses", "1", "--free", "/tools/0"],
    ] {
        refused(terms);
    }
    for usage in [&["--uses", "0"][..], &["--uses", "10001"], &["--for", ""]] {
        let mut words = vec!["approvals", "approve", &id];
        words.extend(usage);
        home.run(words).exits(2);
    }
    assert_eq!(mistral.count(), 0);
    home.run(["approvals", "approve", &id, "--yes", "--uses", "10000", "--for", "7d"]).exits(0);
    assert_eq!(mistral.count(), 1);
}

#[test]
fn what_destroys_is_approved_one_by_one() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let input = r#"{"connector_id":"5c3269fe-6a18-4216-b1fb-b093005874cd"}"#;
    let held = home.run(["run", "mistral/delete-connector", "--input", input]).exits(3);
    let id = held.out.trim();
    let refusal = home.run(["approvals", "approve", id, "--yes", "--for", "5m", "--json"]).refused("forbidden");
    assert!(refusal["message"].as_str().unwrap().contains("may destroy"), "{refusal:#}");
    assert_eq!((mistral.count(), &home.approval(id)["state"]), (0, &"pending".into()));
}

#[test]
fn at_the_door_an_operator_approves_in_advance_and_an_agent_does_not() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, other, person) = (agent(&home, "helper"), agent(&home, "other"), operator(&home, "person"));
    let served = Served::start(&home);
    let call = |token: &str, words: &str| {
        let body = format!("{{\"input\":{}}}", chat(words, "mistral-small-latest"));
        served.post(ASK, token, &body)
    };
    let id = call(&token, "one").is(202).json()["approval"].as_str().unwrap().to_owned();
    let at = format!("/v1/approvals/{id}/approve");
    let terms = r#"{"for":{"minutes":30,"uses":3,"free":["/messages"]}}"#;
    served.post(&at, &token, terms).refused(403, "forbidden");
    for bad in [
        r#"{"for":{"minutes":0}}"#,
        r#"{"for":{"minutes":10081}}"#,
        r#"{"for":{"uses":10001}}"#,
        r#"{"for":{"uses":1,"free":[""]}}"#,
        r#"{"for":{"uses":1,"free":["/messages","/messages"]}}"#,
        r#"{"for":{}}"#,
        r#"{"for":{"hours":1}}"#,
        r#"{"For":{"uses":1}}"#,
    ] {
        served.post(&at, &person, bad).refused(400, "bad-request");
    }
    assert_eq!(mistral.count(), 0);
    served.post(&at, &person, terms).is(200);
    let list = served.get("/v1/standing", &person).is(200).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!((&list[0]["agent"], &list[0]["by"]), (&json!("helper"), &json!("operator-token:person")), "{list:#}");
    let revoke = format!("/v1/standing/{}/revoke", list[0]["id"].as_str().unwrap());
    for path in ["/v1/standing", "/v1/standing?all=true"] {
        served.get(path, &token).refused(403, "forbidden");
    }
    served.post(&revoke, &token, "{}").refused(403, "forbidden");

    assert_eq!(call(&token, "two").is(200).json()["state"], "executed");
    drop(call(&other, "two").is(202));
    // However many come at once, it covers two more.
    let replies = thread::scope(|scope| {
        let racers: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn({
                    let call = &call;
                    let token = &token;
                    move || call(token, &format!("race {n}"))
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap().status).collect::<Vec<_>>()
    });
    assert_eq!(replies.iter().filter(|status| **status == 200).count(), 2, "{replies:?}");
    assert_eq!(replies.iter().filter(|status| **status == 202).count(), 6, "{replies:?}");
    assert_eq!(mistral.count(), 4);
    served.post(&revoke, &person, "{}").refused(409, "approval-used");

    let id = call(&token, "again").is(202).json()["approval"].as_str().unwrap().to_owned();
    served.post(&format!("/v1/approvals/{id}/approve"), &person, r#"{"for":{"minutes":5}}"#).is(200);
    let list = served.get("/v1/standing", &person).is(200).json();
    drop(call(&token, "again").is(200));
    let revoke = format!("/v1/standing/{}/revoke", list[0]["id"].as_str().unwrap());
    let ended = served.post(&revoke, &person, "{}").is(200).json();
    assert_eq!((&ended["state"], &ended["revokedBy"]), (&json!("revoked"), &json!("operator-token:person")));
    drop(call(&token, "again").is(202));
    let all = served.get("/v1/standing?all=true", &person).is(200).json();
    let states: Vec<&Value> = all.as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states.len(), 2);
    assert!(states.contains(&&json!("used-up")) && states.contains(&&json!("revoked")), "{all:#}");
    served.post("/v1/standing/std-0000000000000000/revoke", &person, "{}").refused(404, "approval-unknown");
}

#[test]
fn an_agents_end_ends_what_stands_for_it() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let held = served.post(ASK, &token, &format!("{{\"input\":{CHAT}}}")).is(202).json();
    let at = format!("/v1/approvals/{}/approve", held["approval"].as_str().unwrap());
    served.post(&at, &person, r#"{"for":{"uses":5}}"#).is(200);
    home.run(["agent", "revoke", "helper"]).exits(0);
    served.post(ASK, &token, &format!("{{\"input\":{CHAT}}}")).refused(401, "unauthenticated");
    let all = home.run(["approvals", "standing", "--all", "--json"]).exits(0).json();
    assert_eq!((&all[0]["state"], &all[0]["why"]), (&json!("revoked"), &json!("its agent's token was revoked")));
    assert_eq!(mistral.count(), 1);
}

#[test]
fn without_a_credential_no_approval_and_no_use_is_spent() {
    let mistral = Mistral::start();
    let home =
        Home::with(&mistral.origin(), "[credentials]\nstore = \"file\"\n").env("PORTCULLIS_PASSPHRASE", "a long horse");
    let id = home.hold(CHAT);
    let refusal = home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("credential-missing");
    assert!(refusal["fix"].as_str().unwrap().contains("portcullis secret set mistral"), "{refusal:#}");
    assert_eq!(home.approval(&id)["state"], "pending", "it still waits");
    let set = || home.feed(["secret", "set", "mistral"], &format!("{}\n", mistral.token())).exits(0);
    set();
    home.run(["approvals", "approve", &id, "--yes", "--uses", "2"]).exits(0);
    home.run(["secret", "remove", "mistral"]).exits(0);
    home.run([CALL[0], CALL[1], CALL[2], CHAT, "--json"]).refused("credential-missing");
    let standing = home.run(["approvals", "standing", "--json"]).exits(0).json();
    assert_eq!((&standing[0]["uses"], &standing[0]["uses_left"]), (&json!(0), &json!(2)), "{standing:#}");
    set();
    run(&home, CHAT, 0);
    assert_eq!(mistral.count(), 2);
}
