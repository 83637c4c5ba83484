//! A reader that went away: the program ends quietly, whatever it was printing.

use std::process::Stdio;

use crate::home::{CHAT, Ended, Home};

#[test]
fn a_broken_pipe_ends_the_program_without_a_word() {
    let home = Home::at("http://127.0.0.1:1");
    home.hold(CHAT);
    let commands: [&[&str]; 10] = [
        &["--help"],
        &["run", "--help"],
        &["actions"],
        &["actions", "--json"],
        &["ports"],
        &["inspect", "mistral"],
        &["approvals", "list"],
        &["audit", "list"],
        &["audit", "export"],
        &["completions", "bash"],
    ];
    for command in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = home.command(command.iter().copied()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
        assert!(ended.err.is_empty(), "{command:?}: {}", ended.err);
    }
}
