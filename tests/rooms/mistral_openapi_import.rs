//! The whole published description of the Mistral API, imported: every operation that speaks JSON is an action, and
//! every action takes the description's own examples.
//!
//! What is expected is reckoned from the description here, apart from the import. Reads the same file as
//! `mistral_openapi`, and says so and passes where it is absent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use portcullis_catalog::openapi::{Imported, Remark, SchemaCheck, Wishes, import};
use portcullis_model::{ActionDraft, Definition, Digest, Manifest};
use portcullis_registry::Schema;
use serde_json::{Map, Value, json};

const REFERENCE: &str = "../shared/reference/mistral-openapi.yaml";

/// Largest manifest that the sandbox takes by default, and so the largest definition of a template's port.
const MAX_MANIFEST_BYTES: usize = 4 << 20;

struct Registry;

impl SchemaCheck for Registry {
    fn check(&self, schema: &Value, values: &[&Value]) -> Result<Vec<Option<String>>, String> {
        let schema = Schema::compile(schema, "mistral").map_err(|refusal| refusal.message().to_owned())?;
        Ok(values
            .iter()
            .map(|value| schema.check(value).err().map(|refusal| format!("{:?}", refusal.places())))
            .collect())
    }
}

/// The text, the same as data, and what became of it.
struct Api {
    described: Value,
    imported: Imported,
    actions: Vec<ActionDraft>,
}

impl Api {
    /// Read once for all tests, since it is long.
    fn load() -> Option<&'static Self> {
        static API: LazyLock<Option<Api>> = LazyLock::new(Api::read);
        API.as_ref()
    }

    fn read() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let Ok(text) = std::fs::read_to_string(root.join(REFERENCE)) else {
            println!("skipped: `{REFERENCE}` is absent");
            return None;
        };
        let described = serde_saphyr::from_str_with_options(&text, serde_saphyr::options! { budget: None }).unwrap();
        let wishes = Wishes { port: "mistral".parse().unwrap(), only: None, server: None };
        let start = Instant::now();
        let imported = import(&text, &wishes, &Registry).unwrap();
        println!("imported in {} ms", start.elapsed().as_millis());
        let actions = imported.document.manifest().unwrap().actions;
        Some(Self { described, imported, actions })
    }

    fn at<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.described.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    /// Each operation by its title, in the order of the description.
    fn operations(&self) -> Vec<(String, &Value)> {
        let paths = self.described["paths"].as_object().unwrap();
        let each = paths.iter().flat_map(|(path, item)| {
            let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
            methods.into_iter().filter_map(move |m| Some((format!("{} {path}", m.to_uppercase()), item.get(m)?)))
        });
        each.collect()
    }

    fn action(&self, title: &str) -> Option<&ActionDraft> {
        let (method, path) = title.split_once(' ').unwrap();
        let route = path.split('#').next().unwrap();
        let mut found = self.actions.iter().filter(|a| a.method.as_str() == method && a.path == route);
        let action = found.next();
        assert!(found.next().is_none(), "{title}: more than one action");
        action
    }
}

/// What kind of operation it is by the media types of its body and of its answers.
fn kind(operation: &Value) -> &'static str {
    let types = |content: &Value| content.as_object().into_iter().flat_map(Map::keys).cloned().collect::<Vec<String>>();
    let body = types(&operation["requestBody"]["content"]);
    let answers: Vec<String> = operation["responses"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(status, _)| status.starts_with('2'))
        .flat_map(|(_, answer)| types(&answer["content"]))
        .collect();
    let json = |types: &[String]| types.is_empty() || types.iter().any(|t| t == "application/json");
    if !json(&answers) {
        return if answers.iter().all(|t| t == "text/event-stream") { "streaming" } else { "binary-answer" };
    }
    if json(&body) { "json" } else { "multipart" }
}

#[test]
fn every_json_operation_is_an_action_and_every_other_is_left_out_with_its_reason() {
    let Some(api) = Api::load() else { return };
    let mut expected: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (title, operation) in api.operations() {
        // Of operations that share a path, the ones that stream come after a `#`.
        expected.entry(kind(operation)).or_default().insert(title);
    }
    let mut left_out: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for left in &api.imported.left_out {
        left_out.entry(left.reason.kind()).or_default().insert(left.operation.clone());
    }
    let json = expected.remove("json").unwrap();
    println!("{:>4} operations in", api.imported.operations);
    println!("{:>4} actions out", api.actions.len());
    for (kind, operations) in &left_out {
        println!("{:>4} left out: {kind}", operations.len());
    }
    assert_eq!(left_out, expected);
    assert_eq!(api.imported.operations, api.operations().len());
    assert_eq!(api.actions.len(), json.len());
    for title in &json {
        assert!(api.action(title).is_some(), "{title} is no action");
    }
    assert!(json.len() > 250, "the whole description has more than {} JSON operations", json.len());
}

/// The description's own examples of one input of an operation: of a parameter or of the body.
fn examples<'a>(api: &'a Api, words: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = Vec::new();
    found.extend(words.get("example"));
    found.extend(words["examples"].as_object().into_iter().flatten().filter_map(|(_, e)| api.at(e).get("value")));
    let target = api.at(schema);
    for schema in if std::ptr::eq(schema, target) { vec![schema] } else { vec![schema, target] } {
        found.extend(schema.get("example"));
        found.extend(schema["examples"].as_array().into_iter().flatten());
    }
    found
}

#[test]
fn every_schema_compiles_and_takes_the_descriptions_own_examples() {
    let Some(api) = Api::load() else { return };
    let (mut taken, mut not_there, mut refused) = (0, Vec::new(), Vec::new());
    for (title, operation) in api.operations() {
        let Some(action) = api.action(&title).filter(|_| kind(operation) == "json") else { continue };
        let schema: Value = serde_json::from_str(&action.input_schema).unwrap();
        let worked: Value = serde_json::from_str(&action.examples[0].input).unwrap();
        let compiled = Schema::compile(&schema, &title).unwrap_or_else(|refusal| panic!("{title}: {refusal}"));
        assert!(compiled.check(&worked).is_ok(), "{title}: its worked example");

        let nothing = Value::Null;
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(|p| api.at(p));
        let mut places: Vec<(&str, Option<&str>, &Value, &Value)> = parameters
            .map(|p| (p["in"].as_str().unwrap(), p["name"].as_str(), p, p.get("schema").unwrap_or(&nothing)))
            .collect();
        let media = &operation["requestBody"]["content"]["application/json"];
        places.push(("body", None, media, media.get("schema").unwrap_or(&nothing)));
        for (place, name, words, raw) in places {
            for example in examples(api, words, raw) {
                let at = format!("{title} {place} {}", name.unwrap_or_default());
                let of_place = &schema["properties"][place];
                if name.is_some_and(|name| of_place["properties"].get(name).is_none()) {
                    not_there.push(at);
                    continue;
                }
                let mut input = worked.clone();
                match name {
                    Some(name) => input[place][name] = example.clone(),
                    None => input[place] = example.clone(),
                }
                match compiled.check(&input) {
                    Ok(()) => taken += 1,
                    Err(refusal) => refused.push(format!("{at} {example}: {:?}", refusal.places())),
                }
            }
        }
    }
    println!(
        "{taken} of the description's own examples taken, {} refused, {} of no input:",
        refused.len(),
        not_there.len()
    );
    not_there.iter().chain(&refused).for_each(|line| println!("     {line}"));
    let told = api.imported.notes.iter().filter(|note| matches!(note.remark, Remark::Example { .. })).count();
    assert_eq!((taken, refused.len()), (api.imported.examples, told));
    assert_eq!(refused, Vec::<String>::new());
}

/// Schemas with examples, wherever a schema stands in this one, its shared ones aside.
fn with_examples<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
    let Some(map) = schema.as_object() else { return };
    if map.contains_key("examples") {
        found.push(schema);
    }
    for (key, inner) in map {
        match (key.as_str(), inner) {
            ("examples" | "default" | "const" | "enum", _) => {}
            ("properties" | "patternProperties" | "$defs" | "dependentSchemas", Value::Object(named)) => {
                named.values().for_each(|schema| with_examples(schema, found));
            }
            (_, Value::Array(list)) => list.iter().for_each(|schema| with_examples(schema, found)),
            _ => with_examples(inner, found),
        }
    }
}

#[test]
fn examples_further_inside_pass_the_schemas_they_stand_in() {
    let Some(api) = Api::load() else { return };
    let (mut passed, mut failed) = (0, BTreeSet::new());
    for action in &api.actions {
        let schema: Value = serde_json::from_str(&action.input_schema).unwrap();
        let mut found = Vec::new();
        with_examples(&schema, &mut found);
        for inner in found {
            let alone = json!({"$defs": schema.get("$defs").cloned().unwrap_or_else(|| json!({})), "allOf": [inner]});
            let values: Vec<&Value> = inner["examples"].as_array().unwrap().iter().collect();
            for (value, problem) in values.iter().zip(Registry.check(&alone, &values).unwrap()) {
                match problem {
                    None => passed += 1,
                    Some(why) => {
                        failed.insert(format!("{}: {value}: {why}", inner["title"]));
                    }
                }
            }
        }
    }
    println!("{passed} examples inside schemas pass, {} do not:", failed.len());
    failed.iter().for_each(|line| println!("     {line}"));
    assert!(passed > 0 && failed.is_empty());
}

#[test]
fn the_document_and_its_definition_are_within_what_a_host_takes() {
    let Some(api) = Api::load() else { return };
    let text = serde_json::to_string(&api.imported.document).unwrap();
    let manifest = api.imported.document.manifest().unwrap();
    let largest = manifest.actions.iter().map(|action| action.input_schema.len()).max().unwrap();
    Manifest::check(manifest.clone()).unwrap();
    let definition = Definition::new(Digest::of(b"template"), manifest).unwrap();
    println!("document {} bytes, definition {} bytes, largest schema {largest}", text.len(), definition.as_str().len());
    assert!(definition.as_str().len() < MAX_MANIFEST_BYTES / 4);
    assert_eq!(api.imported.document.port_templates[0].base_url, "https://api.mistral.ai");

    let published = include_str!("../../catalog/integration.schema.json");
    let published = jsonschema::draft202012::new(&serde_json::from_str(published).unwrap()).unwrap();
    let document = serde_json::from_str(&text).unwrap();
    let problems: Vec<String> =
        published.iter_errors(&document).map(|e| format!("{} {e}", e.instance_path())).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn what_a_person_should_know_of_the_import_is_told() {
    let Some(api) = Api::load() else { return };
    for told in api.imported.told() {
        println!("{:>4} {}", told.operations.len(), told.remark);
    }
    let all: Vec<String> = api.imported.told().into_iter().map(|told| told.remark).collect();
    for expected in [
        "the port's credential is `ApiKey`, in the header `authorization`",
        "it asks for the credential `AdminApiKey`, and the port has `ApiKey`",
        "it asks for the credential `DashboardUserContextAuth` in the header `x-api-key`, and the port has `ApiKey`",
        "`/body/stream` must be false: a stream has no end to wait for",
    ] {
        assert!(all.iter().any(|told| told == expected), "{expected}");
    }
}
