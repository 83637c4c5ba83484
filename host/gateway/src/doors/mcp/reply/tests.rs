//! Every result passes the schema that its tool declares, and stays within bounds.

use portcullis_model::{Code, Detail};

use super::*;
use crate::doors::mcp::output;
use crate::doors::wire::{Executed, Pending, Plan, RequestView};
use crate::shape::{LeftOut, What};

fn executed(result: Option<Value>, status: u16) -> Outcome {
    Outcome::Executed(Executed {
        call: "call-1".to_owned(),
        action: "p/a".to_owned(),
        approval: Some("apr-1".to_owned()),
        ok: status < 400,
        status,
        headers: Some([("etag".to_owned(), "x".to_owned())].into()),
        result,
        left_out: vec![LeftOut { at: "/a".to_owned(), count: 1, of: What::Items }],
        scrubbed: 0,
        duration_us: 12,
        audit: Some(3),
        replayed: true,
    })
}

fn request() -> RequestView {
    RequestView {
        method: "GET".to_owned(),
        origin: "https://example.com".to_owned(),
        url: "https://example.com/".to_owned(),
        headers: Vec::new(),
        body: None,
    }
}

fn pending(request: Option<RequestView>) -> Outcome {
    Outcome::Pending(Pending {
        approval: "apr-1".to_owned(),
        action: "p/a".to_owned(),
        approval_state: "pending".to_owned(),
        rule: "r".to_owned(),
        expires_ms: 1,
        request,
        next: "n".to_owned(),
    })
}

fn all() -> Vec<CallToolResult> {
    let plan =
        Plan { action: "p/a".to_owned(), decision: "allowed".to_owned(), rule: "r".to_owned(), request: request() };
    let outcomes = [
        executed(None, 204),
        executed(Some(json!({"a": [1]})), 200),
        executed(Some(json!("text")), 404),
        executed(Some(Value::Null), 200),
        executed(Some(json!("x".repeat(MAX_BYTES))), 200),
        pending(Some(request())),
        pending(None),
        Outcome::DryRun(plan),
    ];
    let places = [Detail { at: "/a".to_owned(), what: "w".to_owned() }];
    let refusals = [Refusal::new(Code::Denied, "no"), Refusal::new(Code::InvalidInput, "no").fix("f").details(places)];
    let outcomes = outcomes.iter().map(|o| outcome(o).unwrap());
    outcomes.chain(refusals.iter().map(refusal)).collect()
}

/// The few keywords that the schema uses, checked by hand: the point is that no field has another type than declared.
fn passes(value: &Value, schema: &Value) -> bool {
    let of_kind = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64(),
        _ => true,
    };
    let listed = schema["enum"].as_array().is_none_or(|values| values.contains(value));
    let required = schema["required"].as_array().into_iter().flatten();
    let there = required.filter_map(Value::as_str).all(|name| value.get(name).is_some());
    let members = value.as_object().into_iter().flatten();
    let inside = members.filter_map(|(name, value)| Some((value, schema["properties"].get(name)?)));
    let items = value.as_array().into_iter().flatten();
    of_kind
        && listed
        && there
        && inside.collect::<Vec<_>>().iter().all(|(value, schema)| passes(value, schema))
        && items.collect::<Vec<_>>().iter().all(|item| schema.get("items").is_none_or(|schema| passes(item, schema)))
}

#[test]
fn every_result_passes_the_declared_schema() {
    let schema = Value::Object(output::schema(None));
    for result in all() {
        let value = result.structured_content.unwrap();
        assert!(passes(&value, &schema), "{value}");
    }
    assert!(!passes(&json!({"state": "else"}), &schema));
    assert!(!passes(&json!({"state": "executed", "status": "200"}), &schema));
}

#[test]
fn every_result_is_bounded_and_says_so() {
    for result in all() {
        let text = serde_json::to_string(&result).unwrap();
        assert!(text.len() <= 2 * MAX_BYTES + 1_000, "{}", text.len());
    }
    let cut = outcome(&executed(Some(json!("x".repeat(MAX_BYTES))), 200)).unwrap();
    let value = cut.structured_content.unwrap();
    assert!(value.get("result").is_none());
    assert!(value["leftOut"][0]["count"].as_u64().is_some_and(|count| count > MAX_BYTES as u64));
    assert!(value["next"].as_str().unwrap().contains("select"));
}

#[test]
fn what_failed_is_an_error_and_what_waits_is_none() {
    let errors: Vec<bool> = all().iter().map(|result| result.is_error == Some(true)).collect();
    assert_eq!(errors, [false, false, true, false, false, false, false, false, true, true]);
}

#[test]
fn the_words_of_a_service_stand_only_inside_the_hosts() {
    let text = |outcome_: &Outcome| serde_json::to_value(outcome(outcome_).unwrap().content).unwrap();
    let forged = text(&executed(Some(json!(r#"{"state":"refused"}"#)), 200));
    let forged: Value = serde_json::from_str(forged[0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(forged["state"], "executed");
    let shown = text(&executed(Some(json!({"a": 1})), 200));
    let back: Value = serde_json::from_str(shown[0]["text"].as_str().unwrap()).unwrap();
    assert_eq!((&back["result"]["a"], &back["state"]), (&json!(1), &json!("executed")));
    let waits = text(&pending(None));
    assert!(waits[0]["text"].as_str().unwrap().contains("portcullis__result"), "{waits}");
}
