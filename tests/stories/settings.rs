//! `portcullis.toml`, the home folder, and what `doctor` says of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::home::{CHAT, Home};
use crate::tap::Tap;

#[test]
fn a_key_that_nobody_knows_is_an_error_that_names_its_line() {
    for (settings, line, word) in [
        ("[ports.mistral]\norigin = \"http://127.0.0.1:1\"\nlimit = 1\n", "line 3", "limit"),
        ("\n[port.mistral]\n", "line 2", "port"),
        ("[approvals]\nlife_secs = 60\n", "line 2", "life_secs"),
        ("[egress]\n\ntimeout = 1\n", "line 3", "timeout"),
        ("[ports.mistral.actions.chat-complete]\napproval = \"never\"\n", "line 2", "never"),
        ("[sandbox]\ntier = open\n", "line 2", "open"),
    ] {
        let home = Home::new(settings);
        for command in [&["ports"][..], &["run", "mistral/list-models"], &["install", "mistral", "--yes"]] {
            let ended = home.run(command.iter().copied()).exits(1);
            assert!(ended.err.contains(line) && ended.err.contains(word), "{settings}: {ended:?}");
        }
        assert!(!home.path().join("state").exists(), "something was begun under wrong settings");
    }
}

#[test]
fn an_origin_that_is_none_is_an_error_at_every_command() {
    for origin in
        ["http://example.com", "https://a.example/path", "https://user@a.example", "ftp://a.example", "a.example"]
    {
        let home = Home::new(&format!("[ports.mistral]\norigin = \"{origin}\"\n"));
        let ended = home.run(["ports"]).exits(1);
        assert!(ended.err.contains("[ports.mistral] origin"), "{ended:?}");
    }
}

#[test]
fn a_home_that_cannot_be_is_an_error_and_not_a_panic() {
    let home = Home::new("");
    let file = home.path().join("a-file");
    fs::write(&file, "").unwrap();
    for (folder, code) in [(file.join("home"), 1), (file.clone(), 1)] {
        for command in [&["ports"][..], &["doctor"], &["audit", "list"], &["run", "mistral/list-models"]] {
            let ended = home.command(command.iter().copied()).env("PORTCULLIS_HOME", &folder).output().unwrap();
            let ended = crate::home::Ended::from(ended).exits(code);
            assert!(!ended.err.contains("panicked"), "{ended:?}");
            assert!(!ended.err.is_empty() || ended.out.contains("bad"), "{ended:?}");
        }
    }
    let garbage = Home::new("");
    fs::create_dir(garbage.path().join("state")).unwrap();
    fs::write(garbage.database(), "this is no database, and long enough to be taken for one ".repeat(20)).unwrap();
    let ended = garbage.run(["ports"]).exits(1);
    assert!(!ended.err.contains("panicked"), "{ended:?}");
}

#[test]
fn everything_in_a_home_is_private_to_its_account() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), "settings-token-0123456789");
    home.run(["run", "mistral/list-models"]).exits(0);
    home.hold(CHAT);
    for part in ["state", "cache"] {
        private(&home.path().join(part));
    }
}

fn private(path: &Path) {
    let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| private(&entry.unwrap().path()));
    }
}

#[test]
fn the_doctor_says_what_is_wrong_and_exits_1() {
    let well = Home::with("http://127.0.0.1:1", "[credentials]\nstore = \"file\"\n")
        .env("PORTCULLIS_PASSPHRASE", "a long horse")
        .env("PORTCULLIS_SECRET_MISTRAL", "a-token-0123456789");
    let checks = well.run(["doctor", "--json"]).exits(0).json();
    let checks = checks.as_array().unwrap();
    assert!(checks.iter().all(|check| check["ok"] == true && check["id"].is_string()), "{checks:#?}");
    for id in ["settings", "audit", "sandbox", "credentials", "plugin"] {
        assert!(checks.iter().any(|check| check["id"] == id), "{id}: {checks:#?}");
    }
    let misnamed = well.env("PORTCULLIS_SECRET_mistral", "a-token-0123456789");
    let ended = misnamed.run(["doctor"]).exits(1);
    assert!(ended.out.contains("PORTCULLIS_SECRET_mistral") && ended.out.contains("next:"), "{ended:?}");
    assert!(!ended.out.contains("a-token-0123456789"));
    for (wrong, says) in [
        ("[ports.mistral.actions.no-such]\napproval = \"deny\"\n", "mistral/no-such"),
        ("[ports.mistrl]\norigin = \"http://127.0.0.1:1\"\n", "[ports.mistrl]"),
        ("[nonsense]\n", "nonsense"),
    ] {
        let home = Home::holding("http://127.0.0.1:1", "a-token-0123456789");
        home.configure(wrong);
        let ended = home.run(["doctor"]).exits(1);
        assert!(ended.out.contains(says), "{ended:?}");
    }
    let keyless = Home::with("http://127.0.0.1:1", "[credentials]\nstore = \"file\"\n")
        .env("PORTCULLIS_PASSPHRASE", "a long horse");
    let ended = keyless.run(["doctor"]).exits(1);
    assert!(ended.out.contains("portcullis secret set mistral"), "{ended:?}");
    let tampered = Home::at("http://127.0.0.1:1");
    let component = fs::read_dir(tampered.path().join("state/components")).unwrap().next().unwrap().unwrap().path();
    fs::write(&component, b"\0asm").unwrap();
    let checks = tampered.run(["doctor", "--json"]).exits(1).json();
    assert!(
        checks.as_array().unwrap().iter().any(|check| check["id"] == "plugin" && check["ok"] == false),
        "{checks:#}"
    );
    tampered.run(["run", "mistral/list-models", "--json"]).refused("digest-mismatch");
}
