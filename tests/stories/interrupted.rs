//! Ctrl-C while the service stalls, and what another process can read of a call that is on its way.

use std::fs;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::home::{Ended, Home, until};
use crate::service::Mistral;

const STALL: [&str; 4] = ["run", "mistral/get-model", "--input", r#"{"model_id":"misbehave-stall"}"#];

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_call_is_unknown_and_not_sent_again() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let child = home.start_in_the_foreground(STALL);
    until("the request arrives", || (mistral.count() == 1).then_some(()));
    // Another command meanwhile leaves the live call alone.
    home.run(["ports"]).exits(0);
    assert!(home.rows().iter().all(|row| row["kind"] != "unknown"));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_ne!(ended.code, Some(0), "{ended:?}");
    home.run(["ports"]).exits(0);
    let rows = home.rows();
    let intent = rows.iter().find(|row| row["kind"] == "intent").unwrap();
    let end = rows.iter().rfind(|row| row["call"] == intent["call"]).unwrap();
    assert_eq!(end["kind"], "unknown", "{end:#}");
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
    assert_eq!(mistral.count(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn the_environment_of_a_running_call_does_not_hold_the_credential() {
    let holds = |id: u32, token: &str| match fs::read(format!("/proc/{id}/environ")) {
        Ok(bytes) => crate::tap::contains(&bytes, token.as_bytes()),
        // Another account than root may not even look.
        Err(_) => false,
    };
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let mut child = home.start(STALL);
    until("the request arrives", || (mistral.count() == 1).then_some(()));
    assert!(!holds(child.id(), mistral.token()));
    child.kill().unwrap();
    child.wait().unwrap();
    // The twin: a program that takes no such care.
    let mut careless =
        Command::new("sleep").arg("60").env("PORTCULLIS_SECRET_MISTRAL", mistral.token()).spawn().unwrap();
    until("a careless program shows it", || holds(careless.id(), mistral.token()).then_some(()));
    careless.kill().unwrap();
    careless.wait().unwrap();
}
