//! A starter is written whole, under its own name, into a folder that was not there.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use portcullis_authoring::{Language, Project, ProjectName, Starter};
use tempfile::TempDir;

fn starter(name: &str, language: Language) -> Starter {
    Starter::new(name.parse::<ProjectName>().unwrap(), language)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap()
}

#[test]
fn every_language_has_a_project_that_is_found_again_under_its_name() {
    for language in Language::ALL {
        let parent = TempDir::new().unwrap();
        let folder = starter("road-map", language).write(parent.path()).unwrap();
        assert_eq!(folder, parent.path().join("road-map"));
        let project = Project::find(&folder).unwrap();
        assert_eq!((project.name().as_str(), project.language()), ("road-map", language));
        assert_eq!(project.component(), folder.join("road-map.wasm"));
        for part in ["README.md", ".gitignore", ".github/workflows/plugin.yml", "wit/portcullis.wit", "cases"] {
            assert!(folder.join(part).exists(), "{language}: {part}");
        }
    }
}

#[test]
fn the_name_stands_wherever_the_starters_did() {
    for language in Language::ALL {
        for (path, text) in starter("road-map", language).files() {
            for left in ["starter-name", "starter_name", "Starter Name"] {
                assert!(!path.contains(left) && !text.contains(left), "{language}: {path}: {left}");
            }
            assert!(!path.starts_with('/') && !path.contains(".."), "{path}");
        }
        let written = |needle: &str| starter("road-map", language).files().any(|(_, text)| text.contains(needle));
        assert!(written("\"road-map\"") && written("Road Map"), "{language}");
    }
}

#[test]
fn what_is_there_is_never_touched() {
    let parent = TempDir::new().unwrap();
    fs::create_dir(parent.path().join("notes")).unwrap();
    fs::write(parent.path().join("notes/mine"), "mine").unwrap();
    let refusal = starter("notes", Language::Rust).write(parent.path()).unwrap_err();
    assert!(refusal.message().contains("is there already"), "{refusal}");
    assert_eq!(fs::read_dir(parent.path().join("notes")).unwrap().count(), 1);
    fs::write(parent.path().join("letters"), "a file").unwrap();
    assert!(starter("letters", Language::Rust).write(parent.path()).is_err());
    assert!(starter("notes", Language::Rust).write(&parent.path().join("no-such-folder")).is_err());
}

#[test]
fn the_contract_and_the_crate_for_authors_are_those_of_this_repository() {
    let starter = starter("road-map", Language::Rust);
    let files: BTreeMap<&str, &str> = starter.files().collect();
    let contract = fs::read_to_string(root().join("wit/portcullis.wit")).unwrap();
    assert_eq!(files["wit/portcullis.wit"], contract);
    let lib = fs::read_to_string(root().join("plugins/sdk/src/lib.rs")).unwrap();
    assert_eq!(files["vendor/portcullis-plugin/src/lib.rs"], lib);
    let manifest: toml::Table = files["vendor/portcullis-plugin/Cargo.toml"].parse().unwrap();
    let whole: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let shared = &whole["workspace"]["dependencies"];
    assert_eq!(manifest["dependencies"]["wit-bindgen"], shared["wit-bindgen"]);
    assert_eq!(manifest["dependencies"]["serde_json"]["features"], shared["serde_json"]["features"]);
    assert_eq!(manifest["dependencies"]["schemars"]["optional"].as_bool(), Some(true));
    assert_eq!(manifest["package"]["license"].as_str(), Some("Apache-2.0"));
    assert!(!files["vendor/portcullis-plugin/Cargo.toml"].contains("workspace"));
}

/// A new project builds with what building this repository has fetched already, and with nothing that nobody here looked at.
#[test]
fn the_starters_libraries_are_those_that_this_repository_is_built_with() {
    let packages = |text: &str| -> Vec<toml::Table> {
        let lock: toml::Table = text.parse().unwrap();
        lock["package"].as_array().unwrap().iter().map(|package| package.as_table().unwrap().clone()).collect()
    };
    let ours = packages(&fs::read_to_string(root().join("Cargo.lock")).unwrap());
    let its = packages(&fs::read_to_string(root().join("plugins/starters/rust/Cargo.lock")).unwrap());
    assert!(its.len() > 20);
    for package in its.iter().filter(|package| package.contains_key("checksum")) {
        let same = |ours: &&toml::Table| {
            ["name", "version", "source", "checksum"].iter().all(|part| ours.get(*part) == package.get(*part))
        };
        assert!(
            ours.iter().any(|ours| same(&ours)),
            "{} {} is not in Cargo.lock. Make the starter's lock anew: write a project with `portcullis new`, put this \
             repository's Cargo.lock in the place of its own, type `cargo update --workspace --offline` there, and bring \
             what that leaves back to plugins/starters/rust under the name `starter-name`",
            package["name"].as_str().unwrap(),
            package["version"].as_str().unwrap(),
        );
    }
}
