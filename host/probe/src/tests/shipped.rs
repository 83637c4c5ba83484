//! Every schema that comes with the program.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_catalog::Document;
use portcullis_model::{Digest, Manifest};
use portcullis_registry::InstalledPort;

use super::{made, of_schema};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn nearly_every_branch_of_the_mistral_plugin_is_reached() {
    let (mut branches, mut missed, mut schemas) = (0, Vec::new(), 0);
    for entry in fs::read_dir(root().join("plugins/mistral/schemas")).unwrap() {
        let path = entry.unwrap().path();
        let made = of_schema(&serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap(), 1_800);
        schemas += 1;
        branches += made.branches;
        missed.extend(made.missed.into_iter().map(|name| format!("{}: {name}", path.file_stem().unwrap().display())));
    }
    assert!(schemas > 20 && branches > 300, "{schemas} {branches}");
    println!("{} of {branches} missed: {missed:#?}", missed.len());
    assert!(missed.len() * 10 < branches, "{} of {branches}: {missed:#?}", missed.len());
}

#[test]
fn inputs_of_every_document_of_the_catalog_pass_and_reach_most_branches() {
    let mut tried = 0;
    for publisher in fs::read_dir(root().join("catalog/integrations")).unwrap() {
        for entry in fs::read_dir(publisher.unwrap().path()).unwrap() {
            let document = Document::parse(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap().document;
            if document.component.is_some() {
                continue;
            }
            let manifest = Manifest::check(document.manifest().unwrap()).unwrap();
            let port = InstalledPort::new(manifest, Digest::of(b"template"), None);
            let (mut branches, mut missed) = (0, 0);
            for action in port.actions() {
                let made = made(&port, action, 1, 300);
                assert!(!made.inputs.is_empty() && made.broken > 0, "{}", action.binding().id());
                branches += made.branches;
                missed += made.missed.len();
                tried += 1;
            }
            println!("{}: {missed} of {branches} missed", document.slug);
            assert!(missed * 4 < branches, "{}: {missed} of {branches}", document.slug);
        }
    }
    assert!(tried > 20, "{tried}");
}
