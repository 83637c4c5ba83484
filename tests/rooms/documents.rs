//! Integration documents: every one that is bundled keeps every rule, and each rule refuses what breaks it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use portcullis_catalog::{Document, Read};
use portcullis_model::{ApprovalMode, Binding, Code, Digest, Manifest, Refusal, RoutedRequest};
use portcullis_registry::Schema;
use serde_json::Value;

mod any;
mod shipped;
mod template;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is a folder of the repository")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Every bundled document: its place below the catalog, and its text.
fn bundled() -> Vec<(String, String)> {
    let root = repository().join("catalog/integrations");
    let files: Vec<PathBuf> = files(&root).iter().flat_map(|publisher| files(publisher)).collect();
    let place = |file: &PathBuf| file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|file| (place(file), fs::read_to_string(file).unwrap())).collect()
}

/// The published schema of documents.
fn published() -> &'static Validator {
    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
        let text = fs::read_to_string(repository().join("catalog/integration.schema.json")).unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        jsonschema::meta::validate(&schema).expect("the schema is one of 2020-12");
        jsonschema::draft202012::new(&schema).expect("the schema compiles")
    });
    &SCHEMA
}

fn read(place: &str, text: &str) -> Document {
    let Read { document, warnings } = Document::parse(text).unwrap_or_else(|refusal| panic!("{place}: {refusal:#?}"));
    assert_eq!(warnings, [], "{place}");
    document
}

/// The bundled documents that the template serves.
fn declarative() -> impl Iterator<Item = (String, Document)> {
    let documents = bundled().into_iter().map(|(place, text)| (place.clone(), read(&place, &text)));
    documents.filter(|(_, document)| document.component.is_none())
}

#[test]
fn every_bundled_document_passes_the_published_schema() {
    for (place, text) in bundled() {
        let document: Value = serde_json::from_str(&text).unwrap();
        let problems: Vec<String> =
            published().iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(problems.is_empty(), "{place}: {problems:#?}");
    }
}

#[test]
fn every_bundled_document_stands_where_its_names_say() {
    let mut slugs = BTreeSet::new();
    for (place, text) in bundled() {
        let document = read(&place, &text);
        assert_eq!(place, format!("{}/{}.json", document.publisher.slug, document.slug));
        assert!(slugs.insert(document.slug), "{place}");
        assert!(document.help_text.is_some(), "{place} says nothing on which credential to create");
    }
    for wanted in ["mistral", "mistral-api", "github-rest", "slack-web-api", "openai-api", "stripe-api"] {
        assert!(slugs.contains(wanted), "{wanted}");
    }
}

#[test]
fn every_declarative_document_can_be_installed() {
    for (place, document) in declarative() {
        let draft = document.manifest().unwrap();
        assert!((6..=12).contains(&draft.actions.len()), "{place} has {} actions", draft.actions.len());
        let manifest = Manifest::check(draft).unwrap_or_else(|problems| panic!("{place}: {problems:#?}"));
        for action in manifest.actions() {
            let at = format!("{place}: {}", action.slug);
            let unattended = action.approval == ApprovalMode::Automatic;
            assert_eq!(unattended, !action.method.may_carry_body(), "{at} is a read or asks");
            let schema = Schema::compile(&action.input_schema, &at).unwrap();
            let [example] = action.examples.as_slice() else { panic!("{at} has no example") };
            let input: Value = serde_json::from_str(&example.input).unwrap();
            schema.check(&input).unwrap_or_else(|refusal| panic!("{at}: {input}: {:#?}", refusal.places()));
            let binding = Binding::new(&manifest, &action.slug, Digest::of(b"template"), None).unwrap();
            let routed = RoutedRequest::check(example.expected.clone(), Arc::new(binding));
            routed.unwrap_or_else(|refusal| panic!("{at}: {refusal:#?}"));
        }
    }
}

#[test]
fn every_declarative_document_comes_back_from_its_port() {
    for (place, document) in declarative() {
        let manifest = document.manifest().unwrap().under(&"another-name".parse().unwrap());
        let exported =
            Document::of_port(&manifest, None).unwrap_or_else(|r| panic!("{place}: {r:#?}")).to_json().unwrap();
        let value: Value = serde_json::from_str(&exported).unwrap();
        assert!(published().is_valid(&value), "{place}");
        assert_eq!(read(&place, &exported).manifest().unwrap(), manifest, "{place}");
    }
}

/// What a fixture is refused with, as it stands beside it.
fn said(text: &str, refusal: &Refusal) -> String {
    let schema = serde_json::from_str::<Value>(text).is_ok_and(|value| !published().is_valid(&value));
    let mut lines = vec![format!("schema: {}", if schema { "refuses it" } else { "cannot tell" })];
    lines.push(refusal.message().to_owned());
    lines.extend(refusal.places().iter().map(|detail| format!("{}: {}", detail.at, detail.what)));
    lines.join("\n") + "\n"
}

#[test]
fn every_bad_document_is_refused_in_these_words() {
    let folder = repository().join("tests/fixtures/documents");
    let good = fs::read_to_string(folder.join("good.json")).unwrap();
    assert!(published().is_valid(&serde_json::from_str(&good).unwrap()));
    read("good.json", &good);
    let bad: Vec<PathBuf> =
        files(&folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == "json")).collect();
    assert!(bad.len() > 50);
    let mut wrong = Vec::new();
    for file in bad.into_iter().filter(|file| !file.ends_with("good.json")) {
        let text = fs::read_to_string(&file).unwrap();
        let refusal = Document::parse(&text).err().unwrap_or_else(|| panic!("{} passes", file.display()));
        assert_eq!(refusal.code(), Code::BadDocument);
        assert!(refusal.way_out().is_some());
        let wanted = fs::read_to_string(file.with_extension("err")).unwrap_or_default();
        let said = said(&text, &refusal);
        assert!(!said.contains("hunter2"), "{} quotes what may be a credential", file.display());
        if wanted != said {
            wrong.push(format!("{}\n{said}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
