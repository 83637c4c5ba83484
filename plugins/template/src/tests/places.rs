//! What has no place in a request is refused, and never dropped.

use super::{Case, json};
use crate::Definition;

fn all() -> Case {
    let place = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    Case {
        path: "/v1/{id}",
        query: vec!["page"],
        body: "json",
        properties: json!({"path": place("id"), "query": place("page"), "body": place("name")}),
    }
}

#[test]
fn what_the_schema_does_not_name_is_refused_where_it_is() {
    let good = json!({"path": {"id": "a"}, "query": {"page": "2"}, "body": {"name": "n"}});
    assert!(all().request(good.clone()).is_ok());
    for (place, member, pointer) in [
        ("path", "more", "/path/more"),
        ("query", "more", "/query/more"),
        ("body", "more", "/body/more"),
        ("body", "Name", "/body/Name"),
        ("query", "a/b~c", "/query/a~1b~0c"),
        ("query", "", "/query/"),
    ] {
        let mut input = good.clone();
        input[place][member] = json!("x");
        assert_eq!(all().refused_at(input), pointer);
    }
    for member in ["headers", "Path", "origin", ""] {
        let mut input = good.clone();
        input[member] = json!({});
        assert_eq!(all().refused_at(input), format!("/{member}"));
    }
}

#[test]
fn a_place_that_takes_nothing_takes_not_even_an_empty_object() {
    let none = Case { body: "json", ..Case::of(json!({})) };
    for place in ["path", "query", "body"] {
        assert_eq!(none.refused_at(json!({place: {}})), format!("/{place}"));
    }
    assert!(none.request(json!({})).is_ok());
}

#[test]
fn a_place_is_an_object() {
    for place in ["path", "query", "body"] {
        for given in [json!(null), json!([]), json!("x"), json!(1)] {
            let mut input = json!({"path": {"id": "a"}});
            input[place] = given;
            assert_eq!(all().refused_at(input), format!("/{place}"));
        }
    }
}

#[test]
fn an_input_is_an_object() {
    for input in [json!(null), json!([]), json!("x"), json!(1)] {
        assert_eq!(all().request(input).unwrap_err().pointer, None);
    }
}

#[test]
fn a_place_left_out_is_as_good_as_empty() {
    let request = all().request(json!({"path": {"id": "a"}})).unwrap();
    assert_eq!(request, all().request(json!({"path": {"id": "a"}, "query": {}, "body": {}})).unwrap());
    assert!(request.query.is_empty() && request.headers.is_empty());
}

#[test]
fn only_the_action_asked_for_answers() {
    let definition = Definition::read(&all().text()).unwrap();
    let input = json!({"path": {"id": "a"}});
    assert!(definition.describe("do-thing", &input).is_ok());
    for other in ["", "do-things", "DO-THING"] {
        let refusal = definition.describe(other, &input).unwrap_err();
        assert_eq!(refusal.reason, portcullis_plugin::RefusalReason::UnknownAction);
    }
}
