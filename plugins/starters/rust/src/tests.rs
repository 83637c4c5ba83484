//! Unit tests, run by `cargo test`: the plugin is two plain functions. Whole cases are in `cases/`, run by
//! `portcullis test` on the component itself.

use portcullis_plugin::{Plugin, RefusalReason, json};

use super::Notes;

#[test]
fn every_example_is_described_as_it_says() {
    for action in Notes::manifest().actions {
        for example in action.examples {
            let input = example.input.parse().unwrap();
            let described = Notes::describe(&action.slug, &input);
            assert_eq!(described, Ok(example.expected), "{}", example.title);
        }
    }
}

#[test]
fn a_blank_title_is_refused_at_its_place() {
    let input = json!({"notebook": "work", "title": " "});
    let refusal = Notes::describe("add-note", &input).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::InvalidInput);
    assert_eq!(refusal.pointer.as_deref(), Some("/title"));
}

#[test]
fn an_action_that_is_not_there_is_refused() {
    let refusal = Notes::describe("delete-note", &json!({})).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::UnknownAction);
}
