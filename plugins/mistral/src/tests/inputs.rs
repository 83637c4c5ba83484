//! The input schemas, as the host applies them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use jsonschema::Validator;
use portcullis_plugin::{Action, Plugin, Value, json};

use crate::Mistral;

fn validator(action: &Action) -> Validator {
    let schema = serde_json::from_str(&action.input_schema).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema), "{}", action.slug);
    jsonschema::draft202012::new(&schema).unwrap()
}

fn action(slug: &str) -> Action {
    Mistral::manifest().actions.into_iter().find(|action| action.slug == slug).unwrap()
}

fn problems(slug: &str, input: &Value) -> Vec<String> {
    validator(&action(slug)).iter_errors(input).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

fn chat_with(name: &str, value: Value) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], name: value})
}

#[test]
fn every_example_passes_and_an_unknown_property_never_does() {
    for action in Mistral::manifest().actions {
        let validator = validator(&action);
        for example in &action.examples {
            let mut input: Value = serde_json::from_str(&example.input).unwrap();
            let problems: Vec<_> = validator.iter_errors(&input).map(|e| e.to_string()).collect();
            assert!(problems.is_empty(), "{}: {}: {problems:?}", action.slug, example.title);
            input["unheard_of"] = json!(1);
            assert!(!validator.is_valid(&input), "{}", action.slug);
        }
    }
}

#[test]
fn streaming_is_refused_in_so_many_words() {
    assert_eq!(problems("chat-complete", &chat_with("stream", json!(true))), ["/stream: false was expected"]);
    assert_eq!(problems("chat-complete", &chat_with("stream", json!(false))), [""; 0]);
}

#[test]
fn what_the_host_refuses_in_a_path_the_schema_refuses_first() {
    let long = "a".repeat(257);
    let bad =
        ["", ".", "..", "a/b", "a\\b", "a%2fb", "a;b", "a\0b", "a\nb", "a\n", "a\u{202e}b", "a\u{200b}b", "é", &long];
    let mut checked = 0;
    for action in Mistral::manifest().actions {
        let validator = validator(&action);
        let full = action.examples.last().unwrap();
        let input: Value = serde_json::from_str(&full.input).unwrap();
        for name in action.path.split(['{', '}']).skip(1).step_by(2) {
            for text in bad {
                let mut input = input.clone();
                input[name] = json!(text);
                assert!(!validator.is_valid(&input), "{}: `{name}` was {text:?}", action.slug);
                checked += 1;
            }
        }
    }
    assert!(checked > 100);
}

#[test]
fn an_agent_cannot_be_named_like_the_route_beside_it() {
    assert!(!problems("get-agent", &json!({"agent_id": "pages"})).is_empty());
    assert!(problems("get-agent", &json!({"agent_id": "pages-1"})).is_empty());
}

#[test]
fn a_bad_message_is_named_by_its_place() {
    let input = json!({"model": "m", "messages": [{"role": "user", "content": "hi", "name": "x"}]});
    let found = problems("chat-complete", &input);
    assert!(found[0].starts_with("/messages/0: "), "{found:?}");
    assert!(found[0].contains("'name'"), "{found:?}");
}

#[test]
fn tools_that_the_service_would_run_are_refused() {
    for tool in [json!({"type": "web_search"}), json!({"type": "connector", "connector_id": "wiki"})] {
        assert!(!problems("chat-complete", &chat_with("tools", json!([tool]))).is_empty());
    }
}

#[test]
fn no_key_hides_in_an_address() {
    let with = |server: &str| json!({"name": "w", "description": "d", "server": server});
    assert!(problems("create-connector", &with("https://mcp.example.com:8443/a/b")).is_empty());
    for server in [
        "http://mcp.example.com/",
        "https://user:key@mcp.example.com/",
        "https://mcp.example.com/?key=1",
        "https://mcp.example.com/#key",
        "https://mcp.example.com\\@evil.example/",
        "https://mcp.example.com/\n",
    ] {
        assert!(!problems("create-connector", &with(server)).is_empty(), "{server}");
    }
}
