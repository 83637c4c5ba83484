//! A recipe is run step by step: what is pinned is made once, what was broken off is begun again, and a component is only
//! ever that of this build. The tools here are small shell scripts; the real ones are in `tests/authors`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis_authoring::{Fresh, Language, Makes, Project, Recipe, Starter, Step, Told, build, recipe};
use portcullis_model::Code;
use tempfile::TempDir;

/// The smallest component: the header of one.
const COMPONENT: &str = r"\0asm\015\0\001\0";

fn project(language: Language) -> (TempDir, Project) {
    let parent = TempDir::new().unwrap();
    let folder = Starter::new("my-notes".parse().unwrap(), language).write(parent.path()).unwrap();
    let project = Project::find(&folder).unwrap();
    (parent, project)
}

fn shell(script: &str) -> Step {
    Step {
        doing: "trying",
        program: "sh".to_owned(),
        arguments: vec!["-euc".to_owned(), script.to_owned()],
        environment: Vec::new(),
        fresh: Fresh::Never,
        makes: Makes::Nothing,
    }
}

/// Fetches into `kept`, as pip and npm do, unless that was done for the same requirements.
fn fetching(script: &str) -> Step {
    let fresh = Fresh::Pinned { by: PathBuf::from("requirements.txt"), mark: PathBuf::from("kept/mark") };
    Step { doing: "fetching", fresh, ..shell(script) }
}

fn making(script: &str) -> Step {
    let makes = Makes::Component(PathBuf::from("made.wasm"));
    Step { doing: "building", makes, ..shell(script) }
}

fn written() -> Step {
    making(&format!("printf '{COMPONENT}' >made.wasm"))
}

/// What is told, and how it ends.
fn told(project: &Project, steps: Vec<Step>) -> (Vec<String>, Result<Vec<u8>, Code>) {
    let heard = RefCell::new(Vec::new());
    let hears = |told: Told<'_>| {
        if let Told::Doing(what) = told {
            heard.borrow_mut().push(what.to_owned());
        }
    };
    let built = build(project, &Recipe { needs: Vec::new(), steps }, &hears);
    (heard.into_inner(), built.map(|built| built.bytes).map_err(|refusal| refusal.code()))
}

fn fetch_and_build() -> Vec<Step> {
    vec![fetching("rm -rf kept; mkdir kept"), written()]
}

#[test]
fn what_is_pinned_is_fetched_once_and_again_where_the_pins_change() {
    let (_parent, project) = project(Language::Python);
    let (heard, built) = told(&project, fetch_and_build());
    assert_eq!(heard, ["fetching", "building"]);
    assert_eq!(built.unwrap(), b"\0asm\x0d\0\x01\0");
    assert_eq!(told(&project, fetch_and_build()).0, ["building"]);
    fs::write(project.folder().join("requirements.txt"), "other==1.0\n").unwrap();
    assert_eq!(told(&project, fetch_and_build()).0, ["fetching", "building"]);
    assert_eq!(told(&project, fetch_and_build()).0, ["building"]);
}

#[test]
fn what_was_broken_off_is_begun_again() {
    let (_parent, project) = project(Language::Python);
    let (heard, built) = told(&project, vec![fetching("mkdir kept; exit 7"), written()]);
    assert_eq!((heard.len(), built), (1, Err(Code::BuildFailed)));
    assert_eq!(told(&project, fetch_and_build()).0, ["fetching", "building"]);
}

#[test]
fn pins_that_change_while_they_are_fetched_are_fetched_again() {
    let (_parent, project) = project(Language::Python);
    let meanwhile = fetching("rm -rf kept; mkdir kept; echo 'other==1.0' >requirements.txt");
    assert!(told(&project, vec![meanwhile, written()]).1.is_ok());
    assert_eq!(told(&project, fetch_and_build()).0, ["fetching", "building"]);
}

#[test]
fn an_earlier_component_does_not_pass_for_this_builds() {
    let (_parent, project) = project(Language::Python);
    assert!(told(&project, vec![written()]).1.is_ok());
    assert_eq!(told(&project, vec![making("true")]).1, Err(Code::BuildFailed));
}

#[test]
fn a_tool_that_an_earlier_step_made_and_that_is_gone_is_made_again_by_removing_its_folder() {
    let (_parent, project) = project(Language::Python);
    let step = Step { program: ".venv/bin/python".to_owned(), ..written() };
    let refusal = build(&project, &Recipe { needs: Vec::new(), steps: vec![step] }, &|_| ()).unwrap_err();
    assert_eq!(refusal.code(), Code::BuildFailed);
    assert_eq!(refusal.way_out(), Some("remove the folder `.venv`, and type the same again"));
}

#[test]
fn variables_that_would_bring_other_libraries_in_are_not_passed_on() {
    let (_parent, project) = project(Language::Python);
    let looking =
        || making(&format!("test -z \"${{HOME+set}}\"; test \"$SAID\" = so; printf '{COMPONENT}' >made.wasm"));
    assert_eq!(told(&project, vec![looking()]).1, Err(Code::BuildFailed));
    let environment = vec![("HOME".to_owned(), String::new()), ("SAID".to_owned(), "so".to_owned())];
    assert!(told(&project, vec![Step { environment, ..looking() }]).1.is_ok());
}

/// Each file that a recipe names is one that the starter brings.
#[test]
fn the_recipes_pins_are_files_of_their_starters() {
    for language in [Language::JavaScript, Language::Python] {
        let (_parent, project) = project(language);
        let steps = recipe(&project).steps;
        let pinned = |step: &Step| match &step.fresh {
            Fresh::Pinned { by, .. } => Some(by.clone()),
            Fresh::Never => None,
        };
        let pins: Vec<PathBuf> = steps.iter().filter_map(pinned).collect();
        assert!(!pins.is_empty(), "{language}");
        for pin in pins {
            assert!(project.folder().join(&pin).is_file(), "{language}: {}", pin.display());
        }
        let made = steps.last().map(|step| &step.makes);
        assert_eq!(made, Some(&Makes::Component(Path::new("build/plugin.wasm").to_owned())), "{language}");
    }
}
