//! The plugin keeps its own word: what it declares is what it describes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod inputs;

use std::collections::BTreeSet;

use portcullis_plugin::{ApprovalMode, Body, Effect, Plugin, Refusal, RefusalReason, Request, Traits, Value, json};

use crate::{Mistral, capabilities};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn refused(action: &str, input: Value) -> Refusal {
    Mistral::describe(action, &input).unwrap_err()
}

/// The request with a JSON body in its shortest form, so that only members and their order are compared.
fn compact(mut request: Request) -> Request {
    if let Some(Body::Json(text)) = &request.body {
        request.body = Some(Body::Json(parsed(text).to_string()));
    }
    request
}

#[test]
fn every_example_is_described_as_it_says() {
    for action in Mistral::manifest().actions {
        assert!(!action.examples.is_empty(), "{}", action.slug);
        for example in action.examples {
            let described = Mistral::describe(&action.slug, &parsed(&example.input));
            assert_eq!(described, Ok(compact(example.expected)), "{}: {}", action.slug, example.title);
        }
    }
}

#[test]
fn optional_inputs_are_shown_left_out_and_given() {
    for action in Mistral::manifest().actions {
        let schema = parsed(&action.input_schema);
        let all = schema["properties"].as_object().unwrap().len();
        let required = schema["required"].as_array().map_or(0, Vec::len);
        let sizes: BTreeSet<_> = action.examples.iter().map(|e| parsed(&e.input).as_object().unwrap().len()).collect();
        assert_eq!(sizes.last(), Some(&all), "{} has no full example", action.slug);
        // An update of nothing is no update.
        let least = if action.slug == "update-connector" { required + 1 } else { required };
        assert_eq!(sizes.first(), Some(&least), "{} has no minimal example", action.slug);
    }
}

#[test]
fn slugs_are_unique() {
    let slugs: BTreeSet<_> = capabilities().map(|c| c.slug).collect();
    assert_eq!(slugs.len(), capabilities().count());
}

#[test]
fn schemas_are_closed_and_name_what_the_route_sends_in_its_order() {
    for capability in capabilities() {
        let schema = parsed(capability.schema);
        assert_eq!(schema["additionalProperties"], json!(false), "{}", capability.slug);
        let declared: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(declared, capability.route.properties().collect::<Vec<_>>(), "{}", capability.slug);
    }
}

#[test]
fn every_property_says_what_it_is_for() {
    for capability in capabilities() {
        let schema = parsed(capability.schema);
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{}: {name}", capability.slug);
        }
    }
}

#[test]
fn only_reads_run_unattended() {
    for action in Mistral::manifest().actions {
        let automatic = action.approval == ApprovalMode::Automatic;
        assert_eq!(automatic, action.effect == Effect::Read, "{}", action.slug);
    }
}

#[test]
fn what_a_model_reads_is_marked() {
    let marked: Vec<_> = Mistral::manifest()
        .actions
        .into_iter()
        .filter(|action| action.traits.contains(Traits::PROMPT_BEARING))
        .map(|action| action.slug)
        .collect();
    assert_eq!(marked, ["chat-complete", "embed-text", "create-connector", "update-connector"]);
}

#[test]
fn nothing_that_carries_a_secret_is_accepted() {
    let id = "5c3269fe-6a18-4216-b1fb-b093005874cd";
    for secret in ["fetch_user_data", "fetch_customer_data", "fetch_connection_secrets"] {
        let refusal = refused("get-connector", json!({"connector_id_or_name": "wiki", secret: true}));
        assert_eq!(refusal.pointer, Some(format!("/{secret}")));
    }
    for secret in ["connection_secrets", "connection_config", "headers", "global_headers"] {
        assert!(Mistral::describe("update-connector", &json!({"connector_id": id, secret: {}})).is_err());
        assert!(Mistral::describe("create-connector", &json!({"name": "wiki", secret: {}})).is_err());
    }
}

#[test]
fn an_unknown_action_is_refused() {
    assert_eq!(refused("share-connector", json!({})).reason, RefusalReason::UnknownAction);
}

#[test]
fn a_missing_path_property_is_refused() {
    let refusal = refused("call-connector-tool", json!({"connector_id_or_name": "wiki"}));
    assert_eq!(refusal.pointer.as_deref(), Some("/tool_name"));
}

#[test]
fn body_fields_keep_the_schemas_order() {
    let input = json!({"messages": [], "stream": false, "model": "m"});
    let request = Mistral::describe("chat-complete", &input).unwrap();
    assert_eq!(request.body, Some(Body::Json(r#"{"model":"m","stream":false,"messages":[]}"#.to_owned())));
}
