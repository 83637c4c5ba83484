//! What may stand as a component, and what a document may say of it.

use portcullis_model::Refusal;
use serde_json::{Value, json};

use crate::Document;

const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn document(component: &Value) -> Value {
    json!({
        "formatVersion": 1, "kind": "dock_integration", "slug": "weather", "title": "Weather", "summary": "The weather.",
        "description": "Reads the weather.", "version": "1.0.0", "publisher": {"slug": "maker", "name": "Maker"},
        "category": "Data", "tags": [],
        "portTemplates": [{"kind": "http_api", "label": "Weather", "description": "Weather.",
            "baseUrl": "https://api.weather.example", "authMode": "none"}],
        "actionTemplates": [
            {"slug": "read", "label": "Read", "description": "Reads.", "method": "POST", "path": "/v1/{city}",
                "approvalMode": "automatic", "effect": "read", "requestBodyMode": "text", "resultMode": "json"},
            {"slug": "drop", "label": "Drop", "description": "Drops.", "method": "DELETE", "path": "/v1/{city}",
                "approvalMode": "require_approval", "requestBodyMode": "none", "resultMode": "json"}],
        "component": component
    })
}

fn places(result: Result<(), Refusal>) -> Vec<String> {
    result.err().iter().flat_map(Refusal::places).map(|detail| detail.at.clone()).collect()
}

#[test]
fn a_component_is_named_by_reference_and_digest() {
    let tag = "registry.example.com:5000/maker/weather:1.0.0";
    let pinned = format!("registry.example.com/maker/weather@{DIGEST}");
    let other = format!("registry.example.com/maker/weather@{}", DIGEST.replace('9', "8"));
    for (component, wanted) in [
        (json!({"ref": tag, "digest": DIGEST}), None),
        (json!({"ref": pinned, "digest": DIGEST}), None),
        (json!({"ref": "shipped:weather"}), None),
        (json!({"ref": "shipped:weather", "digest": DIGEST}), None),
        (json!({"ref": tag}), Some("/component/digest")),
        (json!({"ref": other, "digest": DIGEST}), Some("/component/digest")),
        (json!({"ref": "shipped:weather", "digest": "sha256:1"}), Some("/component/digest")),
        (json!({"ref": "shipped:We/ather"}), Some("/component/ref")),
        (json!({"ref": "weather", "digest": DIGEST}), Some("/component/ref")),
        (json!({"ref": "https://registry.example.com/weather", "digest": DIGEST}), Some("/component/ref")),
        (json!({"ref": "registry.example.com/../weather", "digest": DIGEST}), Some("/component/ref")),
        (json!({"ref": "registry.example.com/weather\u{202e}", "digest": DIGEST}), Some("/component/ref")),
        (json!({"digest": DIGEST}), Some("/component/ref")),
    ] {
        let read = Document::parse(&document(&component).to_string());
        assert_eq!(places(read.map(|_| ())), wanted.into_iter().collect::<Vec<_>>(), "{component}");
    }
}

#[test]
fn a_document_of_a_component_says_no_inputs_and_makes_no_manifest() {
    let mut value = document(&json!({"ref": "shipped:weather"}));
    let read = Document::parse(&value.to_string()).unwrap();
    assert_eq!(read.document.component.as_ref().unwrap().shipped(), Some("weather"));
    assert_eq!(places(read.document.manifest().map(|_| ())), ["/component"]);
    value["actionTemplates"][0]["inputs"] = json!({"parameters": [{"name": "city", "in": "path"}]});
    value["actionTemplates"][0]["example"] = json!({});
    value["actionTemplates"][1]["path"] = json!("v1");
    let wanted = ["/actionTemplates/0/inputs", "/actionTemplates/0/example", "/actionTemplates/1/path"];
    assert_eq!(places(Document::parse(&value.to_string()).map(|_| ())), wanted);
}

#[test]
fn a_document_that_says_other_than_its_component_is_refused() {
    let read = |value: &Value| Document::parse(&value.to_string()).unwrap().document;
    let value = document(&json!({"ref": "shipped:weather"}));
    let (manifest, found) = super::judge(&read(&value));
    assert!(found.is_empty());
    assert_eq!(places(read(&value).agrees_with(&manifest)), Vec::<String>::new());
    for (at, other) in [
        ("/portTemplates/0/baseUrl", json!("https://api.other.example")),
        ("/portTemplates/0/authMode", json!("header_token")),
        ("/actionTemplates/0/method", json!("PUT")),
        ("/actionTemplates/0/path", json!("/v2/{city}")),
        ("/actionTemplates/0/approvalMode", json!("require_approval")),
        ("/actionTemplates/0/requestBodyMode", json!("json")),
        ("/actionTemplates/1/effect", json!("write")),
        ("/actionTemplates/1/billable", json!(true)),
        ("/actionTemplates/1/promptBearing", json!(true)),
    ] {
        let mut changed = value.clone();
        changed["portTemplates"][0]["authHeaderName"] =
            if at.ends_with("authMode") { json!("x-key") } else { Value::Null };
        let (parent, name) = at.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(name.to_owned(), other);
        if at.ends_with("/method") {
            // A PUT that reads would be refused for itself.
            changed["actionTemplates"][0]["effect"] = json!("write");
            assert!(places(read(&changed).agrees_with(&manifest)).contains(&at.to_owned()));
            continue;
        }
        assert_eq!(places(read(&changed).agrees_with(&manifest)), [at]);
    }
    let mut fewer = value.clone();
    fewer["actionTemplates"].as_array_mut().unwrap().pop();
    assert_eq!(places(read(&fewer).agrees_with(&manifest)), ["/actionTemplates"]);
    let mut others = value;
    others["actionTemplates"][1]["slug"] = json!("delete");
    assert_eq!(places(read(&others).agrees_with(&manifest)), ["/actionTemplates/1", "/actionTemplates"]);
}
