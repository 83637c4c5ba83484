//! Cases are read, run, told apart and blessed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_authoring::{Case, Cases, Ended, bless, diff, run};
use portcullis_model::Body;
use serde_json::{Value, json};
use support::{By, adds_notes, manifest};
use tempfile::TempDir;

const RIGHT: &str = r#"{"action": "add-note", "input": {"title": "Plan"},
    "request": {"method": "POST", "path": ["v1", "notes"], "body": {"json": {"title": "Plan"}}}}"#;
const REFUSED: &str = r#"{"about": "Blank titles are no titles.", "action": "add-note", "input": {"title": " "},
    "refusal": {"code": "plugin-refused", "at": ["/", "/title"]}}"#;
const WRONG: &str = r#"{"action": "add-note", "input": {"title": "Plan"},
    "request": {"method": "POST", "path": ["v1", "notes"], "body": {"json": {"title": "Plans"}}}}"#;
const UNSAID: &str = r#"{"action": "add-note", "input": {"title": "Plan"}}"#;

fn folder(cases: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in cases {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn ends(folder: &Path) -> Vec<Ended> {
    let plugin = By { declared: manifest(), describe: adds_notes };
    run(Cases::read(folder).unwrap(), &plugin).iter().map(|ran| ran.ended).collect()
}

fn file(path: &PathBuf) -> Value {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn what_was_expected_and_came_is_told_from_what_was_not() {
    let folder =
        folder(&[("a.json", RIGHT), ("b.json", REFUSED), ("c.json", WRONG), ("d.json", UNSAID), ("e.txt", "no")]);
    assert_eq!(ends(folder.path()), [Ended::Well, Ended::Well, Ended::Otherwise, Ended::Unsaid]);
    assert_eq!(Cases::read(&folder.path().join("none")).unwrap(), []);
}

#[test]
fn a_refusal_in_the_place_of_a_request_is_not_what_was_expected() {
    let other_place = REFUSED.replace(r#""/", "#, "");
    let other_code = REFUSED.replace("plugin-refused", "invalid-input");
    let not_refused = REFUSED.replace(r#"" ""#, r#""Plan""#);
    let refused = RIGHT.replace(r#"{"title": "Plan"},"#, r#"{"title": ""},"#);
    let folder =
        folder(&[("a.json", &other_place), ("b.json", &other_code), ("c.json", &not_refused), ("d.json", &refused)]);
    assert_eq!(ends(folder.path()), [Ended::Otherwise; 4]);
}

#[test]
fn the_worked_examples_are_cases_too_and_bodies_are_compared_as_json() {
    let mut declared = manifest();
    declared.actions.remove(0);
    declared.actions[0].examples[0].expected.body = Some(Body::Json("{ \"title\" : \"Plan\" }".to_owned()));
    let plugin = By { declared, describe: adds_notes };
    let ran = run(Case::examples(&plugin.declared), &plugin);
    assert_eq!(ran.len(), 1);
    assert_eq!((ran[0].ended, ran[0].case.name().as_str()), (Ended::Well, "add-note: \"A note\""));
}

#[test]
fn a_diff_shows_the_line_that_differs_and_not_the_order_of_members() {
    let reordered = WRONG.replace(r#"{"title": "Plans"}"#, r#"{"title": "Plans", "at": 1}"#);
    let folder = folder(&[("a.json", &reordered)]);
    let declared = manifest();
    let describe = |_: &str, _: Value| {
        let mut came = adds_notes("add-note", json!({"title": "Plan"}))?;
        came.body = Some(Body::Json(r#"{"at":1,"title":"Plan\u202e"}"#.to_owned()));
        Ok(came)
    };
    let ran = run(Cases::read(folder.path()).unwrap(), &By { declared, describe });
    let shown = diff(&ran[0]);
    let changed: Vec<&str> = shown.lines().filter(|line| line.starts_with(['+', '-'])).skip(2).collect();
    assert_eq!(changed.len(), 2, "{shown}");
    assert!(changed[0].contains(r#"-        "title": "Plans""#) && changed[1].contains("Plan"), "{shown}");
    assert!(!shown.contains('\u{202e}'), "{shown}");
}

#[test]
fn blessing_writes_what_came_and_nothing_else() {
    let said_refusal =
        r#"{"about": "Kept.", "action": "add-note", "input": {"title": "Plan"}, "refusal": {"code": "bad-body"}}"#;
    let folder = folder(&[("a.json", RIGHT), ("b.json", WRONG), ("c.json", UNSAID), ("d.json", said_refusal)]);
    let before = fs::read_to_string(folder.path().join("a.json")).unwrap();
    let plugin = By { declared: manifest(), describe: adds_notes };
    let mut cases = Case::examples(&plugin.declared);
    cases.extend(Cases::read(folder.path()).unwrap());
    let blessed = bless(&run(cases, &plugin)).unwrap();
    let names: Vec<_> = blessed.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["b.json", "c.json", "d.json"]);
    assert_eq!(fs::read_to_string(folder.path().join("a.json")).unwrap(), before, "what was right is not written anew");
    assert_eq!(ends(folder.path()), [Ended::Well; 4]);
    let written = file(&blessed[2]);
    assert_eq!(written["about"], "Kept.");
    assert_eq!(written["request"]["body"]["json"], json!({"title": "Plan"}));
    assert!(written.get("refusal").is_none(), "{written}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is left beside them");
}

#[test]
fn a_case_that_changed_while_it_was_run_is_not_blessed() {
    let folder = folder(&[("a.json", WRONG)]);
    let plugin = By { declared: manifest(), describe: adds_notes };
    let ran = run(Cases::read(folder.path()).unwrap(), &plugin);
    for (from, to) in [(r#"{"title": "Plan"},"#, r#"{"title": "Other"},"#), ("add-note", "find-notes")] {
        let changed = WRONG.replace(from, to);
        assert_ne!(changed, WRONG);
        fs::write(folder.path().join("a.json"), &changed).unwrap();
        assert!(bless(&ran).is_err(), "{to}");
        assert_eq!(fs::read_to_string(folder.path().join("a.json")).unwrap(), changed);
    }
}

#[test]
fn a_file_that_is_no_case_is_refused_by_name() {
    for bad in [
        "",
        "[]",
        r#"{"action": "a"}"#,
        r#"{"action": "a", "input": {}, "expect": {}}"#,
        r#"{"action": "a", "action": "b", "input": {}}"#,
        r#"{"action": "a", "input": {}, "request": {"method": "TRACE", "path": []}}"#,
        r#"{"action": "a", "input": {}, "request": {"method": "GET", "path": [], "origin": "https://x"}}"#,
        r#"{"action": "a", "input": {}, "request": {"method": "GET", "path": []}, "refusal": {"code": "x"}}"#,
    ] {
        let folder = folder(&[("bad.json", bad)]);
        let refusal = Cases::read(folder.path()).unwrap_err();
        assert!(refusal.message().contains("bad.json") && refusal.way_out().is_some(), "{bad}: {refusal}");
    }
}
