//! Declarative plugins: a template and a definition are one plugin, and what it says is what the definition says.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis_gateway::template;
use portcullis_model::{Body, Code, Definition, Description, Manifest, Method};
use portcullis_sandbox::{CompileEvent, HostLimits, Limits, Plugin, Sandbox, Tier};
use serde_json::json;

use crate::alone::{alone, resident_bytes};
use crate::declared::{action, change, definition, manifest, served_by};
use crate::graft::honest;
use crate::stage::{guest, patient, sandbox};

fn load(sandbox: &Sandbox, definition: &Arc<Definition>) -> Arc<Plugin> {
    sandbox.load_template(template(), definition.clone(), patient(), &|_| {}).unwrap()
}

fn ours() -> (tempfile::TempDir, Sandbox) {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path(), Tier::Sealed, HostLimits::default());
    (folder, sandbox)
}

#[test]
fn what_a_definition_says_is_declared() {
    let (_folder, sandbox) = ours();
    let definition = definition(vec![action("list-things", json!({})), change("change-thing")]);
    let plugin = load(&sandbox, &definition);
    assert_eq!(&plugin.manifest_draft().unwrap(), definition.manifest());
    assert_eq!(plugin.manifest().unwrap(), Manifest::check(definition.manifest().clone()).unwrap());
    assert_eq!((plugin.digest(), plugin.definition()), (definition.digest(), Some(&*definition)));
    let census = plugin.census();
    assert_eq!((census.tier, census.imports.len(), census.declarative), (Tier::Sealed, 0, true));
    let ordinary = sandbox.load(&honest(), patient(), &|_| {}).unwrap();
    assert!(ordinary.definition().is_none() && !ordinary.census().declarative);
}

#[test]
fn every_word_of_the_contract_survives_the_way_through_the_template() {
    let (_folder, sandbox) = ours();
    let mut actions = Vec::new();
    for (n, method) in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].into_iter().enumerate() {
        for (m, body) in ["none", "json", "form", "text"].into_iter().enumerate() {
            let expected = match body {
                "json" => json!({"json": "{}"}),
                "form" => json!({"form": [["a", "1"], ["b", ""]]}),
                _ => json!({"text": "\u{1f512} \"quoted\"\n"}),
            };
            let effect = ["read", "write", "destructive"][n % 3];
            let result = ["json", "json_summary", "text"][m % 3];
            let approval = ["automatic", "require_approval"][n % 2];
            let output_schema = [None, Some("[\"\\u0000\"]")][m % 2];
            actions.push(action(
                &format!("{}-{body}", method.to_lowercase()),
                json!({
                    "method": method, "body": body, "query": ["a", "b"], "headers": ["x-trace"], "effect": effect,
                    "result": result, "approval": approval, "output_schema": output_schema,
                    "traits": {"prompt_bearing": n % 2 == 0, "billable": m % 2 == 0},
                    "examples": [{"title": "t", "input": "{}", "expected": {
                        "method": method, "path": [], "query": [["a", "1"]], "headers": [["x-trace", "1"]],
                        "body": expected,
                    }}],
                }),
            ));
        }
    }
    for auth in [json!("bearer"), json!("none"), json!({"header": {"name": "x-key", "prefix": "Key "}})] {
        let mut draft = manifest(actions.clone());
        draft.port.auth = serde_json::from_value(auth).unwrap();
        draft.port.publisher.website_url = Some("https://example.com".to_owned());
        let definition = Definition::new(definition(Vec::new()).template(), draft).unwrap();
        let plugin = load(&sandbox, &Arc::new(definition.clone()));
        assert_eq!(&plugin.manifest_draft().unwrap(), definition.manifest());
    }
}

#[test]
fn an_input_becomes_the_request_that_the_definition_says() {
    let (_folder, sandbox) = ours();
    let plugin = load(&sandbox, &definition(vec![action("list-things", json!({})), change("change-thing")]));
    let listed = plugin.describe("list-things", "{}").unwrap();
    let nothing =
        Description { method: Method::Get, path: Vec::new(), query: Vec::new(), headers: Vec::new(), body: None };
    assert_eq!(listed, Description { path: vec!["v1".to_owned(), "things".to_owned()], ..nothing });
    let input = r#"{"body": {"tags": ["\u00e9"], "name": "n"}, "path": {"id": "a"}}"#;
    let changed = plugin.describe("change-thing", input).unwrap();
    assert_eq!((changed.method, changed.path), (Method::Patch, ["v1", "things", "a"].map(str::to_owned).to_vec()));
    assert_eq!(changed.query, [("page".to_owned(), "1".to_owned())]);
    assert_eq!(changed.body, Some(Body::Json("{\"name\":\"n\",\"tags\":[\"\u{e9}\"]}".to_owned())));
}

#[test]
fn an_input_that_is_not_named_is_refused_where_it_is() {
    let (_folder, sandbox) = ours();
    let plugin = load(&sandbox, &definition(vec![change("change-thing")]));
    let refused = |input: &str| plugin.describe("change-thing", input).unwrap_err();
    for (input, at) in [
        (r#"{"path":{"id":"a"},"headers":{"x":"y"}}"#, "/headers"),
        (r#"{"path":{"id":"a","origin":"https://evil.example"}}"#, "/path/origin"),
        (r#"{"path":{"id":"a"},"query":{"token":"x"}}"#, "/query/token"),
        (r#"{"path":{"id":"a"},"body":{"name":"n","_method":"DELETE"}}"#, "/body/_method"),
        (r#"{"path":{}}"#, "/path/id"),
    ] {
        let refusal = refused(input);
        assert_eq!((refusal.code(), refusal.places()[0].at.as_str()), (Code::PluginRefused, at), "{refusal}");
    }
    assert_eq!(refused("[").code(), Code::PluginRefused);
    plugin.describe("change-thing", r#"{"path":{"id":"a"}}"#).unwrap();
    let refusal = plugin.describe("change-\u{202e}thing", "{}").unwrap_err();
    assert_eq!(refusal.code(), Code::PluginRefused);
    assert!(!refusal.message().contains('\u{202e}'), "{refusal}");
}

#[test]
fn another_definition_is_another_plugin() {
    let (_folder, sandbox) = ours();
    let first = definition(vec![action("list-things", json!({}))]);
    let second = definition(vec![action("list-things", json!({"path": "/v2/things"}))]);
    let (a, b) = (load(&sandbox, &first), load(&sandbox, &second));
    assert_ne!(a.digest(), b.digest());
    assert_eq!(a.describe("list-things", "{}").unwrap().path[0], "v1");
    assert_eq!(b.describe("list-things", "{}").unwrap().path[0], "v2");
    assert!(Arc::ptr_eq(&a, &load(&sandbox, &first)) && Arc::ptr_eq(&b, &load(&sandbox, &second)));
    let short = Limits { output_bytes: 100, ..patient() };
    let tight = sandbox.load_template(template(), first, short, &|_| {}).unwrap();
    assert!(!Arc::ptr_eq(&a, &tight) && tight.limits() == &short);
}

#[test]
fn a_call_reads_its_own_action_and_no_other() {
    let (_folder, sandbox) = ours();
    let secret = "only in the other action";
    let hidden = action("other", json!({"description": secret, "input_schema": format!("{{\"title\":\"{secret}\"}}")}));
    let definition = served_by(guest("template_echo"), vec![action("list-things", json!({})), hidden]);
    let plugin = sandbox.load_template(guest("template_echo"), definition.clone(), patient(), &|_| {}).unwrap();
    assert_eq!(plugin.manifest_draft().unwrap().port.description, definition.as_str());
    let read = |action: &str| match plugin.describe(action, "{}").unwrap().body {
        Some(Body::Text(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(!read("list-things").contains(secret) && read("other").contains(secret));
    for slug in ["list-things", "other"] {
        let told = Definition::read(read(slug).as_bytes()).unwrap();
        assert_eq!(
            told.manifest().actions,
            [definition.manifest().actions.iter().find(|a| a.slug == slug).unwrap().clone()]
        );
        assert_eq!((told.template(), &told.manifest().port), (definition.template(), &definition.manifest().port));
    }
}

#[test]
fn a_template_is_compiled_once_for_all_definitions() {
    let folder = tempfile::tempdir().unwrap();
    let compiled = |sandbox: &Sandbox, path: &str| {
        let begun = AtomicUsize::new(0);
        let definition = definition(vec![action("list-things", json!({"path": path}))]);
        let count = |event| {
            if matches!(event, CompileEvent::Started { .. }) {
                begun.fetch_add(1, Ordering::SeqCst);
            }
        };
        let plugin = sandbox.load_template(template(), definition, patient(), &count).unwrap();
        plugin.describe("list-things", "{}").unwrap();
        begun.into_inner()
    };
    let first = sandbox(folder.path(), Tier::Sealed, HostLimits::default());
    assert_eq!([compiled(&first, "/v1"), compiled(&first, "/v2"), compiled(&first, "/v1")], [1, 0, 0]);
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(files.filter(|path| path.extension().is_some_and(|e| e == "cwasm")).count(), 1);
    // Another process finds the same code.
    assert_eq!(compiled(&sandbox(folder.path(), Tier::Sealed, HostLimits::default()), "/v3"), 0);
}

#[test]
fn a_thousand_declarative_ports_hold_one_copy_of_the_template() {
    alone("template::a_thousand_declarative_ports_hold_one_copy_of_the_template", || {
        let (folder, sandbox) = ours();
        let port =
            |n: usize| load(&sandbox, &definition(vec![action("list-things", json!({"path": format!("/v{n}")}))]));
        let mut ports = vec![port(0)];
        ports[0].describe("list-things", "{}").unwrap();
        let before = resident_bytes();
        ports.extend((1..1_000).map(port));
        for plugin in &ports {
            plugin.describe("list-things", "{}").unwrap();
        }
        let each = resident_bytes().saturating_sub(before) / ports.len();
        let code = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).max().unwrap();
        println!("{each} bytes each, beside {code} bytes of code");
        assert!(each < 20_000 && code > 200_000, "{each} bytes each, {code} bytes of code");
    });
}
