//! A reviewer tries a plugin: what is printed, the exit status, and what stops it early.

use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::home::{Ended, Home};

const SETTINGS: &str = "[sandbox]\ntier = \"inert\"\n[sandbox.limits]\nwall_time_ms = 200\n";

fn written(home: &Home, name: &str) -> String {
    let path: PathBuf = home.path().join(format!("{name}.wasm"));
    std::fs::write(&path, portcullis_gateway::built_in(name).unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn probe(home: &Home, what: &str, more: &[&str]) -> Ended {
    home.run(["probe", what, "--seconds", "600"].into_iter().chain(more.iter().copied()))
}

#[test]
fn each_kind_of_misbehaviour_is_found_and_the_exit_status_says_so() {
    let home = Home::new(SETTINGS);
    for (guest, calls, kind, smallest) in [
        ("once_in_a_thousand", "20000", "left-declaration", Some(r#"{"page":7}"#)),
        ("sleeper", "20000", "left-declaration", Some(r#"{"wishes":[{"note":"swordfish at midnight"}]}"#)),
        ("counts_calls", "1000", "keeps-state", Some("{}")),
        ("draws_lots", "1000", "differs-on-second-call", None),
        ("trips_on_edge", "4000", "trapped", None),
        ("remembers", "4000", "leaks-input", None),
        ("loops_for_one", "20000", "over-limit", Some(r#"{"station":918273645}"#)),
    ] {
        let report = probe(&home, &written(&home, guest), &["--calls", calls, "--json"]).exits(1).json();
        let found = report["findings"].as_array().unwrap();
        let finding = found.iter().find(|finding| finding["kind"] == kind);
        let finding = finding.unwrap_or_else(|| panic!("{guest}: {report:#}"));
        if let Some(smallest) = smallest {
            assert_eq!(finding["input"], smallest, "{guest}");
        }
        assert_eq!(report["ended"], "calls", "{guest}");
        println!("{guest}: {} ms, {} calls a second", report["pace"]["elapsedMs"], report["pace"]["callsPerSecond"]);
    }
}

#[test]
fn a_clean_plugin_a_document_and_an_installed_port_pass_and_the_text_is_fit_for_a_comment() {
    let home = Home::at("http://127.0.0.1:1");
    let text = probe(&home, "mistral", &["--calls", "300"]).exits(0).out;
    for words in ["### probe of `mistral`: nothing found", "| action | examples |", "- seed 0, ", "calls a second"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let report = probe(&home, "mistral", &["--calls", "300", "--json"]).exits(0).json();
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    assert!(report["actions"].as_array().unwrap().len() > 20, "every action: {report:#}");
    let document = probe(&home, "slack-web-api", &["--calls", "200", "--json"]).exits(0).json();
    assert_eq!(document["subject"]["tier"], "sealed");
    home.run(["install", "slack-web-api", "--yes"]).exits(0);
    let installed = probe(&home, "slack-web-api", &["--calls", "200", "--json"]).exits(0).json();
    assert_eq!(installed["subject"], document["subject"]);
    assert_eq!(installed["actions"], document["actions"], "installed or not, the same is tried");
    let one = probe(&home, "mistral", &["--calls", "200", "--action", "list-models", "--json"]).exits(0).json();
    assert_eq!(one["actions"].as_array().unwrap().len(), 1);
    assert!(home.rows().iter().all(|row| row["kind"] != "intent"), "a probe sends nothing");
}

#[test]
fn what_cannot_be_probed_is_refused_and_no_agent_probes() {
    let home = Home::at("http://127.0.0.1:1");
    probe(&home, "mistral", &["--action", "no-such-action", "--json"]).refused("unknown-action");
    probe(&home, "no-such-plugin", &["--json"]).refused("bad-request");
    probe(&home, "mistral", &["--calls", "0"]).exits(2);
    probe(&home, "mistral", &["--seconds", "0"]).exits(2);
    let strict = Home::new("");
    probe(&strict, &written(&strict, "draws_lots"), &["--json"]).refused("forbidden-import");
    let agent = home.env("PORTCULLIS_TOKEN", "pca_0000000000000000000000000000000000000000000");
    probe(&agent, "mistral", &["--json"]).refused("forbidden");
}

#[test]
fn control_c_ends_it_with_what_was_found_so_far() {
    let home = Home::new(SETTINGS);
    let path = written(&home, "once_in_a_thousand");
    // Compiled before, so that what is interrupted is the probe.
    home.run(["inspect", &path]).exits(0);
    let child: Child =
        home.start_in_the_foreground(["probe", &path, "--calls", "100000000", "--seconds", "600", "--json"]);
    std::thread::sleep(Duration::from_secs(4));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let report = Ended::from(child.wait_with_output().unwrap()).exits(1).json();
    assert_eq!(report["ended"], "stopped");
    assert!(report["calls"].as_u64().unwrap() > 0, "{report:#}");
    assert_eq!(report["findings"][0]["input"], r#"{"page":7}"#);
}
