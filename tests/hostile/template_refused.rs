//! What no template and no definition may, each with a twin that passes.

use std::sync::Arc;

use portcullis_gateway::template;
use portcullis_model::{Code, Definition, Digest, Refusal};
use portcullis_sandbox::{HostLimits, Limits, Plugin, Tier};
use serde_json::{Value, json};

use crate::declared::{action, definition, served_by};
use crate::graft::{Imported, beside_text, honest, importing, importing_too};
use crate::stage::{ATTACK, Stage, guest, loaded, patient, sandbox};

fn serving(bytes: &[u8], definition: &Arc<Definition>, limits: Limits) -> Result<Arc<Plugin>, Refusal> {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path(), Tier::Sealed, HostLimits::default());
    sandbox.load_template(bytes, definition.clone(), limits, &|_| {})
}

fn small() -> Arc<Definition> {
    definition(vec![action("list-things", json!({}))])
}

/// The shipped template with an action of this input schema.
fn with_schema(schema: &str, limits: Limits) -> Arc<Plugin> {
    let others = json!({"query": ["a"], "input_schema": schema});
    serving(template(), &definition(vec![action("list-things", others)]), limits).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_without_a_definition_is_not_installed() {
    let stage = Stage::set("").await;
    for bytes in [template(), guest("template_echo")] {
        let refusal = stage.install(bytes).unwrap_err();
        assert_eq!(refusal.code(), Code::ForbiddenImport);
        assert!(refusal.message().contains("`definition`"), "{refusal}");
    }
    let stage = Stage::set("[sandbox]\ntier = \"inert\"\n").await;
    assert_eq!(stage.install(template()).unwrap_err().code(), Code::ForbiddenImport);
    stage.install(&honest()).unwrap();
    assert_eq!(loaded(template(), patient()).err().unwrap().code(), Code::ForbiddenImport);
}

#[test]
fn a_definition_is_served_by_the_template_that_it_names_alone() {
    let other = served_by(b"another template", vec![action("list-things", json!({}))]);
    let refusal = serving(template(), &other, patient()).err().unwrap();
    assert_eq!(refusal.code(), Code::DigestMismatch);
    for named in [Digest::of(b"another template"), Digest::of(template())] {
        assert!(refusal.message().contains(&named.to_string()), "{refusal}");
    }
    let mut changed = template().to_vec();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    assert_eq!(serving(&changed, &small(), patient()).err().unwrap().code(), Code::DigestMismatch);
    serving(template(), &small(), patient()).unwrap();
}

#[test]
fn other_bytes_are_refused_although_the_definition_is_loaded_already() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path(), Tier::Sealed, HostLimits::default());
    sandbox.load_template(template(), small(), patient(), &|_| {}).unwrap();
    let refusal = sandbox.load_template(guest("template_echo"), small(), patient(), &|_| {}).err().unwrap();
    assert_eq!(refusal.code(), Code::DigestMismatch);
    sandbox.load_template(template(), small(), patient(), &|_| {}).unwrap();
}

#[test]
fn a_template_that_imports_more_or_nothing_is_refused() {
    let code = |bytes: &[u8]| {
        let refusal = serving(bytes, &served_by(bytes, vec![action("forecast", json!({}))]), patient()).err();
        refusal.map(|refusal| refusal.code())
    };
    for (name, what) in [("wasi:random/random@0.2.6", Imported::Instance), ("definitions", Imported::Function)] {
        assert_eq!(code(&importing_too(template(), name, what)), Some(Code::ForbiddenImport), "{name}");
    }
    assert_eq!(code(&honest()), Some(Code::NotAPlugin));
    // By its name it is a definition, but it is of another type: validation or linking says so.
    let lying = code(&importing("definition", Imported::Function));
    assert!(matches!(lying, Some(Code::ForbiddenImport | Code::CompileFailed)), "{lying:?}");
    assert_eq!(code(&wat::parse_str("(component)").unwrap()), Some(Code::NotAPlugin));
    assert_eq!(code(&beside_text("(component)")), Some(Code::NotAPlugin));
    assert_eq!(code(guest("template_echo")), None);
}

#[test]
fn a_definition_is_limited_as_a_manifest_is() {
    let definition = small();
    let bytes = definition.as_str().len();
    let limits = |manifest_bytes| Limits { manifest_bytes, ..patient() };
    let plugin = serving(template(), &definition, limits(bytes)).unwrap();
    plugin.describe("list-things", "{}").unwrap();
    let refusal = serving(template(), &definition, limits(bytes - 1)).err().unwrap();
    assert_eq!(refusal.code(), Code::PluginTooLarge);
    assert!(refusal.way_out().unwrap().contains("manifest_bytes"), "{refusal}");
    let component_bytes = template().len() - 1;
    let refusal = serving(template(), &definition, Limits { component_bytes, ..patient() }).err().unwrap();
    assert_eq!(refusal.code(), Code::PluginTooLarge);
}

#[test]
fn what_a_template_reads_is_counted_as_its_memory() {
    let long = action("list-things", json!({"description": "d".repeat(1 << 20)}));
    let definition = served_by(guest("template_echo"), vec![long]);
    let plugin = serving(guest("template_echo"), &definition, patient()).unwrap();
    let refusal = plugin.describe("list-things", ATTACK).unwrap_err();
    assert_eq!(refusal.code(), Code::PluginTrapped);
    assert!(refusal.message().contains("memory"), "{refusal}");
    let small = Limits { memory_bytes: 1 << 20, ..patient() };
    let plugin = serving(guest("template_echo"), &definition, small).unwrap();
    let refusal = plugin.manifest_draft().unwrap_err();
    assert!(refusal.code() == Code::PluginTrapped && refusal.message().contains("memory"), "{refusal}");
    // It is read without being told to anyone: what comes back is counted, too.
    let plugin = serving(guest("template_echo"), &definition, Limits { output_bytes: 100, ..patient() }).unwrap();
    assert_eq!(plugin.describe("list-things", "{}").unwrap_err().code(), Code::PluginTooLarge);
    serving(guest("template_echo"), &definition, Limits { output_bytes: 2 << 20, ..patient() })
        .unwrap()
        .describe("list-things", "{}")
        .unwrap();
}

#[test]
fn a_template_that_reads_for_ever_is_stopped() {
    let limits = Limits { memory_bytes: 3 << 30, wall_time_ms: 50, ..Limits::default() };
    let definition = served_by(guest("template_echo"), vec![action("list-things", json!({}))]);
    let plugin = serving(guest("template_echo"), &definition, limits).unwrap();
    assert_eq!(plugin.describe("list-things", ATTACK).unwrap_err().code(), Code::PluginTimeout);
}

#[test]
fn a_schema_as_deep_as_it_likes_is_passed_over_or_refused_in_words() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let within = |keyword: &str| {
        let deep = deep(10_000);
        let schema = format!(r#"{{"properties":{{"query":{{"properties":{{"a":{{"{keyword}":{deep}}}}}}}}}}}"#);
        with_schema(&schema, patient()).describe("list-things", "{}")
    };
    within("items").unwrap();
    assert_eq!(within("default").unwrap_err().code(), Code::PluginRefused);
    for schema in [deep(10_000), deep(10_000).replace('[', "{\"properties\":").replace(']', "}"), "[".repeat(100_000)] {
        let plugin = with_schema(&schema, patient());
        let refusal = plugin.describe("list-things", "{}").unwrap_err();
        assert!(refusal.code() == Code::PluginRefused && refusal.message().contains("definition"), "{refusal}");
        assert_eq!(plugin.manifest_draft().unwrap().actions[0].input_schema, schema);
    }
}

#[test]
fn a_giant_schema_stops_within_the_limits_of_a_call() {
    let giant = |kind: &str| {
        let filler: Value = match kind {
            "items" => {
                json!({"type": "object", "properties": {"query": {"properties": {"a": {"enum": vec![0; 1_500_000]}}}}})
            }
            "default" => json!({"properties": {"query": {"properties": {"a": {"default": vec![json!([]); 900_000]}}}}}),
            _ => {
                let names = (0..150_000).map(|n| (format!("n{n}"), json!({}))).collect::<serde_json::Map<_, _>>();
                json!({"properties": {"query": {"properties": names}}})
            }
        };
        filler.to_string()
    };
    let tight = Limits { memory_bytes: 16 << 20, wall_time_ms: 100, ..Limits::default() };
    for kind in ["items", "default", "names"] {
        let plugin = with_schema(&giant(kind), tight);
        match plugin.describe("list-things", r#"{"query":{"a":1}}"#) {
            Ok(description) => assert_eq!(description.query, [("a".to_owned(), "1".to_owned())], "{kind}"),
            Err(refusal) => assert!(
                matches!(refusal.code(), Code::PluginTimeout | Code::PluginTrapped | Code::PluginRefused),
                "{kind}: {refusal}"
            ),
        }
    }
    with_schema(r#"{"properties":{"query":{"properties":{"a":{}}}}}"#, tight)
        .describe("list-things", r#"{"query":{"a":1}}"#)
        .unwrap();
}
