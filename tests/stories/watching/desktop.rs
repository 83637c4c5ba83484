//! The desktop is told in the host's own words, with one way on, which is the page.
//!
//! Needs `dbus`; skipped with a message where it is missing, unless `CI` is set.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::doors::served::{Served, agent};
use crate::home::{CHAT, Home, have, until};
use crate::service::Mistral;

/// Keeps what goes over the bus; says where that is, and ends with standard input.
const SESSION: &str = "dbus-monitor --session >\"$HOME/heard\" 2>/dev/null & monitor=$!
    echo \"$DBUS_SESSION_BUS_ADDRESS\"
    read -r wait_for_the_end
    kill $monitor";

/// A session on which nobody shows notifications, and which keeps what is asked of it.
struct Session {
    child: Child,
    bus: String,
    folder: TempDir,
}

impl Session {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new("dbus-run-session");
        command.args(["--", "sh", "-c", SESSION]).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", folder.path()).env("XDG_RUNTIME_DIR", folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut bus = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut bus).unwrap();
        assert!(bus.starts_with("unix:"), "the session did not start: `{bus}`");
        let session = Self { child, bus: bus.trim().to_owned(), folder };
        until("the monitor", || session.heard().contains("NameAcquired").then_some(()));
        session
    }

    fn heard(&self) -> String {
        fs::read(self.folder.path().join("heard"))
            .map_or_else(|_| String::new(), |b| String::from_utf8_lossy(&b).into())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

#[test]
fn the_desktop_is_told_once_with_no_button_that_decides_and_its_absence_is_said_once() {
    if !have(&["dbus-run-session", "dbus-daemon", "dbus-monitor"]) {
        return;
    }
    let (session, mistral) = (Session::start(), Mistral::start());
    let home = Home::with(&mistral.origin(), "[credentials]\nstore = \"file\"\n")
        .env("PORTCULLIS_SECRET_MISTRAL", mistral.token())
        .env("DBUS_SESSION_BUS_ADDRESS", &session.bus);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let url = served.url().to_owned();
    let hold = |text: &str| {
        let body = format!("{{\"input\":{}}}", CHAT.replace("hi", text));
        served.post("/v1/actions/mistral/chat-complete/execute", &token, &body).is(202);
    };
    hold("words of the body");
    let heard = until("the notification", || {
        let heard = session.heard();
        heard.split_once("member=Notify\n").map(|(_, rest)| rest.to_owned()).filter(|rest| rest.contains("\n   int32"))
    });
    let message = heard.split_once("\n   int32").unwrap().0;
    assert!(message.contains("Agent helper asks for mistral/chat-complete."), "{message}");
    assert!(!message.contains("words of the body") && !message.contains(&url), "{message}");
    let actions = message.split_once("array [").unwrap().1.split_once(']').unwrap().0;
    let actions: Vec<_> = actions.split_whitespace().collect();
    assert_eq!(actions, ["string", "\"default\"", "string", "\"Open\""]);
    hold("other words");
    served.signal(Signal::TERM);
    let ended = served.ended().exits(0);
    assert_eq!(ended.err.matches("shows notifications").count(), 1, "{}", ended.err);
}
