//! Inputs of the query.

use super::{Case, Value, json};

fn case(query: &[&'static str], properties: Value) -> Case {
    Case { query: query.to_vec(), ..Case::of(json!({"query": {"properties": properties}})) }
}

#[test]
fn each_kind_of_value_reads_as_the_rules_say() {
    let case = case(&["a"], json!({"a": {}}));
    for (given, text) in [
        (json!("x y&\"z\""), Some("x y&\"z\"")),
        (json!(""), Some("")),
        (json!(3), Some("3")),
        (json!(-0.5), Some("-0.5")),
        (json!(1.0), Some("1.0")),
        (json!(true), Some("true")),
        (json!(false), Some("false")),
        (json!(null), None),
        (json!([]), None),
        (json!(["a", "b"]), Some("a,b")),
        (json!(["a", 1, 2.5, true, ""]), Some("a,1,2.5,true,")),
        (json!([""]), Some("")),
    ] {
        let request = case.request(json!({"query": {"a": given}})).unwrap();
        let expected: Vec<_> = text.map(|text| ("a".to_owned(), text.to_owned())).into_iter().collect();
        assert_eq!(request.query, expected, "{given}");
    }
    for (given, place) in [
        (json!({}), "/query/a"),
        (json!({"b": 1}), "/query/a"),
        (json!([{}]), "/query/a/0"),
        (json!(["x", ["y"]]), "/query/a/1"),
        (json!(["x", "y", null]), "/query/a/2"),
    ] {
        assert_eq!(case.refused_at(json!({"query": {"a": given}})), place, "{given}");
    }
}

#[test]
fn the_order_is_that_of_the_declared_keys() {
    let case = case(&["c", "a", "b"], json!({"a": {}, "b": {"default": "from the schema"}, "c": {}}));
    let keys =
        |input: Value| -> Vec<String> { case.request(input).unwrap().query.into_iter().map(|(key, _)| key).collect() };
    assert_eq!(keys(json!({"query": {"b": 1, "a": 2, "c": 3}})), ["c", "a", "b"]);
    assert_eq!(keys(json!({"query": {"a": 2}})), ["a", "b"]);
}

#[test]
fn a_default_stands_in_for_what_is_absent_only() {
    let case = case(&["a"], json!({"a": {"type": "integer", "default": 10}}));
    for (input, text) in [
        (json!({}), Some("10")),
        (json!({"query": {}}), Some("10")),
        (json!({"query": {"a": 3}}), Some("3")),
        (json!({"query": {"a": null}}), None),
    ] {
        let request = case.request(input.clone()).unwrap();
        assert_eq!(request.query.first().map(|(_, text)| text.as_str()), text, "{input}");
    }
}

#[test]
fn a_default_of_null_is_one_and_is_left_out() {
    let case = case(&["a", "b"], json!({"a": {"default": null}, "b": {"default": [1, 2]}}));
    assert_eq!(case.request(json!({})).unwrap().query, [("b".to_owned(), "1,2".to_owned())]);
}

#[test]
fn a_key_that_is_declared_and_in_no_schema_takes_nothing() {
    let case = case(&["a", "b"], json!({"a": {}}));
    assert_eq!(case.refused_at(json!({"query": {"b": 1}})), "/query/b");
    assert!(case.request(json!({"query": {"a": 1}})).is_ok());
}

#[test]
fn an_input_that_the_action_does_not_declare_is_not_dropped() {
    let case = case(&["a"], json!({"a": {}, "b": {}}));
    assert!(case.is_broken(json!({"query": {"a": 1, "b": 2}})));
    assert!(case.request(json!({"query": {"a": 1}})).is_ok());
}
