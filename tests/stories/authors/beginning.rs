//! `portcullis new`: a name that fits, a folder that was not there, and the guide.

use std::fs;

use super::workshop::Workshop;

fn guide() -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join("plugins/README.md")).unwrap()
}

#[test]
fn a_project_is_written_into_a_folder_of_its_name_and_says_what_to_type() {
    let workshop = Workshop::new();
    let told = workshop.run(["new", "road-map", "--lang", "rust"]).exits(0);
    assert!(told.out.contains("road-map is there") && told.err.contains("portcullis build"), "{told:?}");
    let library = fs::read_to_string(workshop.path().join("road-map/src/lib.rs")).unwrap();
    assert!(library.contains("Port::new(\"road-map\", \"Road Map\", ORIGIN, Auth::Bearer)"), "{library}");
    let data = workshop.run(["new", "other", "--lang", "rust", "--json"]).exits(0).json();
    assert_eq!((&data["id"], &data["language"]), (&"other".into(), &"rust".into()));
    let files = data["files"].as_array().unwrap();
    assert!(files.contains(&"Cargo.lock".into()) && files.contains(&"wit/portcullis.wit".into()), "{data:#}");
    assert!(files.iter().all(|file| workshop.path().join("other").join(file.as_str().unwrap()).is_file()));
}

#[test]
fn what_cannot_begin_says_why_and_leaves_everything_as_it_is() {
    let workshop = Workshop::new();
    workshop.write("taken/mine.txt", "mine");
    for (name, told) in [
        ("taken", "is there already"),
        ("My-Notes", "is not a name"),
        ("../elsewhere", "is not a name"),
        ("portcullis", "the host's own name"),
        ("serde", "the name of a library"),
    ] {
        let refusal = workshop.run(["new", name, "--lang", "rust", "--json"]).refused("bad-request");
        assert!(refusal["message"].as_str().unwrap().contains(told), "{refusal:#}");
        assert!(refusal["fix"].is_string(), "{refusal:#}");
    }
    let left: Vec<_> = fs::read_dir(workshop.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["taken"]);
    assert_eq!(fs::read_dir(workshop.path().join("taken")).unwrap().count(), 1);
    for usage in [&["new"][..], &["new", "a"], &["new", "a", "--lang", "cobol"], &["new", "a", "--print-guide"]] {
        workshop.run(usage.iter().copied()).exits(2);
    }
}

#[test]
fn the_guide_is_printed_as_it_stands_with_what_is_wanted_before_it() {
    let workshop = Workshop::new();
    let printed = workshop.run(["new", "--print-guide"]).exits(0);
    let guide = guide();
    assert!(printed.out.trim_end().ends_with(guide.trim_end()));
    let task = printed.out.strip_suffix(&format!("{}\n", guide.trim_end())).unwrap();
    assert!(task.contains("portcullis check --strict") && task.contains("Never put a credential"), "{task}");
    let data = workshop.run(["new", "--print-guide", "--json"]).exits(0).json();
    assert!(data["guide"].as_str().unwrap().ends_with(&guide));
}

#[test]
fn an_agent_may_type_none_of_it() {
    let mut workshop = Workshop::new();
    workshop.home = workshop.home.env("PORTCULLIS_TOKEN", "pca_0000000000000000000000000000000000000000000");
    for verb in [&["new", "a", "--lang", "rust"][..], &["build"], &["check"], &["test", "--bless"], &["dev", "--yes"]] {
        workshop.run(verb.iter().copied().chain(["--json"])).refused("forbidden");
    }
    assert_eq!(fs::read_dir(workshop.path()).unwrap().count(), 0);
}
