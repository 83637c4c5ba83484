//! The starter in Rust: built, checked, tested, installed, and a call described, without an edit.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::workshop::{NOTES, Workshop, bench};
use crate::home::Ended;

/// Every command of the starter's own workflow that can run here, in its order.
fn commands(workflow: &str) -> Vec<String> {
    let workflow: Value = serde_saphyr::from_str(workflow).unwrap();
    let steps = workflow["jobs"]["plugin"]["steps"].as_array().unwrap().clone();
    steps.iter().filter_map(|step| step["run"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_plugin_in_rust_goes_from_nothing_to_a_described_request() {
    let workshop = Workshop::with_tools();
    let folder = workshop.holding_notes();
    let checked = workshop.run(["check", NOTES, "--strict", "--json"]).exits(0).json();
    assert_eq!((&checked["errors"], &checked["warnings"]), (&0.into(), &0.into()), "{checked:#}");
    let tested = workshop.run(["test", NOTES, "--json"]).exits(0).json();
    assert_eq!((&tested["failed"], tested["cases"].as_array().unwrap().len()), (&0.into(), 7), "{tested:#}");
    let file = folder.join(format!("{NOTES}.wasm"));
    workshop.run(["install", file.to_str().unwrap(), "--yes"]).exits(0);
    let find = ["run", "my-notes/find-notes", "--input", r#"{"notebook": "to do", "limit": 5}"#, "--dry-run"];
    let described = workshop.run(find).exits(0);
    assert!(described.out.contains("GET https://api.example.com/v1/notebooks/to%20do/notes?limit=5"), "{described:?}");
    assert!(described.out.contains("authorization: Bearer <credential `my-notes`>"), "{described:?}");
    assert!(described.err.contains("automatic"), "{described:?}");
    let add =
        ["run", "my-notes/add-note", "--input", r#"{"notebook": "work", "title": "Plan"}"#, "--dry-run", "--json"];
    let described = workshop.run(add).exits(0).json();
    assert_eq!(described["decision"], "needs-approval", "{described:#}");
}

#[test]
fn the_component_that_is_built_is_sealed_and_no_folder_of_this_machine_is_in_it() {
    let workshop = Workshop::with_tools();
    let folder = workshop.holding_notes();
    let page = workshop.run(["inspect", folder.join("my-notes.wasm").to_str().unwrap(), "--json"]).exits(0).json();
    assert_eq!((&page["tier"], &page["imports"]), (&"sealed".into(), &Value::Array(Vec::new())));
    let bytes = fs::read(folder.join("my-notes.wasm")).unwrap();
    let bench = bench();
    for here in [bench.to_str().unwrap(), ".cargo/registry"] {
        assert!(!bytes.windows(here.len()).any(|window| window == here.as_bytes()), "{here}");
    }
}

/// As a build machine would, in the order of the workflow, in the folder that `new` wrote.
#[test]
fn the_workflow_of_the_starter_runs_as_it_stands() {
    let workshop = Workshop::with_tools();
    workshop.holding_notes();
    let folder = bench().join(NOTES);
    let workflow = fs::read_to_string(folder.join(".github/workflows/plugin.yml")).unwrap();
    let mut ran = Vec::new();
    for line in commands(&workflow) {
        // Fetching the target and the program itself is the build machine's.
        if line.starts_with("rustup ") || line.starts_with("cargo install ") {
            continue;
        }
        run(&workshop, &folder, &line).exits(0);
        ran.push(line);
    }
    assert!(ran.len() >= 5, "{ran:?}");
    let sum = fs::read_to_string(folder.join("my-notes.wasm.sha256")).unwrap();
    let built = workshop.run(["inspect", folder.join("my-notes.wasm").to_str().unwrap(), "--json"]).exits(0).json();
    assert!(sum.starts_with(&built["digest"].as_str().unwrap()["sha256:".len()..]), "{sum}");
}

/// Runs a line in a shell that finds the program.
fn run(workshop: &Workshop, folder: &Path, line: &str) -> Ended {
    let program = acceptance::portcullis();
    let wanted = workshop.home.command([]);
    let mut shell = Command::new("sh");
    shell.args(["-ec", line]).current_dir(folder).env_clear();
    shell.envs(wanted.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("CARGO_TARGET_DIR", bench().join("target"));
    let path = std::env::var("PATH").unwrap();
    shell.env("PATH", format!("{}:{path}", program.parent().unwrap().display()));
    Ended::from(shell.output().unwrap())
}
