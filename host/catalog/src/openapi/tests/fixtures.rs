//! Whole descriptions in files, each with everything that is to be told of its import beside it.
//!
//! `tests/fixtures/openapi/NAME.yaml` or `.json` goes with `NAME.told`. A description without one fails, and prints what
//! it would be.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::{Registry, text};
use crate::openapi::{Imported, SchemaCheck};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/openapi")
}

/// Each description by its name.
fn descriptions() -> Vec<(PathBuf, Imported)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end != "told"));
    files.sort();
    assert!(files.len() >= 2, "{files:?}");
    let read = |file: PathBuf| {
        let imported =
            text(&fs::read_to_string(&file).unwrap()).unwrap_or_else(|refusal| panic!("{file:?}: {refusal:?}"));
        (file, imported)
    };
    files.into_iter().map(read).collect()
}

fn told(imported: &Imported) -> String {
    let port = &imported.document.port_templates[0];
    let header = port.auth_header_name.as_deref().unwrap_or("no header");
    let prefix = port.auth_token_prefix.as_deref().unwrap_or("no prefix");
    let mut told = format!("port {} ({header}, {prefix})\n", port.base_url);
    for action in &imported.document.action_templates {
        let inputs: Vec<String> = action
            .inputs
            .parameters
            .iter()
            .map(|p| format!("{}:{}", format!("{:?}", p.place).to_lowercase(), p.name))
            .collect();
        let line = [
            action.slug.as_str(),
            &action.method,
            &action.path,
            &action.approval_mode,
            &action.request_body_mode,
            &action.result_mode,
            &inputs.join(" "),
        ]
        .join(" ");
        writeln!(told, "action {}", line.trim_end()).unwrap();
    }
    for left in &imported.left_out {
        writeln!(told, "out {} [{}] {}", left.operation, left.reason.kind(), left.reason).unwrap();
    }
    for note in &imported.notes {
        writeln!(told, "note {note}").unwrap();
    }
    told
}

#[test]
fn each_description_is_imported_as_is_written_beside_it() {
    for (file, imported) in descriptions() {
        let actual = told(&imported);
        let expected = fs::read_to_string(file.with_extension("told")).unwrap_or_default();
        assert!(actual == expected, "{file:?} is told as\n{actual}");
        let of_operations = imported.left_out.iter().filter(|left| left.operation.contains(' ')).count();
        assert_eq!(imported.document.action_templates.len() + of_operations, imported.operations);
    }
}

#[test]
fn every_reason_for_leaving_something_out_occurs() {
    let all = descriptions();
    let kinds: BTreeSet<&str> = all.iter().flat_map(|(_, i)| &i.left_out).map(|left| left.reason.kind()).collect();
    let expected = [
        "binary-answer",
        "body",
        "cookie-parameter",
        "credential",
        "header-parameter",
        "malformed",
        "method",
        "multipart",
        "other-origin",
        "path",
        "path-parameter",
        "query-parameter",
        "reference",
        "schema",
        "streaming",
    ];
    assert_eq!(kinds, BTreeSet::from(expected));
}

#[test]
fn every_action_of_a_description_compiles_and_takes_its_example() {
    for (file, imported) in descriptions() {
        for action in imported.document.manifest().unwrap().actions {
            let schema = serde_json::from_str(&action.input_schema).unwrap();
            let example = serde_json::from_str(&action.examples[0].input).unwrap();
            assert_eq!(Registry.check(&schema, &[&example]).unwrap(), [None], "{file:?} {}", action.slug);
        }
    }
}
