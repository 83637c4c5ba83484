//! A call that needs a person: held, shown to the last byte, sent once as shown, or not at all.

use serde_json::Value;

use crate::home::{CHAT, Home};
use crate::service::Mistral;
use crate::tap::Tap;

const TOKEN: &str = "approval-token-0123456789";

/// What stands on the wire where the shown request is sent with this token.
fn wire(request: &Value, origin: &str) -> String {
    let target = request["url"].as_str().unwrap().strip_prefix(origin).expect("it goes to the port's origin");
    let mut text = format!("{} {target} HTTP/1.1\r\n", request["method"].as_str().unwrap());
    for line in request["headers"].as_array().unwrap() {
        let value = line[1].as_str().unwrap().replace("<credential `mistral`>", TOKEN);
        text.push_str(&format!("{}: {value}\r\n", line[0].as_str().unwrap()));
    }
    text + "\r\n" + request["body"]["text"].as_str().unwrap()
}

#[test]
fn off_a_terminal_a_call_that_needs_approval_exits_3_and_nothing_is_sent() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let id = home.hold(CHAT);
    let waiting = home.run(["approvals", "list", "--json"]).exits(0).json();
    assert_eq!(waiting.as_array().unwrap().len(), 1);
    assert_eq!((&waiting[0]["id"], &waiting[0]["state"]), (&id.as_str().into(), &"pending".into()));
    let held = home.run(["run", "mistral/chat-complete", "--input", CHAT, "--json"]).exits(3).json();
    assert_eq!(held["status"], "approval-required");
    assert_ne!(held["pending"]["approval"], id, "two calls share an approval");
    assert_eq!(mistral.count(), 0);
    // Asking for the decision with nobody there decides nothing.
    home.run(["approvals", "approve", &id, "--json"]).refused("approval-required");
    assert_eq!(home.approval(&id)["state"], "pending");
    assert_eq!(mistral.count(), 0);
}

#[test]
fn what_is_shown_is_byte_for_byte_what_is_sent_once() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), TOKEN);
    let input = r#"{"model":"mistral-small-latest","messages":[{"role":"user","content":"hé \" \u202e \n 1e400?"}],"temperature":0.10}"#;
    let id = home.hold(input);
    let approval = home.approval(&id);
    let request = &approval["request"];
    let names: Vec<&str> = request["headers"].as_array().unwrap().iter().map(|h| h[0].as_str().unwrap()).collect();
    assert!(names.contains(&"authorization") && names.contains(&"content-length"), "{names:?}");

    let page = home.run(["approvals", "show", &id]).exits(0).out;
    for line in request["headers"].as_array().unwrap() {
        let line = format!("{}: {}\n", line[0].as_str().unwrap(), line[1].as_str().unwrap());
        assert!(page.contains(&line), "`{line}` is not on the page:\n{page}");
    }
    assert!(page.contains("authorization: Bearer <credential `mistral`>\n"), "{page}");
    assert!(!page.contains('\u{202e}'), "a character that turns the text around is printed as it is");
    assert!(page.contains(request["body"]["digest"].as_str().unwrap()), "{page}");

    assert!(tap.heard().is_empty());
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    let heard = tap.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(String::from_utf8(heard[0].clone()).unwrap(), wire(request, tap.origin()));
    assert_eq!(request["body"]["bytes"], request["body"]["text"].as_str().unwrap().len());

    let refusal = home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("approval-used");
    assert!(refusal["message"].as_str().unwrap().contains("executed"), "{refusal:#}");
    assert_eq!(tap.heard().len(), 1);
    assert_eq!(home.approval(&id)["state"], "executed");
}

#[test]
fn the_example_of_the_readme_is_answered_after_the_approval() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let id = home.hold(CHAT);
    let answer = home.run(["approvals", "approve", &id, "--yes", "--json"]).exits(0).json();
    assert_eq!(answer["result"]["choices"][0]["message"]["content"], "You said: hi");
    assert_eq!(home.approval(&id)["result"]["result"], answer["result"], "the answer is kept for whoever waits");
    let rows = home.rows();
    let of_call = |kind: &str| rows.iter().filter(|r| r["kind"] == kind && r["call"] == answer["call"]).count();
    assert_eq!((of_call("intent"), of_call("outcome")), (1, 1));
    assert!(home.run(["approvals", "list", "--json"]).exits(0).json().as_array().unwrap().is_empty());
    assert_eq!(home.run(["approvals", "list", "--all", "--json"]).exits(0).json()[0]["state"], "executed");
}

#[test]
fn an_answer_given_in_part_is_kept_whole_for_whoever_waits() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let id = home.hold(CHAT);
    let words = "$.choices[0].message.content";
    // A wrong path sends nothing, and the approval still waits.
    let wrong = home.run(["approvals", "approve", &id, "--yes", "--select", "$.choices[", "--json"]);
    wrong.refused("bad-request");
    assert_eq!((mistral.count(), &home.approval(&id)["state"]), (0, &"pending".into()));
    let answer = home.run(["approvals", "approve", &id, "--yes", "--select", words, "--json"]).exits(0).json();
    assert_eq!(answer["result"], "You said: hi");
    let show = |options: &[&str]| {
        let arguments = ["approvals", "show", &id, "--json"].into_iter().chain(options.iter().copied());
        home.run(arguments).exits(0).json()["result"].clone()
    };
    assert_eq!(show(&[])["result"]["choices"][0]["message"]["content"], "You said: hi");
    assert_eq!(show(&["--select", "$.choices[*].message.content"])["result"], serde_json::json!(["You said: hi"]));
    assert_eq!(show(&["--mode", "ok"])["result"], Value::Null);
    assert!(home.run(["approvals", "show", &id, "--select", words]).exits(0).out.ends_with("You said: hi\n"));
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_long_body_is_counted_where_it_is_not_shown_and_sent_whole() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), TOKEN);
    let long = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{}the end"}}]}}"#, "long ".repeat(8000));
    let id = home.hold(&long);
    let page = home.run(["approvals", "show", &id]).exits(0).out;
    assert!(page.contains("not shown, sha256:") && !page.contains("the end"), "what is hidden is not counted");
    assert!(home.run(["approvals", "show", &id, "--full"]).exits(0).out.contains("the end"));
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    assert_eq!(tap.count("the end"), 1);
}

#[test]
fn a_rejected_approval_is_never_sent() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), TOKEN);
    let id = home.hold(CHAT);
    home.run(["approvals", "reject", &id, "--reason", "not today", "--json"]).exits(0);
    let approval = home.approval(&id);
    assert_eq!((&approval["state"], &approval["reason"]), (&"rejected".into(), &"not today".into()));
    home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("approval-used");
    home.run(["approvals", "reject", &id, "--json"]).refused("approval-used");
    home.run(["approvals", "approve", "apr-0000000000000000", "--yes", "--json"]).refused("approval-unknown");
    home.run(["approvals", "show", "apr-0000000000000000", "--json"]).refused("approval-unknown");
    assert!(tap.heard().is_empty());
}
