//! A person at a terminal: the request is shown, the question's answer is no unless it is a clear yes.
//!
//! The terminal is that of `script` (util-linux).

#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::home::{CHAT, Home, have, until};
use crate::service::Mistral;

/// The program at a terminal.
pub(crate) struct Terminal {
    child: Child,
    screen: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Starts the program; `None` where there is no `script`.
    pub(crate) fn start(home: &Home, arguments: &[&str]) -> Option<Self> {
        if !have(&["script"]) {
            return None;
        }
        let program = home.command(arguments.iter().copied());
        let quoted = std::iter::once(program.get_program()).chain(program.get_args());
        let line: Vec<String> =
            quoted.map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''"))).collect();
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("SHELL", "/bin/sh").env("TERM", "xterm");
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (kept, mut out) = (screen.clone(), child.stdout.take().unwrap());
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut piece) {
                kept.lock().unwrap().extend_from_slice(&piece[..count]);
            }
        });
        Some(Self { child, screen })
    }

    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    /// Waits for the question, types an answer, and gives the exit status.
    pub(crate) fn answer(&mut self, question: &str, answer: &str) -> i32 {
        until(question, || self.screen().contains(question).then_some(()));
        self.child.stdin.as_ref().unwrap().write_all(answer.as_bytes()).unwrap();
        let status = until("the program ends", || self.child.try_wait().unwrap());
        status.code().unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn at_a_terminal_the_request_is_shown_and_silence_is_a_no() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    for answer in ["\n", "n\n", "yess\n", "да\n"] {
        let Some(mut terminal) = Terminal::start(&home, &["run", "mistral/chat-complete", "--input", CHAT]) else {
            return;
        };
        assert_eq!(terminal.answer("[y/N]", answer), 1, "{answer:?}: {}", terminal.screen());
        let screen = terminal.screen();
        for part in ["/v1/chat/completions", "authorization: Bearer <credential `mistral`>", "mistral-small-latest"] {
            assert!(screen.contains(part), "`{part}` is not shown:\n{screen}");
        }
        assert!(!screen.contains(mistral.token()));
    }
    assert_eq!(mistral.count(), 0);
    let all = home.run(["approvals", "list", "--all", "--json"]).exits(0).json();
    assert!(all.as_array().unwrap().iter().all(|approval| approval["state"] == "rejected"), "{all:#}");
    assert_eq!(all.as_array().unwrap().len(), 4);
}

#[test]
fn at_a_terminal_a_clear_yes_sends_once() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let Some(mut terminal) = Terminal::start(&home, &["run", "mistral/chat-complete", "--input", CHAT]) else { return };
    assert_eq!(terminal.answer("[y/N]", "y\n"), 0, "{}", terminal.screen());
    assert_eq!(mistral.count(), 1);
    assert_eq!(String::from_utf8(mistral.seen()[0].body.clone()).unwrap(), CHAT);
}

#[test]
fn an_approval_given_at_a_terminal_later_is_shown_and_asked_for() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let id = home.hold(CHAT);
    let Some(mut terminal) = Terminal::start(&home, &["approvals", "approve", &id]) else { return };
    assert_eq!(terminal.answer("[y/N]", "\n"), 1, "{}", terminal.screen());
    assert_eq!((mistral.count(), &home.approval(&id)["state"]), (0, &"pending".into()));
    let Some(mut terminal) = Terminal::start(&home, &["approvals", "approve", &id]) else { return };
    assert_eq!(terminal.answer("[y/N]", "yes\n"), 0, "{}", terminal.screen());
    assert_eq!(mistral.count(), 1);
}

#[test]
fn at_a_terminal_nothing_is_installed_or_removed_without_a_yes() {
    let home = Home::new("[sandbox.limits]\nwall_time_ms = 5000\n");
    let Some(mut terminal) = Terminal::start(&home, &["install", "mistral"]) else { return };
    assert_eq!(terminal.answer("[y/N]", "\n"), 1);
    assert!(terminal.screen().contains("everything it could ever send"));
    assert!(home.run(["ports", "--json"]).exits(0).json().as_array().unwrap().is_empty());
    let Some(mut terminal) = Terminal::start(&home, &["install", "mistral"]) else { return };
    assert_eq!(terminal.answer("[y/N]", "y\n"), 0, "{}", terminal.screen());
    let Some(mut terminal) = Terminal::start(&home, &["remove", "mistral"]) else { return };
    assert_eq!(terminal.answer("[y/N]", "\n"), 1, "{}", terminal.screen());
    assert_eq!(home.run(["ports", "--json"]).exits(0).json()[0]["id"], "mistral");
}
