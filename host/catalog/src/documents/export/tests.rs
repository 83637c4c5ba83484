//! What is exported comes back the same; what could not is not exported.

use portcullis_model::{AuthDraft, Code, ManifestDraft};
use serde_json::{Value, json};

use crate::{ComponentRef, Document};

fn document() -> Value {
    json!({
        "formatVersion": 1, "kind": "dock_integration", "slug": "weather", "title": "Weather", "summary": "The weather.",
        "description": "Reads the weather.", "version": "1.0.0",
        "publisher": {"slug": "maker", "name": "Maker", "websiteUrl": "https://maker.example"},
        "category": "Data", "tags": ["weather", "data"],
        "portTemplates": [{"kind": "http_api", "label": "Weather", "description": "Weather\nof today.",
            "baseUrl": "https://api.weather.example", "authMode": "header_token", "authHeaderName": "X-Api-Key",
            "authTokenPrefix": "Key"}],
        "actionTemplates": [
            {"slug": "read", "label": "Read", "description": "Reads.", "method": "GET", "path": "/v1/{city}/{rest+}",
                "inputs": {"parameters": [
                    {"name": "q", "in": "query", "schema": {"description": "inner", "type": "string", "default": null}},
                    {"name": "rest", "in": "path", "schema": {"type": "array", "items": {"$ref": "#/$defs/b~1b"}}},
                    {"name": "city", "in": "path", "description": "where"},
                    {"name": "n", "in": "query", "schema": {"default": 5, "type": "integer"}, "required": true}]},
                "approvalMode": "automatic", "requestBodyMode": "none", "resultMode": "json_summary"},
            {"slug": "write", "label": "Write", "description": "Writes.", "method": "POST", "path": "/",
                "inputs": {"parameters": [
                    {"name": "a", "in": "body", "schema": true, "required": true},
                    {"name": "b", "in": "body", "schema": {"$ref": "#/$defs/a"}, "description": "outer"}]},
                "approvalMode": "require_approval", "requestBodyMode": "json", "resultMode": "text", "effect": "read",
                "promptBearing": true, "billable": true, "example": {"body": {"b": 1, "a": [2]}}},
            {"slug": "form", "label": "Form", "description": "Sends.", "method": "PUT", "path": "/f",
                "inputs": {"parameters": [{"name": "expand[]", "in": "body", "default": "x"}]},
                "approvalMode": "require_approval", "requestBodyMode": "form", "resultMode": "json"},
            {"slug": "any", "label": "Any", "description": "Any.", "method": "PATCH", "path": "/any",
                "approvalMode": "require_approval", "requestBodyMode": "json", "resultMode": "json"},
            {"slug": "whole", "label": "Whole", "description": "Whole.", "method": "DELETE", "path": "/whole",
                "inputs": {"body": {"schema": {"type": "object", "properties": {"x": {"default": 1}}},
                    "required": true}},
                "approvalMode": "require_approval", "requestBodyMode": "json", "resultMode": "json"},
            {"slug": "shared", "label": "Shared", "description": "Shared.", "method": "POST", "path": "/shared",
                "inputs": {"body": {"schema": {"$ref": "#/$defs/a"}, "required": true}},
                "approvalMode": "require_approval", "requestBodyMode": "json", "resultMode": "json"}],
        "$defs": {"c": {"type": "integer", "minimum": 1}, "a": {"anyOf": [{"$ref": "#/$defs/c"}, {"$ref": "#/$defs/b~1b"}]},
            "b/b": {"type": "string", "minLength": 1}, "unused": true}
    })
}

fn manifest() -> ManifestDraft {
    let document = Document::parse(&document().to_string()).unwrap().document;
    document.manifest().unwrap()
}

/// The manifest of the exported document, read as a file.
fn again(manifest: &ManifestDraft) -> ManifestDraft {
    let text = Document::of_port(manifest, None).unwrap().to_json().unwrap();
    let read = Document::parse(&text).unwrap();
    assert_eq!(read.warnings, []);
    read.document.manifest().unwrap()
}

#[test]
fn an_exported_port_has_the_same_manifest() {
    assert_eq!(again(&manifest()), manifest());
    let mut renamed = manifest().under(&"weather-work".parse().unwrap());
    assert_eq!(again(&renamed), renamed);
    for auth in
        [AuthDraft::None, AuthDraft::Bearer, AuthDraft::Header { name: "x-key".to_owned(), prefix: String::new() }]
    {
        renamed.port.auth = auth;
        assert_eq!(again(&renamed), renamed);
    }
}

#[test]
fn a_summary_is_made_from_the_first_words() {
    for (description, wanted) in [
        ("Reads the weather.", "Reads the weather."),
        ("\n  Reads.\nAnd more.", "Reads."),
        (&format!("{}end", "word ".repeat(40)), &format!("{}…", ["word"; 24].join(" "))),
        (&"w".repeat(200), &format!("{}…", "w".repeat(120))),
    ] {
        let mut manifest = manifest();
        manifest.port.description = description.to_owned();
        assert_eq!(Document::of_port(&manifest, None).unwrap().summary, wanted);
    }
}

#[test]
fn the_same_name_for_another_schema_becomes_another_name() {
    let mut manifest = manifest();
    let mut added = manifest.actions[1].clone();
    added.slug = "added".to_owned();
    added.input_schema = added.input_schema.replace(r#""minimum":1"#, r#""minimum":2"#);
    assert_ne!(added.input_schema, manifest.actions[1].input_schema);
    manifest.actions.push(added);
    let document = Document::of_port(&manifest, None).unwrap();
    let names: Vec<&str> = document.defs.keys().map(String::as_str).collect();
    assert_eq!(names, ["b/b", "a", "c", "a-2", "b/b-2", "c-2"]);
    let made = document.manifest().unwrap();
    assert_eq!(made.actions[..6], manifest.actions[..6]);
    let schema: Value = serde_json::from_str(&made.actions[6].input_schema).unwrap();
    assert_eq!(schema["properties"]["body"]["properties"]["b"]["$ref"], "#/$defs/a-2");
    assert_eq!(schema["$defs"]["a-2"], json!({"anyOf": [{"$ref": "#/$defs/c-2"}, {"$ref": "#/$defs/b~1b-2"}]}));
    assert_eq!(schema["$defs"]["c-2"]["minimum"], 2);
    assert_eq!(again(&made), made);
}

#[test]
fn what_no_document_can_say_is_not_exported() {
    let changes: [fn(&mut ManifestDraft); 8] = [
        |m| m.actions[0].headers = vec!["x-trace".to_owned()],
        |m| m.actions[0].output_schema = Some("{}".to_owned()),
        |m| m.actions[0].query.reverse(),
        |m| m.actions[0].input_schema = r#"{"type":"object","properties":{"city":{"type":"string"}}}"#.to_owned(),
        |m| m.actions[0].input_schema = m.actions[0].input_schema.replace("false", "true"),
        |m| m.actions[0].examples.clear(),
        |m| m.actions[1].examples[0].expected.path = vec!["elsewhere".to_owned()],
        |m| m.port.auth = AuthDraft::Header { name: "x-key".to_owned(), prefix: "Token token=".to_owned() },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut manifest = manifest();
        change(&mut manifest);
        let refused = Document::of_port(&manifest, None).map(|_| index).unwrap_err();
        assert_eq!(refused.code(), Code::BadDocument, "{index}");
    }
}

#[test]
fn a_component_is_exported_as_that_component() {
    let component = ComponentRef { reference: "shipped:weather".to_owned(), digest: None };
    let mut manifest = manifest();
    manifest.actions[0].headers = vec!["x-trace".to_owned()];
    manifest.actions[0].input_schema = r#"{"type":"object","properties":{"city":{"type":"string"}}}"#.to_owned();
    manifest.actions[0].output_schema = Some("{}".to_owned());
    let text = Document::of_port(&manifest, Some(component.clone())).unwrap().to_json().unwrap();
    let document = Document::parse(&text).unwrap().document;
    assert_eq!(document.component, Some(component));
    assert!(document.agrees_with(&manifest).is_ok());
    assert!(
        document.action_templates.iter().all(|action| action.inputs.parameters.is_empty() && action.example.is_none())
    );
}
