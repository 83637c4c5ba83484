//! A project is what is in its folder; what is built of it goes by its sources and by nothing else.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use portcullis_authoring::{
    Built, Fresh, Language, Makes, Met, Need, Project, Recipe, Step, Told, build, fingerprint, is_source, recipe,
    source_folders,
};
use portcullis_model::{Code, Refusal};
use tempfile::TempDir;

const CARGO: &str = "[package]\nname = \"notes\"\n[dependencies]\nportcullis-plugin = { path = \"x\" }\n";
const PYTHON: &str = "[project]\nname = \"notes\"\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn refused(files: &[(&str, &str)]) -> Refusal {
    Project::find(folder(files).path()).unwrap_err()
}

#[test]
fn the_language_is_told_by_what_is_in_the_folder() {
    for (file, text, language) in [
        ("Cargo.toml", CARGO, Language::Rust),
        ("package.json", r#"{"name": "notes"}"#, Language::JavaScript),
        ("pyproject.toml", PYTHON, Language::Python),
    ] {
        let folder = folder(&[(file, text)]);
        let project = Project::find(folder.path()).unwrap();
        assert_eq!((project.language(), project.name().as_str()), (language, "notes"));
        assert!(!recipe(&project).steps.is_empty());
    }
}

#[test]
fn what_is_no_project_is_refused_with_what_to_type() {
    for (files, told) in [
        (&[][..], "is no plugin's folder"),
        (&[("Cargo.toml", "[package]\nname = \"notes\"\n")], "is no plugin's folder"),
        (&[("Cargo.toml", CARGO), ("pyproject.toml", PYTHON)], "has both `Cargo.toml` and `pyproject.toml`"),
        (&[("Cargo.toml", "[package")], "cannot be read"),
        (&[("package.json", "{")], "cannot be read"),
        (&[("package.json", r#"{"name": "@acme/notes"}"#)], "cannot be a port's"),
        (&[("pyproject.toml", "[project]\nname = \"My Notes\"\n")], "cannot be a port's"),
    ] {
        let refusal = refused(files);
        assert!(refusal.message().contains(told) && refusal.way_out().is_some(), "{files:?}: {refusal}");
    }
}

#[test]
fn sources_are_what_a_build_reads() {
    let root = Path::new("/p");
    for source in [
        "src/lib.rs",
        "Cargo.toml",
        "Cargo.lock",
        "wit/portcullis.wit",
        "app.py",
        "src/deep/down.js",
        "src/build/mod.rs",
        "src/table.wasm",
    ] {
        assert!(is_source(root, &root.join(source)), "{source}");
    }
    for other in [
        "target/release/x.d",
        "node_modules/a/b.js",
        ".venv/bin/pip",
        ".git/index",
        "cases/a.json",
        "notes.wasm",
        "notes.wasm.new",
        "build/x",
        "src/__pycache__/app.pyc",
    ] {
        assert!(!is_source(root, &root.join(other)), "{other}");
    }
    assert!(!is_source(root, Path::new("/q/src/lib.rs")));
}

#[test]
fn a_fingerprint_changes_with_a_source_and_with_nothing_else() {
    let folder = folder(&[("src/lib.rs", "a"), ("Cargo.toml", CARGO), ("target/x", "1"), ("cases/a.json", "{}")]);
    let path = folder.path();
    let before = fingerprint(path).unwrap();
    fs::write(path.join("target/x"), "2").unwrap();
    fs::write(path.join("cases/b.json"), "{}").unwrap();
    fs::write(path.join("notes.wasm"), "x").unwrap();
    fs::write(path.join("src/lib.rs"), "a").unwrap();
    assert_eq!(fingerprint(path).unwrap(), before);
    fs::write(path.join("src/lib.rs"), "b").unwrap();
    let changed = fingerprint(path).unwrap();
    assert_ne!(changed, before);
    fs::rename(path.join("src/lib.rs"), path.join("src/main.rs")).unwrap();
    assert_ne!(fingerprint(path).unwrap(), changed);
    let mut folders = source_folders(path).unwrap();
    folders.sort();
    assert_eq!(folders, [path.to_owned(), path.join("src")]);
}

fn step(program: &str, arguments: &[&str], makes: Makes) -> Step {
    Step {
        doing: "making it",
        program: program.to_owned(),
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        environment: Vec::new(),
        fresh: Fresh::Never,
        makes,
    }
}

fn built(folder: &TempDir, needs: Vec<Need>, steps: Vec<Step>, told: &dyn Fn(Told<'_>)) -> Result<Built, Refusal> {
    build(&Project::find(folder.path()).unwrap(), &Recipe { needs, steps }, told)
}

fn component() -> Makes {
    Makes::Component("out/plugin.wasm".into())
}

#[test]
fn steps_run_in_the_folder_one_after_the_other_and_give_the_component() {
    let folder = folder(&[
        ("pyproject.toml", PYTHON),
        ("tool/make", "#!/bin/sh\nmkdir out && echo made && echo made > out/plugin.wasm\n"),
    ]);
    let make = folder.path().join("tool/make");
    let mut mode = fs::metadata(&make).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&make, mode).unwrap();
    let heard = std::cell::RefCell::new(Vec::new());
    let told = |told: Told<'_>| match told {
        Told::Doing(what) => heard.borrow_mut().push(format!("doing {what}")),
        Told::Says(line) => heard.borrow_mut().push(format!("says {line}")),
    };
    let mut skipped = step("false", &[], Makes::Nothing);
    skipped.fresh = Fresh::Pinned { by: "pyproject.toml".into(), mark: "pyproject.toml".into() };
    let steps = vec![skipped, step("tool/make", &[], component())];
    assert_eq!(built(&folder, Vec::new(), steps, &told).unwrap().bytes, b"made\n");
    assert_eq!(*heard.borrow(), ["doing making it", "says made"]);
}

#[test]
fn a_missing_tool_is_refused_before_anything_runs() {
    let folder = folder(&[("pyproject.toml", PYTHON)]);
    let need = Need { what: "the tool", probe: &["no-such-tool-anywhere"], met: Met::Runs, fix: "apt install tool" };
    let refusal = built(&folder, vec![need], vec![step("touch", &["ran"], component())], &|_| {}).unwrap_err();
    assert_eq!((refusal.code(), refusal.way_out()), (Code::ToolMissing, Some("apt install tool")));
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn a_tool_that_fails_or_leaves_nothing_behind_ends_the_build() {
    let folder = folder(&[("pyproject.toml", PYTHON)]);
    for steps in [
        vec![step("false", &[], Makes::Nothing), step("touch", &["ran"], Makes::Nothing)],
        vec![step("no-such-tool-anywhere", &[], component())],
        vec![step("true", &[], component())],
        vec![step("true", &[], Makes::CargoModule)],
        vec![step("true", &[], Makes::Nothing)],
        vec![],
    ] {
        let refusal = built(&folder, Vec::new(), steps, &|_| {}).unwrap_err();
        assert_eq!(refusal.code(), Code::BuildFailed);
        assert!(refusal.way_out().is_some(), "{refusal}");
    }
    assert!(!folder.path().join("ran").exists());
}
