//! Finding an action and checking its input, against schemas that a stranger wrote.

use std::sync::Arc;
use std::time::Instant;

use portcullis_model::{Code, Digest, Manifest, Refusal};
use portcullis_registry::{InstalledPort, ResolvedAction, Schema};
use serde_json::{Map, Value, json};

use crate::store_support::manifest;

fn port(schema: &Value) -> InstalledPort {
    let mut draft = manifest("weather");
    draft.actions[0].input_schema = schema.to_string();
    InstalledPort::new(Manifest::check(draft).unwrap(), Digest::of(b"component"), None)
}

fn action(schema: &Value) -> Arc<ResolvedAction> {
    port(schema).resolve(&"read".parse().unwrap()).unwrap().clone()
}

fn compile(schema: &Value) -> Result<Schema, Refusal> {
    Schema::compile(schema, "weather/read")
}

/// A schema is refused, or bounds its own work: either way this returns.
fn settles(schema: &Value, input: &Value) -> Result<(), Refusal> {
    let began = Instant::now();
    let result = compile(schema).and_then(|compiled| compiled.check(input));
    assert!(began.elapsed().as_secs() < 20, "took {:?}", began.elapsed());
    result
}

fn nested(levels: usize, wrap: impl Fn(Value) -> Value, core: Value) -> Value {
    (0..levels).fold(core, |inner, _| wrap(inner))
}

/// Definitions `l0` to `l{levels}`, each made of a reference to the next.
fn ladder(levels: usize, step: impl Fn(&Value) -> Value) -> Value {
    let mut defs: Map<String, Value> =
        (0..levels).map(|n| (format!("l{n}"), step(&json!({"$ref": format!("#/$defs/l{}", n + 1)})))).collect();
    defs.insert(format!("l{levels}"), json!({"type": "null"}));
    json!({"$ref": "#/$defs/l0", "$defs": defs})
}

#[test]
fn an_unknown_action_is_refused_with_the_command_that_lists_the_others() {
    let port = port(&json!({"type": "object"}));
    let refusal = port.resolve(&"raed".parse().unwrap()).err().unwrap();
    assert_eq!(refusal.code(), Code::UnknownAction);
    assert!(refusal.message().contains("`raed`") && refusal.message().contains("`weather`"), "{refusal}");
    assert_eq!(refusal.way_out(), Some("portcullis actions weather"));
    assert!(port.resolve(&"read".parse().unwrap()).is_ok());
}

#[test]
fn every_problem_of_an_input_is_named_by_its_place() {
    let action = action(&json!({"type": "object", "additionalProperties": false, "required": ["city"], "properties": {
        "city": {"type": "string", "minLength": 2},
        "days": {"type": "integer", "maximum": 14},
        "a/b": {"type": "array", "items": {"enum": ["x", "y"]}}}}));
    assert!(action.check(r#"{"city":"oslo","days":2,"a/b":["x"]}"#).is_ok());
    let refusal = action.check(r#"{"city":"o","days":99,"a/b":["x","z"],"more":1}"#).unwrap_err();
    assert_eq!(refusal.code(), Code::InvalidInput);
    let places: Vec<&str> = refusal.places().iter().map(|detail| detail.at.as_str()).collect();
    for at in ["/city", "/days", "/a~1b/1", "/"] {
        assert!(places.contains(&at), "{at} is not in {places:?}");
    }
    assert!(refusal.way_out().unwrap().contains("weather"), "{refusal}");
    let refusal = action.check("{}").unwrap_err();
    assert!(refusal.places()[0].what.contains("city"), "{refusal}");
}

#[test]
fn problems_beyond_twenty_are_not_listed() {
    let action = action(&json!({"type": "array", "items": {"type": "null"}}));
    let refusal = action.check(&json!((0..500).collect::<Vec<_>>()).to_string()).unwrap_err();
    assert_eq!(refusal.places().len(), 20);
}

#[test]
fn input_is_strict_json_and_passed_on_as_it_was_given() {
    let action = action(&json!({}));
    for bad in
        ["", "{", "{} {}", r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, r#""\ud800""#, "[1,]", "NaN", "\u{feff}{}"]
    {
        let refusal = action.check(bad).unwrap_err();
        assert_eq!(refusal.code(), Code::InvalidInput, "{bad}");
        assert!(refusal.message().contains("strict JSON"), "{refusal}");
    }
    let given = "{ \"b\" : 1.50,\n\"a\":[ ] }";
    assert_eq!(action.check(given).unwrap().as_str(), given);
}

#[test]
fn a_strangers_words_in_an_input_do_not_reach_a_terminal_raw() {
    let action = action(&json!({"type": "object", "additionalProperties": {"type": "integer"}}));
    let refusal = action.check(r#"{"\u001b[2J\u202e":"\u001b]0;x\u0007"}"#).unwrap_err();
    let all =
        format!("{refusal} {:?}", refusal.places().iter().map(|d| format!("{} {}", d.at, d.what)).collect::<Vec<_>>());
    assert!(!all.contains('\u{1b}') && !all.contains('\u{202e}'), "{all:?}");
}

#[test]
fn references_that_lead_out_of_the_schema_are_refused() {
    for reference in [
        "https://evil.example.com/schema.json",
        "http://127.0.0.1:1/x#/a",
        "file:///etc/passwd",
        "other.json",
        "other.json#/a",
        "https://json-schema.org/draft/2020-12/schema",
        "#/$defs/missing",
        "#no-such-anchor",
    ] {
        let refusal = compile(&json!({"properties": {"a": {"$ref": reference}}})).err().expect(reference);
        assert_eq!(refusal.code(), Code::BadManifest);
        assert!(refusal.message().contains(reference), "{refusal}");
    }
    compile(&json!({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "null"}}})).unwrap();
}

#[test]
fn a_loop_is_found_however_it_is_spelled() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"$ref": "#/"}),
        json!({"$ref": "#/%24defs/a", "$defs": {"a": {"$ref": "#/%24defs/a"}}}),
        json!({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"allOf": [{"$ref": "#/$defs/a~1b"}]}}}),
        json!({"$ref": "#/$defs/%61", "$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}}),
        json!({"$id": "https://x.example/", "$ref": "https://x.example/"}),
        json!({"$id": "https://x.example/s", "$ref": "s"}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"$id": "a", "$ref": "#"}}}),
        json!({"$ref": "#me", "$anchor": "me"}),
        json!({"enum": [{"$anchor": "me"}], "allOf": [{"$anchor": "me", "not": {"$ref": "#me"}}]}),
        json!({"$dynamicAnchor": "me", "$dynamicRef": "#me"}),
        json!({"$dynamicAnchor": "me", "$defs": {"a": {"$dynamicRef": "#me"}}, "$ref": "#/$defs/a"}),
        json!({"$recursiveAnchor": true, "$recursiveRef": "#"}),
        json!({"$schema": "http://json-schema.org/draft-07/schema#", "id": "x", "$ref": "#"}),
        json!({"$schema": "http://json-schema.org/draft-04/schema#", "id": "x", "$ref": "x"}),
        json!({"if": {"$ref": "#"}}),
        json!({"then": {"$ref": "#"}, "if": true}),
        json!({"dependentSchemas": {"a": {"$ref": "#"}}}),
        json!({"dependencies": {"a": {"$ref": "#"}}}),
    ] {
        assert_eq!(compile(&schema).err().unwrap_or_else(|| panic!("{schema}")).code(), Code::BadManifest);
    }
}

#[test]
fn another_dialect_is_refused_and_ours_may_be_named() {
    for dialect in ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema", "x"] {
        assert!(compile(&json!({"$schema": dialect})).is_err(), "{dialect}");
    }
    compile(&json!({"$schema": "https://json-schema.org/draft/2020-12/schema"})).unwrap();
}

#[test]
fn references_that_double_in_one_place_are_refused() {
    for list in ["allOf", "anyOf", "oneOf"] {
        let refusal = settles(&ladder(30, |next| json!({list: [next, next]})), &json!(1)).unwrap_err();
        assert_eq!(refusal.code(), Code::BadManifest, "{list}");
    }
    let mixed = ladder(30, |next| json!({"if": next, "then": next, "else": next, "not": next}));
    assert_eq!(settles(&mixed, &json!(1)).unwrap_err().code(), Code::BadManifest);
    settles(&ladder(30, |next| json!({"allOf": [next]})), &json!(null)).unwrap();
}

#[test]
fn references_that_double_with_each_level_of_the_input_are_stopped_at_the_input() {
    let double = json!({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}}});
    let deep = |levels| nested(levels, |inner| json!([inner]), json!([]));
    settles(&double, &deep(8)).unwrap();
    let refusal = settles(&double, &deep(60)).unwrap_err();
    assert_eq!(refusal.code(), Code::InvalidInput);
    assert!(refusal.message().contains("too long"), "{refusal}");
    let object = json!({"properties": {"a": {"$ref": "#"}}, "patternProperties": {"^a$": {"$ref": "#"}}});
    assert!(settles(&object, &nested(60, |inner| json!({"a": inner}), json!({}))).is_err());
    let evaluated = ladder(40, |next| json!({"allOf": [next], "unevaluatedProperties": false}));
    assert!(settles(&evaluated, &json!({"a": 1})).is_err());
}

#[test]
fn a_recursive_schema_of_the_useful_kind_takes_a_deep_input() {
    let filter = json!({"anyOf": [
        {"type": "object", "required": ["and"], "properties": {"and": {"type": "array", "items": {"$ref": "#"}}}},
        {"type": "object", "required": ["or"], "properties": {"or": {"type": "array", "items": {"$ref": "#"}}}},
        {"type": "object", "required": ["not"], "properties": {"not": {"$ref": "#"}}},
        {"type": "string"}]});
    let input = nested(15, |inner| json!({"and": [{"or": [inner, "x"]}]}), json!({"not": "y"}));
    settles(&filter, &input).unwrap();
}

#[test]
fn a_wide_schema_on_a_long_input_is_bounded_too() {
    let wide =
        json!({"items": {"allOf": (0..20_000).map(|n| json!({"not": {"const": n + 1_000_000}})).collect::<Vec<_>>()}});
    assert!(settles(&wide, &json!((0..50_000).collect::<Vec<_>>())).is_err());
    let sizes = json!({"items": {"enum": (0..50_000).map(|n| n + 1_000_000).collect::<Vec<_>>()}});
    assert!(settles(&sizes, &json!((0..50_000).collect::<Vec<_>>())).is_err());
    // A long list of plain texts, as one embeds them, passes.
    let texts = json!({"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": true});
    settles(&texts, &json!((0..20_000).map(|n| n.to_string()).collect::<Vec<_>>())).unwrap();
}

#[test]
fn deep_schemas_and_long_chains_do_not_exhaust_the_stack() {
    for schema in [
        nested(200, |inner| json!({"properties": {"a": inner}}), json!({})),
        nested(200, |inner| json!([inner]), json!({})),
        ladder(5_000, |next| json!({"allOf": [next]})),
        ladder(5_000, |next| json!({"items": next})),
        ladder(100, |next| nested(30, |inner| json!({"items": inner}), next.clone())),
    ] {
        assert!(compile(&schema).is_err());
    }
    // What is allowed fits into the stack of a test's thread, which is that of a worker's.
    let longest = ladder(990, |next| json!({"items": next}));
    settles(&longest, &nested(60, |inner| json!([inner]), json!([]))).unwrap();
    settles(&ladder(80, |next| json!({"allOf": [next]})), &json!(null)).unwrap();
    let through_all = json!({"items": {"allOf": [{"allOf": [{"allOf": [{"$ref": "#"}]}]}]}, "type": "array"});
    settles(&through_all, &nested(63, |inner| json!([inner]), json!([]))).unwrap();
    let refusal = settles(&through_all, &nested(63, |inner| json!([inner]), json!(1))).unwrap_err();
    assert_eq!(refusal.code(), Code::InvalidInput);
    settles(&ladder(12, |next| nested(40, |inner| json!({"items": inner}), next.clone())), &json!([])).unwrap();
}

#[test]
fn patterns_are_linear_bounded_and_never_looking_around() {
    for pattern in ["(a{1000}){1000}", "(a", "(?=a)b", "(a)\\1", "a{1000000}", "[\\w\\s]{5000}"] {
        let refusal = compile(&json!({"pattern": pattern})).err().expect(pattern);
        assert_eq!(refusal.code(), Code::BadManifest, "{pattern}");
        assert!(compile(&json!({"patternProperties": {pattern: {}}})).is_err(), "{pattern}");
    }
    let text = "01".repeat(100_000);
    for pattern in ["^(a+)+$", "^([01]*)*x$", "[01]*1[01]{200}x"] {
        assert!(settles(&json!({"pattern": pattern}), &json!(text)).is_err(), "{pattern}");
    }
    settles(&json!({"pattern": "^[a-z0-9-]{1,64}$"}), &json!("mistral-small-latest")).unwrap();
}

#[test]
fn known_formats_are_checked_and_unknown_ones_let_be() {
    let format = |name: &str, text: &str| settles(&json!({"format": name}), &json!(text)).is_ok();
    assert!(format("uuid", "5c3269fe-6a18-4216-b1fb-b093005874cd") && !format("uuid", "nonsense"));
    assert!(format("date-time", "2025-10-07T20:56:01Z") && !format("date-time", "yesterday"));
    assert!(format("wished-for", "anything"));
}

#[test]
fn what_is_no_schema_is_refused_in_words() {
    for schema in
        [json!({"type": "nonsense"}), json!({"minimum": "x"}), json!({"required": "a"}), json!({"properties": []})]
    {
        let refusal = compile(&schema).err().unwrap_or_else(|| panic!("{schema}"));
        assert!(refusal.message().contains("`weather/read`"), "{refusal}");
        assert!(!refusal.message().contains(char::is_control), "{refusal}");
    }
}
