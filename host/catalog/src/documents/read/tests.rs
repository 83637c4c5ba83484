//! A document is read whole: every problem and every unknown member at its place.

use portcullis_model::{Code, Problem, Refusal};
use serde_json::{Map, Value, json};

use crate::{ActionTemplate, Document, Read};

fn good() -> Value {
    json!({
        "formatVersion": 1, "kind": "dock_integration", "slug": "weather", "title": "Weather", "summary": "The weather.",
        "description": "Reads the weather.", "version": "1.0.0", "publisher": {"slug": "maker", "name": "Maker"},
        "category": "Data", "tags": ["weather"],
        "portTemplates": [{"kind": "http_api", "label": "Weather", "description": "Weather.",
            "baseUrl": "https://api.weather.example", "authMode": "header_token", "authHeaderName": "X-Api-Key"}],
        "actionTemplates": [{"slug": "read", "label": "Read", "description": "Reads.", "method": "GET",
            "path": "/v1/{city}", "inputs": {"parameters": [
                {"name": "city", "in": "path", "schema": {"type": "string"}, "required": true},
                {"name": "units", "in": "query", "schema": {"$ref": "#/$defs/Units"}, "default": "metric"}]},
            "approvalMode": "automatic", "requestBodyMode": "none", "resultMode": "json"}],
        "$defs": {"Units": {"enum": ["metric", "imperial"]}}
    })
}

fn read(value: &Value) -> Result<Read, Vec<(String, String)>> {
    Document::parse(&value.to_string()).map_err(|refusal| {
        assert_eq!(refusal.code(), Code::BadDocument);
        refusal.places().iter().map(|detail| (detail.at.clone(), detail.what.clone())).collect()
    })
}

/// The good document with a value put at a place.
fn with(at: &str, value: Value) -> Value {
    let mut document = good();
    let (parent, name) = at.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(map) => {
            map.insert(name.to_owned(), value);
        }
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{at}"),
    }
    document
}

#[test]
fn a_good_document_is_read_without_a_word() {
    let read = read(&good()).unwrap();
    assert_eq!(read.warnings, []);
    let action = &read.document.manifest().unwrap().actions[0];
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["path"], "properties": {
        "path": {"type": "object", "additionalProperties": false, "required": ["city"],
            "properties": {"city": {"type": "string"}}},
        "query": {"type": "object", "additionalProperties": false,
            "properties": {"units": {"$ref": "#/$defs/Units", "default": "metric"}}}},
        "$defs": {"Units": {"enum": ["metric", "imperial"]}}});
    assert_eq!(action.input_schema, schema.to_string());
    assert_eq!(action.examples[0].input, r#"{"path":{"city":"example"}}"#);
    assert_eq!(action.examples[0].expected.path, ["v1", "example"]);
    assert_eq!(action.examples[0].expected.query, [("units".to_owned(), "metric".to_owned())]);
}

#[test]
fn what_is_unknown_is_named_and_not_in_the_way() {
    for at in [
        "/x",
        "/publisher/x",
        "/portTemplates/0/x",
        "/actionTemplates/0/x",
        "/actionTemplates/0/inputs/x",
        "/actionTemplates/0/inputs/parameters/0/x",
        "/x~1y",
    ] {
        let read = read(&with(&at.replace("~1", "\u{7f}"), json!({"a": 1})));
        let at = at.replace("~1", "\\u{7f}");
        assert_eq!(read.unwrap().warnings.iter().map(|w| w.at.as_str()).collect::<Vec<_>>(), [at]);
    }
    assert_eq!(read(&with("/requiredPlan", Value::Null)).unwrap().warnings, []);
    let mut asking = with("/actionTemplates/0/requestBodyMode", json!("json"));
    asking["actionTemplates"][0]["method"] = json!("POST");
    asking["actionTemplates"][0]["approvalMode"] = json!("require_approval");
    let parameters = asking["actionTemplates"][0]["inputs"]["parameters"].as_array_mut().unwrap();
    parameters.push(json!({"name": "password", "in": "body", "schema": {"type": "string"}}));
    let warnings = read(&asking).unwrap().warnings;
    assert_eq!(warnings[0].at, "/actionTemplates/0/inputs/parameters/2/name", "{warnings:?}");
}

#[test]
fn every_problem_is_listed_at_its_place() {
    let mut document = good();
    document["formatVersion"] = json!("1");
    document["slug"] = json!("No Slug");
    document["tags"] = json!(["ok", 5]);
    document["publisher"]["websiteUrl"] = json!("http://plain.example");
    document["portTemplates"][0]["baseUrl"] = json!("https://api.weather.example/v1?x");
    document["actionTemplates"][0]["resultMode"] = json!("xml");
    document["actionTemplates"][0]["inputs"]["parameters"][1]["in"] = json!("header");
    document["actionTemplates"][0].as_object_mut().unwrap().shift_remove("label");
    document["actionTemplates"].as_array_mut().unwrap().push(json!("not an action"));
    let problems = read(&document).unwrap_err();
    let places: Vec<&str> = problems.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(
        places,
        [
            "/formatVersion",
            "/tags/1",
            "/actionTemplates/0/label",
            "/actionTemplates/0/inputs/parameters/1/in",
            "/actionTemplates/1",
            "/actionTemplates/0/resultMode",
            "/slug",
            "/portTemplates/0/baseUrl",
            "/publisher/websiteUrl",
        ],
        "{problems:#?}"
    );
}

#[test]
fn a_credential_is_reported_alone_and_never_quoted() {
    let mut document = with("/portTemplates/0/authToken", json!("hunter2-hunter2"));
    document["slug"] = json!("hunter2 hunter2");
    let refusal = Document::parse(&document.to_string()).unwrap_err();
    assert_eq!(refusal.places().len(), 1);
    assert_eq!(refusal.places()[0].at, "/portTemplates/0/authToken");
    let said = serde_json::to_string(&refusal).unwrap();
    assert!(!said.contains("hunter2"), "{said}");
    assert_eq!(refusal.code(), Code::BadDocument);
}

#[test]
fn a_document_that_was_put_together_is_held_to_the_same_rules() {
    let read = read(&good()).unwrap().document;
    assert!(read.check().is_ok() && read.manifest().is_ok());
    let refused = |document: &Document| {
        let place = |refusal: Refusal| refusal.places()[0].at.clone();
        (document.check().map_err(place), document.manifest().map_err(place).map(|_| ()))
    };
    let mut leaking = read.clone();
    leaking.help_text = Some(["xo", "xb-", "1234567890-abcdefghij"].concat());
    assert_eq!(refused(&leaking), (Err("/helpText".to_owned()), Err("/helpText".to_owned())));
    let mut wrong = read;
    wrong.action_templates[0].method = "DELETE".to_owned();
    let at = "/actionTemplates/0/approvalMode".to_owned();
    assert_eq!(refused(&wrong), (Err(at.clone()), Err(at)));
}

#[test]
fn a_prefix_is_a_word_and_what_is_no_word_is_never_quoted() {
    for (prefix, is_fine) in [
        ("Bearer", true),
        ("", true),
        ("Zoho-oauthtoken", true),
        ("Bearer ", false),
        ("a b", false),
        ("hunter2", false),
        ("abcdefghijklmnopqrstuvwxyz", false),
    ] {
        let result = read(&with("/portTemplates/0/authTokenPrefix", json!(prefix)));
        assert_eq!(result.is_ok(), is_fine, "{prefix}");
        for (at, what) in result.err().unwrap_or_default() {
            assert_eq!(at, "/portTemplates/0/authTokenPrefix");
            assert!(!what.contains("hunter2"), "{what}");
        }
    }
}

#[test]
fn size_and_depth_are_bounded_before_anything_else() {
    let long = format!("{}{}", good(), " ".repeat(super::MAX_DOCUMENT_BYTES));
    assert!(Document::parse(&long).unwrap_err().message().contains("bytes"));
    let mut deep = json!(1);
    for _ in 0..80 {
        deep = json!([deep]);
    }
    for text in [with("/x", deep).to_string(), r#"{"slug": 1, "slug": 2}"#.to_owned(), "nonsense".to_owned()] {
        let refusal = Document::parse(&text).unwrap_err();
        assert_eq!(refusal.code(), Code::BadDocument);
        assert!(refusal.message().contains("strict JSON"), "{refusal}");
    }
}

#[test]
fn shared_schemas_are_not_multiplied_without_end() {
    let big = json!({"enum": ["x".repeat(300 << 10)]});
    let mut document = with("/$defs/Big", big);
    document["$defs"]["Two"] = json!({"anyOf": [{"$ref": "#/$defs/Big"}, {"$ref": "#/$defs/Other"}]});
    document["$defs"]["Other"] = json!({"enum": ["y".repeat(300 << 10)]});
    let mut action = document["actionTemplates"][0].clone();
    action["inputs"]["parameters"][1]["schema"] = json!({"$ref": "#/$defs/Two"});
    let mut over = document.clone();
    over["actionTemplates"] = json!([action]);
    assert!(
        read(&over).unwrap_err().iter().any(|(at, what)| at == "/actionTemplates/0/inputs" && what.contains("512"))
    );

    action["inputs"]["parameters"][1]["schema"] = json!({"$ref": "#/$defs/Big"});
    action["inputs"]["parameters"][1]["default"] = json!("x");
    let many = |count: usize| {
        let each = (0..count).map(|n| {
            let mut action = action.clone();
            action["slug"] = json!(format!("read{n}"));
            action
        });
        let mut many = document.clone();
        many["actionTemplates"] = each.collect();
        read(&many)
    };
    assert!(many(50).is_ok());
    assert!(many(500).unwrap_err().iter().any(|(at, what)| at == "/actionTemplates" && what.contains("bytes")));
}

#[test]
fn an_action_alone_is_held_to_the_same_rules() {
    let defs: Map<String, Value> = good()["$defs"].as_object().unwrap().clone();
    let mut action = good()["actionTemplates"][0].clone();
    let read = ActionTemplate::parse(&action.to_string(), &defs).unwrap();
    let draft = read.action.declare(&defs).unwrap();
    assert_eq!(draft, Document::parse(&good().to_string()).unwrap().document.manifest().unwrap().actions[0]);

    action["method"] = json!("DELETE");
    action["path"] = json!("/v1/{town}");
    action["more"] = json!(1);
    let places = |problems: &[Problem]| problems.iter().map(|p| p.at.clone()).collect::<Vec<_>>();
    let refusal = ActionTemplate::parse(&action.to_string(), &defs).unwrap_err();
    let wanted = ["/approvalMode", "/path", "/inputs/parameters/0/name"];
    assert_eq!(refusal.places().iter().map(|d| d.at.as_str()).collect::<Vec<_>>(), wanted);
    let built: ActionTemplate = serde_json::from_value(action.clone()).unwrap();
    assert_eq!(places(&built.declare(&defs).unwrap_err()), wanted);
    action["description"] = json!(["sk", "-", "abcdefghij0123456789"].concat());
    let leaked: ActionTemplate = serde_json::from_value(action).unwrap();
    assert_eq!(places(&leaked.declare(&defs).unwrap_err()), ["/description"]);
}
