//! Each rule of how an input becomes a request, beside what it refuses.

use portcullis_model::{Body, BodyMode, Description, Method};
use serde_json::{Value, json};

use super::{Declared, Made};

fn schema() -> Value {
    json!({"type": "object", "properties": {
        "path": {"properties": {"owner": {}, "rest": {}}},
        "query": {"properties": {"q": {"default": "all"}, "n": {}, "tags": {}}},
        "body": {"properties": {"b": {}, "a": {"default": {"x": 1}}, "c": {}}}}})
}

fn made(path: &str, body: BodyMode, schema: &Value, input: &Value) -> Made<Description> {
    let query = ["tags", "n", "q"].map(str::to_owned);
    Declared { method: Method::Post, path, query: &query, body, input_schema: schema }.request(input)
}

fn at(path: &str, body: BodyMode, schema: &Value, input: &Value) -> String {
    made(path, body, schema, input).unwrap_err().at
}

#[test]
fn segments_query_and_body_are_in_declared_order_with_defaults() {
    let input = json!({"body": {"c": null, "b": [1, "two"]}, "query": {"n": 1.5, "tags": ["x", 2, true]},
        "path": {"rest": ["d", 7], "owner": "me"}});
    let description = made("/v1/{owner}/files/{rest+}", BodyMode::Json, &schema(), &input).unwrap();
    assert_eq!(description.method, Method::Post);
    assert_eq!(description.path, ["v1", "me", "files", "d", "7"]);
    let pairs = [("tags", "x,2,true"), ("n", "1.5"), ("q", "all")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(description.query, pairs);
    assert_eq!(description.body, Some(Body::Json(r#"{"b":[1,"two"],"a":{"x":1},"c":null}"#.to_owned())));
}

#[test]
fn what_is_null_or_empty_stays_out_of_a_query() {
    let input = json!({"query": {"q": null, "tags": []}, "path": {"owner": 5}});
    let description = made("/{owner}", BodyMode::Json, &schema(), &input).unwrap();
    assert_eq!(description.query, []);
    assert_eq!(description.path, ["5"]);
    assert_eq!(
        description.body,
        Some(Body::Json(r#"{"a":{"x":1}}"#.to_owned())),
        "a body of parameters is always sent"
    );
}

#[test]
fn a_form_has_fields_in_order_and_no_lists() {
    let schema = json!({"properties": {"body": {"properties": {"metadata[a]": {}, "n": {"default": 2}, "f": {}}}}});
    let description = made("/", BodyMode::Form, &schema, &json!({"body": {"f": false, "metadata[a]": "x y"}})).unwrap();
    let fields = [("metadata[a]", "x y"), ("n", "2"), ("f", "false")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(description.body, Some(Body::Form(fields.to_vec())));
    assert_eq!(at("/", BodyMode::Form, &schema, &json!({"body": {"f": [1]}})), "/body/f");
}

#[test]
fn a_body_that_is_one_value_is_sent_as_it_is_or_not_at_all() {
    let schema = json!({"properties": {"body": {"type": "object", "default": {}}}});
    let body = |input: Value| made("/", BodyMode::Json, &schema, &input).unwrap().body;
    assert_eq!(body(json!({"body": [1]})), Some(Body::Json("[1]".to_owned())));
    assert_eq!(body(json!({})), None);
}

#[test]
fn what_cannot_become_part_of_a_request_is_refused_at_its_place() {
    let all = "/{owner}/{rest+}";
    for (path, input, place) in [
        ("/{owner}", json!([]), ""),
        ("/{owner}", json!({}), "/path/owner"),
        ("/{owner}", json!({"path": {"owner": 1.5}}), "/path/owner"),
        ("/{owner}", json!({"path": {"owner": true}}), "/path/owner"),
        ("/{owner}", json!({"path": {"owner": ["a"]}}), "/path/owner"),
        ("/{owner}", json!({"path": 1}), "/path"),
        ("/{owner}", json!({"path": {"owner": "a", "other": "b"}}), "/path/other"),
        ("/{owner}", json!({"more": {}}), "/more"),
        (all, json!({"path": {"owner": "a", "rest": "b"}}), "/path/rest"),
        (all, json!({"path": {"owner": "a", "rest": [["b"]]}}), "/path/rest/0"),
        ("/", json!({"query": {"q": {"a": 1}}}), "/query/q"),
        ("/", json!({"query": {"tags": ["a", null]}}), "/query/tags/1"),
        ("/", json!({"query": {"unknown": 1}}), "/query/unknown"),
        ("/", json!({"body": {"unknown": 1}}), "/body/unknown"),
        ("/", json!({"body": []}), "/body"),
    ] {
        assert_eq!(at(path, BodyMode::Json, &schema(), &input), place, "{input}");
    }
}
