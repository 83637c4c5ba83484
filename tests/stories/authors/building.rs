//! `portcullis build`: what is missing says what to type, and what comes out is looked at before it is kept.

use std::fs;

use portcullis_gateway::built_in;

use super::workshop::Workshop;

const CARGO: &str = "[package]\nname = \"notes\"\n[dependencies]\nportcullis-plugin = { path = \"x\" }\n";
const PYTHON: &str = "[project]\nname = \"notes\"\n";

/// A project in Python and stand-ins for its tools. The component is what lies in `next.bin`.
fn python(next: &[u8]) -> Workshop {
    let workshop = Workshop::copying("notes");
    workshop.write("notes/next.bin", next);
    workshop
}

#[test]
fn a_folder_that_is_no_project_is_refused_with_how_to_begin() {
    let workshop = Workshop::new();
    workshop.write("empty/readme", "");
    for folder in [".", "empty", "no-such-folder"] {
        let refusal = workshop.run(["build", folder, "--json"]).refused("bad-request");
        assert!(refusal["fix"].as_str().unwrap().contains("portcullis new"), "{refusal:#}");
    }
}

#[test]
fn a_missing_tool_says_what_to_type() {
    let no_target = "[ \"$1\" = --print ] && echo /no/such/folder";
    for (stand_ins, project, fix) in [
        (&[][..], ("Cargo.toml", CARGO), "https://rustup.rs"),
        (&[("cargo", "true"), ("rustc", no_target)], ("Cargo.toml", CARGO), "rustup target add wasm32-unknown-unknown"),
        (&[("cargo", "true"), ("rustc", "exit 1")], ("Cargo.toml", CARGO), "rustup target add wasm32-unknown-unknown"),
        (&[("node", "exit 1")], ("package.json", r#"{"name": "notes"}"#), "https://nodejs.org"),
        (&[("node", "echo v12.0.0")], ("package.json", r#"{"name": "notes"}"#), "https://nodejs.org"),
        (&[("node", "echo v99.0.0"), ("npm", "exit 1")], ("package.json", r#"{"name": "notes"}"#), "npm"),
        (&[("python3", "echo Python 2.7.18")], ("pyproject.toml", PYTHON), "https://www.python.org"),
        (&[("python3", "[ \"$1\" = --version ] && echo Python 3.12.1")], ("pyproject.toml", PYTHON), "python3-venv"),
    ] {
        let mut workshop = Workshop::with_stand_ins(stand_ins);
        let bin = workshop.path().join("bin").display().to_string();
        workshop.home = workshop.home.env("PATH", &bin);
        workshop.write(&format!("notes/{}", project.0), project.1);
        let refusal = workshop.run(["build", "notes", "--json"]).refused("tool-missing");
        assert!(refusal["fix"].as_str().unwrap().contains(fix), "{stand_ins:?}: {refusal:#}");
    }
}

#[test]
fn what_the_compiler_says_is_shown_and_nothing_is_written() {
    let workshop = Workshop::with_stand_ins(&[
        ("rustc", "echo /"),
        ("cargo", "[ \"$1\" = --version ] || { echo 'error: expected `;`' >&2; exit 101; }"),
    ]);
    workshop.write("notes/Cargo.toml", CARGO);
    let failed = workshop.run(["build", "notes"]).exits(1);
    assert!(failed.err.contains("error: expected `;`") && failed.err.contains("build-failed"), "{failed:?}");
    assert!(failed.err.contains("next:") && !workshop.path().join("notes/notes.wasm").exists(), "{failed:?}");
}

#[test]
fn a_component_of_another_language_is_taken_as_its_tool_left_it() {
    let mistral = built_in("mistral").unwrap();
    let workshop = python(mistral);
    let built = workshop.run(["build", "notes", "--json"]).exits(0).json();
    assert_eq!((&built["tier"], &built["bytes"]), (&"sealed".into(), &mistral.len().into()));
    assert_eq!(fs::read(workshop.path().join("notes/notes.wasm")).unwrap(), mistral);
    let shown = workshop.run(["build", "notes"]).exits(0);
    for part in ["sealed: it imports nothing", built["digest"].as_str().unwrap(), "notes.wasm"] {
        assert!(shown.out.contains(part), "{part}: {shown:?}");
    }
    assert!(shown.err.contains("building with componentize-py"), "{shown:?}");
}

#[test]
fn an_import_that_no_plugin_may_have_is_refused_with_how_to_be_rid_of_it() {
    let workshop = python(built_in("socket_import").unwrap());
    let refusal = workshop.run(["build", "notes", "--json"]).refused("forbidden-import");
    assert!(refusal["message"].as_str().unwrap().contains("wasi:sockets"), "{refusal:#}");
    assert!(refusal["fix"].as_str().unwrap().contains("--stub-wasi"), "{refusal:#}");
    assert!(!workshop.path().join("notes/notes.wasm").exists());
    let inert = python(built_in("inert_probe").unwrap());
    let built = inert.run(["build", "notes", "--json"]).exits(0).json();
    assert_eq!(built["tier"], "inert", "an inert one is built, and said to be so: {built:#}");
}

#[test]
fn a_tool_that_leaves_no_plugin_behind_is_refused_and_what_was_built_before_stays() {
    let workshop = python(built_in("mistral").unwrap());
    workshop.run(["build", "notes"]).exits(0);
    let before = fs::read(workshop.path().join("notes/notes.wasm")).unwrap();
    workshop.write("notes/next.bin", "no component");
    workshop.run(["build", "notes", "--json"]).refused("not-a-plugin");
    workshop.script("notes/.venv/bin/python", "true");
    workshop.run(["build", "notes", "--json"]).refused("build-failed");
    assert_eq!(fs::read(workshop.path().join("notes/notes.wasm")).unwrap(), before);
}
