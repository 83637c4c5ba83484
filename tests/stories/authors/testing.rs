//! `portcullis test`: a case that differs shows where, and blessing it writes what came.

use std::fs;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::workshop::{NOTES, Workshop};

const CASE: &str = "my-notes/cases/find-notes-encodes-nothing-itself.json";

fn case(workshop: &Workshop) -> Value {
    fs::read_to_string(workshop.path().join(CASE)).unwrap().parse().unwrap()
}

#[test]
fn a_failing_case_shows_a_diff_and_blessing_mends_it() {
    let workshop = Workshop::new();
    workshop.holding_notes();
    let right = case(&workshop);
    let mut wrong = right.clone();
    wrong["request"]["path"][2] = "to-do".into();
    workshop.write(CASE, wrong.to_string());
    let failed = workshop.run(["test", NOTES]).exits(1);
    assert!(failed.out.contains("FAILED cases/find-notes-encodes-nothing-itself.json"), "{failed:?}");
    for line in ["-      \"to-do\",", "+      \"to do\","] {
        assert!(failed.out.contains(line), "{line}: {}", failed.out);
    }
    assert!(failed.err.contains("7 cases: 6 as expected, 1 not") && failed.err.contains("--bless"), "{failed:?}");
    assert_eq!(case(&workshop), wrong, "nothing is written unasked");
    let blessed = workshop.run(["test", NOTES, "--bless"]).exits(0);
    assert!(blessed.out.contains("blessed") && blessed.out.contains("find-notes-encodes"), "{blessed:?}");
    assert_eq!(case(&workshop), right);
    workshop.run(["test", NOTES]).exits(0);
}

#[test]
fn a_new_case_is_filled_in_by_blessing_be_it_a_request_or_a_refusal() {
    let workshop = Workshop::new();
    workshop.holding_notes();
    workshop.write("my-notes/cases/new.json", r#"{"action": "add-note", "input": {"notebook": "work", "title": "A"}}"#);
    workshop.write("my-notes/cases/no.json", r#"{"about": "No.", "action": "add-note", "input": {"notebook": ""}}"#);
    let unsaid = workshop.run(["test", NOTES, "--json"]).exits(1).json();
    assert_eq!(unsaid["failed"], 2, "{unsaid:#}");
    workshop.run(["test", NOTES, "--bless"]).exits(0);
    let read = |name: &str| -> Value {
        fs::read_to_string(workshop.path().join("my-notes/cases").join(name)).unwrap().parse().unwrap()
    };
    assert_eq!(read("new.json")["request"]["body"]["json"], json!({"title": "A"}));
    assert_eq!(read("no.json")["refusal"], json!({"code": "invalid-input", "at": ["/", "/notebook"]}));
    assert_eq!(read("no.json")["about"], "No.");
    let rerun = workshop.run(["test", NOTES, "--json"]).exits(0).json();
    assert_eq!((&rerun["failed"], rerun["cases"].as_array().unwrap().len()), (&0.into(), 9));
}

#[test]
fn a_case_goes_through_every_room_before_the_credential() {
    let workshop = Workshop::new();
    workshop.holding_notes();
    for (name, action, input) in [
        ("unknown-action", "no-such-action", json!({})),
        ("invalid-input", "find-notes", json!({"notebook": "a", "limit": 0})),
        ("plugin-refused", "add-note", json!({"notebook": "a", "title": " "})),
        ("bad-segment", "find-notes", json!({"notebook": ".."})),
    ] {
        workshop.write("my-notes/cases/one.json", json!({"action": action, "input": input}).to_string());
        let tested = workshop.run(["test", NOTES, "--json"]).exits(1).json();
        let came = tested["cases"].as_array().unwrap().iter().find(|case| case["name"] == "cases/one.json").unwrap();
        assert_eq!(came["came"]["refusal"]["code"], name, "{came:#}");
        assert_eq!(came["refusal"]["code"], name, "{came:#}");
    }
}

#[test]
fn a_worked_example_that_lies_is_found_and_cannot_be_blessed() {
    let workshop = Workshop::new();
    workshop.write("lying.wasm", portcullis_gateway::built_in("lying_example").unwrap());
    let tested = workshop.run(["test", "lying.wasm", "--json"]).exits(1).json();
    assert_eq!(tested["failed"], 2, "{tested:#}");
    workshop.run(["test", "lying.wasm", "--bless"]).exits(1);
}

#[test]
fn what_cannot_be_installed_is_not_tested() {
    let workshop = Workshop::new();
    workshop.write("many.wasm", portcullis_gateway::built_in("many_problems").unwrap());
    let refusal = workshop.run(["test", "many.wasm", "--json"]).refused("bad-manifest");
    assert_eq!(refusal["fix"], "portcullis check");
}

#[test]
fn a_file_that_is_no_case_is_refused_by_name() {
    let workshop = Workshop::new();
    workshop.holding_notes();
    workshop.write("my-notes/cases/bad.json", r#"{"action": "find-notes", "input": {}, "expects": {}}"#);
    let refusal = workshop.run(["test", NOTES, "--json"]).refused("bad-request");
    assert!(refusal["message"].as_str().unwrap().contains("bad.json"), "{refusal:#}");
}

#[test]
fn a_component_that_is_older_than_its_sources_is_said_to_be_so() {
    let workshop = Workshop::new();
    let folder = workshop.holding_notes();
    let built = fs::File::options().write(true).open(folder.join("my-notes.wasm")).unwrap();
    built.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert!(workshop.run(["test", NOTES]).exits(0).err.contains("older than its sources"));
    built.set_modified(SystemTime::now() + std::time::Duration::from_secs(60)).unwrap();
    assert!(!workshop.run(["test", NOTES]).exits(0).err.contains("older than its sources"));
}
