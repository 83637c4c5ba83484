//! Inputs of the body, and a body that is one input.

use portcullis_plugin::Body;

use super::{Case, Value, json, json_body};

fn named(body: &'static str, properties: Value) -> Case {
    Case { body, ..Case::of(json!({"body": {"type": "object", "properties": properties}})) }
}

#[test]
fn members_keep_the_schemas_order_and_not_the_inputs() {
    let case = named("json", json!({"model": {}, "n": {"default": 1}, "messages": {}, "stop": {}}));
    for (given, sent) in [
        (json!({"messages": [], "model": "m"}), r#"{"model":"m","n":1,"messages":[]}"#),
        (
            json!({"stop": null, "n": null, "model": {"b": 1, "a": 2}}),
            r#"{"model":{"b":1,"a":2},"n":null,"stop":null}"#,
        ),
        (json!({"messages": [{"z": 1.0, "y": [true]}]}), r#"{"n":1,"messages":[{"z":1.0,"y":[true]}]}"#),
    ] {
        assert_eq!(case.request(json!({"body": given})).unwrap().body, json_body(sent));
    }
}

#[test]
fn an_object_is_sent_even_when_empty() {
    let case = named("json", json!({"a": {}}));
    for input in [json!({}), json!({"body": {}})] {
        assert_eq!(case.request(input).unwrap().body, json_body("{}"));
    }
    assert_eq!(named("json", json!({})).request(json!({})).unwrap().body, json_body("{}"));
}

#[test]
fn a_default_of_null_is_sent() {
    let case = named("json", json!({"a": {"default": null}, "b": true}));
    assert_eq!(case.request(json!({})).unwrap().body, json_body(r#"{"a":null}"#));
}

#[test]
fn a_whole_body_is_the_value_as_given_and_has_no_defaults_of_its_own() {
    for schema in [
        json!({"type": "object"}),
        json!({"$ref": "#/$defs/body"}),
        json!({"allOf": [{"properties": {"a": {"default": 1}}}]}),
        json!({"default": {"a": 1}}),
        json!(true),
    ] {
        let case = Case { body: "json", ..Case::of(json!({"body": schema})) };
        for (given, sent) in [
            (json!({"z": 1, "a": {"y": 2, "b": null}}), r#"{"z":1,"a":{"y":2,"b":null}}"#),
            (json!([1, "two"]), r#"[1,"two"]"#),
            (json!("text"), r#""text""#),
            (json!(null), "null"),
            (json!({}), "{}"),
        ] {
            assert_eq!(case.request(json!({"body": given})).unwrap().body, json_body(sent));
        }
        assert_eq!(case.request(json!({})).unwrap().body, None);
    }
}

#[test]
fn form_fields_read_as_in_the_query_and_lists_are_refused() {
    let case = named("form", json!({"a": {}, "b": {"default": true}, "c": {}}));
    for (input, fields) in [
        (json!({"body": {"c": 1.5, "a": "x&y"}}), vec![("a", "x&y"), ("b", "true"), ("c", "1.5")]),
        (json!({"body": {"b": null, "a": ""}}), vec![("a", "")]),
        (json!({}), vec![("b", "true")]),
    ] {
        let fields = fields.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        assert_eq!(case.request(input).unwrap().body, Some(Body::Form(fields)));
    }
    for given in [json!([]), json!(["x"]), json!({})] {
        assert_eq!(case.refused_at(json!({"body": {"c": given}})), "/body/c", "{given}");
    }
}

#[test]
fn a_form_is_sent_even_when_empty() {
    let empty = Some(Body::Form(Vec::new()));
    assert_eq!(named("form", json!({"a": {}})).request(json!({})).unwrap().body, empty);
    assert_eq!(Case { body: "form", ..Case::of(json!({})) }.request(json!({})).unwrap().body, empty);
}

#[test]
fn a_mode_that_cannot_carry_what_the_schema_takes_is_the_definitions_fault() {
    let whole = json!({"body": {"type": "object"}});
    let input = json!({"body": {"a": 1}});
    assert!(named("none", json!({"a": {}})).is_broken(input.clone()));
    assert!(named("text", json!({"a": {}})).is_broken(input.clone()));
    for body in ["none", "form", "text"] {
        assert!(Case { body, ..Case::of(whole.clone()) }.is_broken(input.clone()), "{body}");
    }
    assert!(Case { body: "text", ..Case::of(json!({})) }.is_broken(json!({})));
    for body in ["none", "json"] {
        assert_eq!(Case { body, ..Case::of(json!({})) }.request(json!({})).unwrap().body, None);
    }
    assert!(Case { body: "json", ..Case::of(whole) }.request(input).is_ok());
}
