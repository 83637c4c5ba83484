//! Every property lands where the route says, or the input is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::json;

use super::Route;
use crate::{ApprovalMode, Body, BodyMode, Effect, RefusalReason, Request};

const NOTE: Route = Route::patch("/v1/notes/{id}").query(&["page", "filter"]).json(&["title", "tags"]);

#[test]
fn order_is_the_routes_and_not_the_inputs() {
    let input = json!({"tags": ["a"], "title": "t", "filter": {"x": 1}, "page": 2, "id": "n-1"});
    let expected = Request::patch(["v1", "notes", "n-1"])
        .query("page", 2)
        .query("filter", r#"{"x":1}"#)
        .json(r#"{"title":"t","tags":["a"]}"#);
    assert_eq!(NOTE.request(&input), Ok(expected));
}

#[test]
fn a_string_in_the_query_keeps_no_quotes() {
    let route = Route::get("/find").query(&["q"]);
    let request = route.request(&json!({"q": "a \"b\""}));
    assert_eq!(request, Ok(Request::get(["find"]).query("q", "a \"b\"")));
}

#[test]
fn an_empty_object_is_still_a_body() {
    let request = NOTE.request(&json!({"id": 7}));
    assert_eq!(request, Ok(Request::patch(["v1", "notes", "7"]).json("{}")));
}

#[test]
fn a_property_without_a_place_is_refused() {
    let refusal = NOTE.request(&json!({"id": "n", "a/b": 1})).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::InvalidInput);
    assert_eq!(refusal.pointer.as_deref(), Some("/a~1b"));
}

#[test]
fn a_path_property_must_be_there_and_plain() {
    for input in [json!({}), json!({"id": null}), json!({"id": 1.5}), json!({"id": ["a"]})] {
        let refusal = NOTE.request(&input).unwrap_err();
        assert_eq!(refusal.pointer.as_deref(), Some("/id"), "{input}");
    }
    assert!(NOTE.request(&json!("n-1")).is_err());
}

#[test]
fn a_last_plus_takes_several_segments() {
    let route = Route::get("/files/{path+}");
    let request = route.request(&json!({"path": ["a", "b"]}));
    assert_eq!(request, Ok(Request::get(["files", "a", "b"])));
    assert!(route.request(&json!({"path": "a/b"})).is_err());
}

#[test]
fn form_fields_are_pairs() {
    let route = Route::post("/token").form(&["grant", "n"]);
    let request = route.request(&json!({"n": 3, "grant": "x"})).unwrap();
    let fields = vec![("grant".to_owned(), "x".to_owned()), ("n".to_owned(), "3".to_owned())];
    assert_eq!(request.body, Some(Body::Form(fields)));
}

#[test]
fn the_declaration_is_the_routes_and_asks_for_approval() {
    let action = NOTE.action("edit-note");
    assert_eq!(action.path, "/v1/notes/{id}");
    assert_eq!(action.query, ["page", "filter"]);
    assert_eq!(action.body, BodyMode::Json);
    assert_eq!(action.effect, Effect::Write);
    assert_eq!(action.approval, ApprovalMode::RequireApproval);
    let read = Route::get("/v1/notes").action("list-notes").automatic();
    assert_eq!(read.approval, ApprovalMode::Automatic);
    assert_eq!(read.write().approval, ApprovalMode::RequireApproval);
}
