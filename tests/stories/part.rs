//! Part of an answer: selected by a path, in short, or not at all; a wrong path is refused before anything is sent.

use serde_json::{Value, json};

use crate::home::Home;
use crate::service::Mistral;

#[test]
fn a_path_selects_from_an_answer_and_a_wrong_one_sends_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let run = |options: &[&'static str]| home.run(["run", "mistral/list-models"].into_iter().chain(options.to_vec()));
    for wrong in ["data", "$.data[", "$..data..id", "$.data[?match(@.id, 'm.*')]"] {
        let refusal = run(&["--json", "--select", wrong]).refused("bad-request");
        assert!(refusal["fix"].as_str().unwrap().contains("$.data[*].id"), "{refusal:#}");
    }
    assert_eq!(mistral.count(), 0);
    let whole = run(&["--json"]).exits(0).json();
    let ids = whole["result"]["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect();
    let selected = run(&["--json", "--select", "$.data[*].id"]).exits(0).json();
    assert_eq!(selected["result"], Value::Array(ids));
    assert_eq!(selected["left_out"], Value::Null);
    // One text at a terminal or in a script is that text, without quotes.
    assert_eq!(run(&["--select", "$.data[0].id"]).exits(0).out, "mistral-small-latest\n");
    assert_eq!(mistral.count(), 3);
}

#[test]
fn an_answer_is_given_in_short_or_not_at_all_where_that_was_asked() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let run = |mode| home.run(["run", "mistral/list-models", "--json", "--mode", mode]).exits(0).json();
    let (full, compact, ok) = (run("full"), run("compact"), run("ok"));
    assert_eq!(full["result"]["object"], "list");
    assert!(compact["result"].to_string().len() <= 8 * 1024);
    assert_eq!(compact["result"]["object"], "list");
    assert_eq!(ok["result"], json!(null));
    let facts = |answer: &Value| {
        let names = answer.as_object().unwrap().keys().filter(|name| *name != "left_out");
        names.cloned().collect::<Vec<_>>()
    };
    assert_eq!(facts(&full), ["call", "action", "status", "headers", "result", "scrubbed", "duration_us", "audit"]);
    assert_eq!((facts(&compact), facts(&ok)), (facts(&full), facts(&full)));
    assert_eq!((&ok["status"], mistral.count()), (&json!(200), 3));
}
