//! Definitions: every word of them, and none that is not known.

use portcullis_plugin::{
    Action, ApprovalMode, Auth, Body, BodyMode, Effect, HeaderAuth, Method, Plugin, Publisher, ResultMode, Traits,
};

use super::{Case, Value, json, whole};
use crate::{Definition, NotADefinition, Template};

fn read(value: &Value) -> Result<Definition, NotADefinition> {
    Definition::read(&value.to_string())
}

/// The action of a definition in which one member is another.
fn with(member: &str, value: Value) -> Result<Action, NotADefinition> {
    let mut definition = whole();
    definition["manifest"]["actions"][0][member] = value;
    read(&definition).map(|definition| definition.into_manifest().actions.remove(0))
}

#[test]
fn everything_that_is_said_is_declared() {
    let manifest = read(&whole()).unwrap().into_manifest();
    let (port, action) = (manifest.port, &manifest.actions[0]);
    assert_eq!((manifest.version.as_str(), port.slug.as_str(), port.label.as_str()), ("1.2.3", "things", "Things"));
    assert_eq!((port.description.as_str(), port.origin.as_str()), ("Keeps things.", "https://things.example"));
    assert_eq!(port.auth, Auth::Header(HeaderAuth { name: "x-things-key".to_owned(), prefix: "Key ".to_owned() }));
    assert_eq!((port.category.as_str(), port.tags), ("Storage", vec!["things".to_owned(), "more".to_owned()]));
    assert_eq!(port.publisher, Publisher::new("example", "Example Ltd").website("https://example.com"));
    assert_eq!((action.slug.as_str(), action.label.as_str()), ("do-thing", "Do a thing"));
    assert_eq!((action.description.as_str(), action.path.as_str()), ("Does it.", "/v1/things"));
    assert_eq!((action.query.clone(), action.headers.clone()), (vec!["a".to_owned()], vec!["x-trace".to_owned()]));
    assert_eq!((action.input_schema.as_str(), action.output_schema.as_deref()), ("{}", Some("{\"type\":\"object\"}")));
    assert_eq!((action.approval, action.effect), (ApprovalMode::RequireApproval, Effect::Write));
    assert_eq!((action.result, action.traits), (ResultMode::JsonSummary, Traits::PROMPT_BEARING));
    let example = &action.examples[0];
    assert_eq!((example.title.as_str(), example.input.as_str()), ("One", "{}"));
    let expected = portcullis_plugin::Request::post(["v1", "things"]).query("a", 1).header("x-trace", "t");
    assert_eq!(example.expected, expected.json("{\"b\":2}"));
}

#[test]
fn every_word_has_its_meaning_and_others_have_none() {
    let methods = [
        ("GET", Method::Get),
        ("HEAD", Method::Head),
        ("POST", Method::Post),
        ("PUT", Method::Put),
        ("PATCH", Method::Patch),
        ("DELETE", Method::Delete),
    ];
    for (word, method) in methods {
        assert_eq!(with("method", json!(word)).unwrap().method, method);
    }
    let modes =
        [("none", BodyMode::None), ("json", BodyMode::Json), ("form", BodyMode::Form), ("text", BodyMode::Text)];
    for (word, mode) in modes {
        assert_eq!(with("body", json!(word)).unwrap().body, mode);
    }
    assert_eq!(with("approval", json!("automatic")).unwrap().approval, ApprovalMode::Automatic);
    assert_eq!(with("effect", json!("read")).unwrap().effect, Effect::Read);
    assert_eq!(with("effect", json!("destructive")).unwrap().effect, Effect::Destructive);
    assert_eq!(with("result", json!("json")).unwrap().result, ResultMode::Json);
    assert_eq!(with("result", json!("text")).unwrap().result, ResultMode::Text);
    assert_eq!(with("output_schema", json!(null)).unwrap().output_schema, None);
    let billable = with("traits", json!({"prompt_bearing": false, "billable": true})).unwrap();
    assert_eq!(billable.traits, Traits::BILLABLE);
    for member in ["method", "body", "approval", "effect", "result"] {
        for wrong in [json!("get"), json!("NONE"), json!("anything"), json!(""), json!(1), json!(null)] {
            assert_eq!(with(member, wrong.clone()), Err(NotADefinition), "{member} {wrong}");
        }
    }
}

#[test]
fn every_way_to_attach_a_credential_is_read() {
    let auth = |value: Value| {
        let mut definition = whole();
        definition["manifest"]["port"]["auth"] = value;
        read(&definition).map(|definition| definition.into_manifest().port.auth)
    };
    assert_eq!(auth(json!("bearer")), Ok(Auth::Bearer));
    assert_eq!(auth(json!("none")), Ok(Auth::None));
    for wrong in
        [json!("header"), json!("Bearer"), json!({"bearer": null}), json!({"header": {"name": "x"}}), json!({})]
    {
        assert_eq!(auth(wrong.clone()), Err(NotADefinition), "{wrong}");
    }
}

#[test]
fn every_kind_of_body_is_read_in_an_example() {
    let body = |value: Value| {
        let mut definition = whole();
        definition["manifest"]["actions"][0]["examples"][0]["expected"]["body"] = value;
        read(&definition)
            .map(|definition| definition.into_manifest().actions.remove(0).examples.remove(0).expected.body)
    };
    assert_eq!(body(json!({"text": "t"})), Ok(Some(Body::Text("t".to_owned()))));
    let form = Body::Form(vec![("a".to_owned(), "1".to_owned())]);
    assert_eq!(body(json!({"form": [["a", "1"]]})), Ok(Some(form)));
    for wrong in [json!({}), json!({"json": "1", "text": "t"}), json!({"form": [["a"]]}), json!({"xml": ""}), json!("")]
    {
        assert_eq!(body(wrong.clone()), Err(NotADefinition), "{wrong}");
    }
}

/// Every place in a definition, by pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| places(value, &format!("{at}/{n}"), found))
        }
        _ => {}
    }
}

#[test]
fn nothing_may_be_added_changed_to_another_kind_or_left_out() {
    let whole = whole();
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    assert!(all.len() > 50, "{all:?}");
    for at in all {
        let mut other = whole.clone();
        *other.pointer_mut(&at).unwrap() = json!(1.5);
        assert_eq!(read(&other), Err(NotADefinition), "a number at {at}");
        if let Some(Value::Object(_)) = whole.pointer(&at) {
            let mut more = whole.clone();
            more.pointer_mut(&at).unwrap()["more"] = json!(null);
            assert_eq!(read(&more), Err(NotADefinition), "a member more at {at}");
        }
        let Some((parent, name)) = at.rsplit_once('/') else { continue };
        let mut less = whole.clone();
        let Some(Value::Object(members)) = less.pointer_mut(parent) else { continue };
        members.remove(name);
        let may_be_left_out = parent.ends_with("/expected") && ["query", "headers", "body"].contains(&name);
        assert_eq!(read(&less).is_ok(), may_be_left_out, "without {at}");
    }
}

#[test]
fn a_definition_cut_short_or_scrambled_is_none_and_never_a_panic() {
    let text = whole().to_string();
    for end in 0..text.len() {
        assert_eq!(Definition::read(&text[..end]), Err(NotADefinition), "{end}");
        let mut bytes = text.clone().into_bytes();
        bytes[end] ^= 0x04;
        if let Ok(text) = std::str::from_utf8(&bytes)
            && let Ok(definition) = Definition::read(text)
        {
            drop(definition.describe("do-thing", &json!({"path": {}, "query": {"a": 1}, "body": {}})));
        }
    }
    assert_eq!(Definition::read(&"[".repeat(10_000)), Err(NotADefinition));
    assert_eq!(Definition::read(&"{\"manifest\":".repeat(10_000)), Err(NotADefinition));
}

#[test]
fn a_schema_of_another_shape_is_the_definitions_fault() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let schema = |text: String| {
        let mut definition = whole();
        definition["manifest"]["actions"][0]["input_schema"] = json!(text);
        definition["manifest"]["actions"][0]["body"] = json!("none");
        read(&definition).unwrap().describe("do-thing", &json!({}))
    };
    for good in [
        "{}".to_owned(),
        "true".to_owned(),
        r#"{"properties":{}}"#.to_owned(),
        r#"{"properties":{"query":{"properties":{"a":true}}}}"#.to_owned(),
        // What a call does not need is not read, however it is made.
        format!(
            r#"{{"$defs":{},"properties":{{"query":{{"properties":{{"a":{{"items":{}}}}}}}}}}}"#,
            deep(10_000),
            deep(10_000)
        ),
    ] {
        assert!(schema(good.clone()).is_ok(), "{}", &good[..good.len().min(80)]);
    }
    for bad in [
        String::new(),
        "[]".to_owned(),
        "[{}]".to_owned(),
        "null".to_owned(),
        "\"{}\"".to_owned(),
        "{".to_owned(),
        r#"{"properties":[]}"#.to_owned(),
        r#"{"properties":{"headers":{}}}"#.to_owned(),
        r#"{"properties":{"query":true}}"#.to_owned(),
        r#"{"properties":{"query":{}}}"#.to_owned(),
        r#"{"properties":{"path":{"type":"object"}}}"#.to_owned(),
        r#"{"properties":{"query":{"properties":["a"]}}}"#.to_owned(),
        r#"{"properties":{"query":{"properties":{"a":1}}}}"#.to_owned(),
        r#"{"properties":{"query":{"properties":{}},"query":{"properties":{}}}}"#.to_owned(),
        format!(r#"{{"properties":{{"query":{{"properties":{{"a":{{"default":{}}}}}}}}}}}"#, deep(10_000)),
        deep(10_000),
    ] {
        assert_eq!(schema(bad.clone()), Err(crate::refused::broken()), "{}", &bad[..bad.len().min(80)]);
    }
}

#[test]
fn a_broken_definition_of_an_action_is_told_from_an_input_that_does_not_fit() {
    let case = Case { query: vec!["a"], ..Case::of(json!({"query": {"properties": {"a": {}}}})) };
    assert!(case.request(json!({"query": {"a": 1}})).is_ok());
    assert!(!case.is_broken(json!({"query": {"a": {}}})));
    // The export itself is a plugin as any other.
    let _: fn(&str, &Value) -> _ = <Template as Plugin>::describe;
}
