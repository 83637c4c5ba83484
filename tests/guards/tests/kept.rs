//! What SECURITY.md claims stays true: every attack names a guard that is there and a test that is run, was seen to fail
//! without that guard, and stands in the document.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use std::fs;

use guards::{Attack, DOCUMENT, Patch, Seen, Sources, TestName, all, root, written};

fn attacks() -> Vec<Attack> {
    all().unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_guard_is_where_its_patch_deletes_it() {
    let read = |file: &str| fs::read_to_string(root().join(file)).ok();
    let wrong = |attack: &Attack| attack.patch.apply(read).err().map(|why| format!("{}: {why}", attack.id));
    none(&attacks().iter().filter_map(wrong).collect::<Vec<_>>());
}

#[test]
fn every_test_that_is_named_is_there_and_run() {
    let sources = Sources::of(&root()).unwrap();
    let wrong = |attack: &Attack| sources.find(&attack.test).err().map(|why| format!("{}: {why}", attack.id));
    none(&attacks().iter().filter_map(wrong).collect::<Vec<_>>());
}

#[test]
fn every_test_was_seen_to_fail_without_its_guard() {
    let (attacks, seen) = (attacks(), Seen::read().unwrap());
    let wrong = attacks
        .iter()
        .filter(|attack| !seen.has(attack))
        .map(|attack| format!("{id}: not seen to fail as it stands; try `tests/guards/run {id}`", id = attack.id));
    none(&wrong.collect::<Vec<_>>());
    assert_eq!(seen.stale(&attacks).count(), 0, "seen.toml names attacks that are gone");
}

#[test]
fn the_document_says_what_the_data_says() {
    let (attacks, sources) = (attacks(), Sources::of(&root()).unwrap());
    let document = fs::read_to_string(root().join(DOCUMENT)).unwrap();
    let written = written(&document, &attacks, &sources).unwrap();
    assert!(written == document, "{DOCUMENT} is not what the data says; try `tests/guards/run --write`");
}

#[test]
fn enough_attacks_are_tried_of_every_kind() {
    let attacks = attacks();
    assert!(attacks.len() >= 40, "{}", attacks.len());
    for actor in guards::Actor::ALL {
        assert!(attacks.iter().any(|attack| attack.actor == actor), "{actor:?} does nothing");
    }
}

fn named(target: &str, name: &str) -> TestName {
    TestName { package: "acceptance".into(), target: target.into(), name: name.into(), says: None, may_hang: false }
}

#[test]
fn a_test_that_is_renamed_moved_or_ignored_would_be_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "tests/Cargo.toml",
        "[package]\nname = \"acceptance\"\n[[test]]\nname = \"rooms\"\npath = \"rooms/main.rs\"\n",
    );
    write("host/x/Cargo.toml", "[package]\nname = \"x\"\n");
    write("plugins/y/Cargo.toml", "[package]\nname = \"y\"\n");
    write("tests/rooms/main.rs", "mod a;\n");
    let test = "/// Says so.\n#[tokio::test(flavor = \"multi_thread\")]\nasync fn one() {}\n#[test]\n#[ignore]\nfn off() {}\nfn helper() {}\n";
    write("tests/rooms/a.rs", &format!("{test}mod within {{\n    #[test]\n    fn two() {{}}\n}}\n"));
    write("tests/rooms/a/b.rs", "#[test]\nfn three() {}\n");
    write("tests/alone.rs", "#[test]\nfn four() {}\n");
    let sources = Sources::of(folder.path()).unwrap();
    for (target, name, file) in [
        ("rooms", "a::one", Some("tests/rooms/a.rs")),
        ("rooms", "a::within::two", Some("tests/rooms/a.rs")),
        ("rooms", "a::b::three", Some("tests/rooms/a/b.rs")),
        ("rooms", "a::off", None),
        ("rooms", "a::helper", None),
        ("rooms", "a::ones", None),
        ("rooms", "a::elsewhere::two", None),
        ("rooms", "one", None),
        ("stories", "a::one", None),
    ] {
        assert_eq!(sources.find(&named(target, name)).ok().as_deref(), file, "{target} {name}");
    }
    assert!(sources.find(&TestName { package: "z".into(), ..named("rooms", "a::one") }).is_err());
}

#[test]
fn a_patch_applies_to_one_place_or_not_at_all() {
    let diff = |file: &str, hunks: &str| Patch::parse(&format!("--- a/{file}\n+++ b/{file}\n{hunks}"));
    let hunk = "@@ -7,3 +7,2 @@ fn f() {\n before\n-guard\n after\n";
    let patch = diff("host/x.rs", hunk).unwrap();
    let apply = |text: &str| patch.apply(|_| Some(text.to_owned())).ok().map(|mut changed| changed.remove(0).1);
    assert_eq!(apply("a\nbefore\nguard\nafter\nb\n").as_deref(), Some("a\nbefore\nafter\nb\n"));
    assert_eq!(apply("    before\n        guard\n    after\n").as_deref(), Some("before\nafter\n"), "it was moved");
    assert_eq!(apply("a\nbefore\nafter\n"), None, "the guard is gone");
    assert_eq!(apply("before\nguard\nother\n"), None, "what is around it has changed");
    assert_eq!(apply("before\nguard\nafter\nbefore\nguard\nafter\n"), None, "which of the two?");
    assert!(patch.apply(|_| None).is_err());
    for (file, hunks) in [
        ("tests/x.rs", hunk),
        ("host/../tests/x.rs", hunk),
        ("host/x.rs", ""),
        ("host/x.rs", "@@ -1,1 +1,1 @@\n same\n"),
        ("host/x.rs", "@@ -7,3 +7,2 @@\n before\n-guard\n"),
        ("host/x.rs", "@@ -7,1 +7,0 @@\n before\n-guard\n"),
        ("host/x.rs", "guard\n"),
    ] {
        assert!(diff(file, hunks).is_err(), "{file} {hunks}");
    }
    let long: String = (0..41).map(|line| format!("-{line}\n")).collect();
    assert!(diff("host/x.rs", &format!("@@ -1,41 +0,0 @@\n{long}")).is_err());
}

#[test]
fn an_attack_is_read_strictly() {
    let toml = "asset = \"credential\"\nattack = \"a\"\nroom = \"r\"\nguard = \"g\"\n[test]\npackage = \"p\"\ntarget = \"lib\"\nname = \"n\"\n";
    let patch = "--- a/host/x.rs\n+++ b/host/x.rs\n@@ -1,1 +0,0 @@\n-guard\n";
    assert!(Attack::read("author/some-name", toml, patch).is_ok());
    for (id, from, to) in [
        ("nobody/some-name", "", ""),
        ("author/Some_name", "", ""),
        ("author", "", ""),
        ("author/x", "credential", "other"),
        ("author/x", "attack = \"a\"", "attack = \"\""),
        ("author/x", "attack = \"a\"", "attack = \"a | b\""),
        ("author/x", "attack = \"a\"\n", ""),
        ("author/x", "attack = \"a\"", "attack = \"a\"\nmore = 1"),
        ("author/x", "target = \"lib\"", "target = \"lib\"\nsay = \"x\""),
    ] {
        assert!(Attack::read(id, &toml.replacen(from, to, 1), patch).is_err(), "{id} {from} {to}");
    }
}
