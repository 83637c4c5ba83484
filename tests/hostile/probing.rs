//! The ways to describe that exist for probing: another world, and an instance that stays. Calls know neither.

use portcullis_model::{Code, Description};
use portcullis_sandbox::{HostLimits, Limits, Tier};

use crate::stage::{ATTACK, guest, loaded, patient, sandbox};

fn third(description: Description) -> String {
    description.path[2].clone()
}

#[test]
fn elsewhere_time_and_chance_are_others_and_in_a_call_they_are_what_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = sandbox(folder.path(), Tier::Inert, HostLimits::default())
        .load(guest("inert_probe"), patient(), &|_| {})
        .unwrap();
    let probing = plugin.probing();
    assert!(probing.has_world());
    for (probe, differs) in [("clocks", true), ("random", true), ("surroundings", false), ("stdin", false)] {
        let input = format!(r#"{{"probe":"{probe}"}}"#);
        let call = || third(plugin.describe("forecast", &input).unwrap());
        let elsewhere = |other| third(probing.elsewhere("forecast", &input, other).unwrap());
        let before = call();
        assert_eq!(elsewhere(5), elsewhere(5), "{probe}");
        assert_eq!(elsewhere(5) != before, differs, "{probe}: {} {before}", elsewhere(5));
        assert_eq!(elsewhere(5) != elsewhere(6), differs, "{probe}");
        assert_eq!(call(), before, "{probe}");
    }
    assert_eq!(third(plugin.describe("forecast", r#"{"probe":"clocks"}"#).unwrap()), "0-0-0-0-0");
}

#[test]
fn an_instance_that_stays_has_the_world_of_each_call() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = sandbox(folder.path(), Tier::Inert, HostLimits::default())
        .load(guest("inert_probe"), patient(), &|_| {})
        .unwrap();
    let mut kept = plugin.probing().keep("forecast").unwrap();
    for input in [r#"{"probe":"random","salt":"a"}"#, r#"{"probe":"random","salt":"b"}"#, r#"{"probe":"sleep"}"#] {
        for _ in 0..2 {
            assert_eq!(kept.describe(input).unwrap(), plugin.describe("forecast", input).unwrap(), "{input}");
        }
    }
}

#[test]
fn what_an_instance_that_stays_keeps_no_call_ever_sees() {
    let plugin = loaded(guest("second_answer"), patient()).unwrap();
    let probing = plugin.probing();
    assert!(!probing.has_world());
    let mut kept = probing.keep("forecast").unwrap();
    assert_eq!(third(kept.describe(ATTACK).unwrap()), "paris");
    assert_eq!(third(kept.describe(ATTACK).unwrap()), "stolen");
    for _ in 0..2 {
        assert_eq!(third(plugin.describe("forecast", ATTACK).unwrap()), "paris");
        assert_eq!(third(probing.elsewhere("forecast", ATTACK, 1).unwrap()), "paris");
    }
    assert_eq!(third(probing.keep("forecast").unwrap().describe(ATTACK).unwrap()), "paris", "another one starts anew");
}

#[test]
fn each_call_in_an_instance_that_stays_has_the_limits_of_a_call() {
    let limits = Limits { wall_time_ms: 20, input_bytes: 100, ..Limits::default() };
    let plugin = loaded(guest("infinite_loop"), limits).unwrap();
    let mut kept = plugin.probing().keep("forecast").unwrap();
    // Together they take longer than one may.
    let began = std::time::Instant::now();
    while began.elapsed().as_millis() < 60 {
        kept.describe("{}").unwrap();
    }
    let large = format!(r#"{{"attack":false,"x":"{}"}}"#, "a".repeat(100));
    assert_eq!(kept.describe(&large).unwrap_err().code(), Code::PluginTooLarge);
    assert_eq!(kept.describe(ATTACK).unwrap_err().code(), Code::PluginTimeout);
    assert_eq!(kept.describe("{}").unwrap_err().code(), Code::PluginTrapped, "nothing goes on after a trap");
}
