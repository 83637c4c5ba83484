//! Inputs of the path.

use super::{Case, Value, json};

fn one() -> Case {
    Case { path: "/v1/things/{id}/parts", ..Case::of(json!({"path": {"properties": {"id": {}}}})) }
}

fn several() -> Case {
    Case { path: "/files/{name+}", ..Case::of(json!({"path": {"properties": {"name": {}}}})) }
}

#[test]
fn text_and_whole_numbers_become_one_segment() {
    for (given, segment) in [
        (json!("a-1"), "a-1"),
        // Whether it is fit for a path is the host's to say.
        (json!("../a b%/"), "../a b%/"),
        (json!(""), ""),
        (json!(7), "7"),
        (json!(-7), "-7"),
        (json!(u64::MAX), "18446744073709551615"),
    ] {
        let request = one().request(json!({"path": {"id": given}})).unwrap();
        assert_eq!(request.path, ["v1", "things", segment, "parts"]);
    }
}

#[test]
fn anything_else_is_refused_where_it_is() {
    for given in [json!(null), json!(true), json!(1.5), json!(1e30), json!(["a"]), json!({})] {
        assert_eq!(one().refused_at(json!({"path": {"id": given}})), "/path/id", "{given}");
    }
}

#[test]
fn a_missing_segment_is_refused_and_a_default_is_one() {
    for input in [json!({}), json!({"path": {}})] {
        assert_eq!(one().refused_at(input.clone()), "/path/id");
        let properties = json!({"path": {"properties": {"id": {"default": "main"}}}});
        let request = Case { properties, ..one() }.request(input).unwrap();
        assert_eq!(request.path, ["v1", "things", "main", "parts"]);
    }
}

#[test]
fn a_list_becomes_segments() {
    let path = |given: Value| several().request(json!({"path": {"name": given}})).unwrap().path;
    assert_eq!(path(json!(["a"])), ["files", "a"]);
    assert_eq!(path(json!(["a", 2, "c/d"])), ["files", "a", "2", "c/d"]);
    for (given, place) in [
        (json!("a"), "/path/name"),
        (json!([]), "/path/name"),
        (json!(["a", null]), "/path/name/1"),
        (json!([["a"]]), "/path/name/0"),
        (json!(["a", "b", 0.5]), "/path/name/2"),
    ] {
        assert_eq!(several().refused_at(json!({"path": {"name": given}})), place, "{given}");
    }
    assert_eq!(several().refused_at(json!({})), "/path/name");
}

#[test]
fn a_path_without_names_takes_none() {
    for (path, segments) in [("/", vec![]), ("/v1", vec!["v1"]), ("/v1/a:b", vec!["v1", "a:b"])] {
        assert_eq!(Case { path, ..Case::of(json!({})) }.request(json!({})).unwrap().path, segments);
    }
}

#[test]
fn an_input_that_the_template_has_no_place_for_is_not_dropped() {
    let both = json!({"path": {"properties": {"id": {}, "other": {}}}});
    let case = Case { properties: both, ..one() };
    assert!(case.is_broken(json!({"path": {"id": "a", "other": "b"}})));
    assert!(case.request(json!({"path": {"id": "a"}})).is_ok());
    let default = json!({"path": {"properties": {"id": {}, "other": {"default": 1}}}});
    assert!(Case { properties: default, ..one() }.is_broken(json!({"path": {"id": "a"}})));
}

#[test]
fn a_name_is_escaped_in_a_pointer() {
    let case = Case { path: "/{a~b}", ..Case::of(json!({"path": {"properties": {"a~b": {}}}})) };
    assert_eq!(case.refused_at(json!({"path": {"a~b": null}})), "/path/a~0b");
}
