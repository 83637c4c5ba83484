//! The credential in a real Secret Service: a bus and a keyring of this test's own, started and ended by it.
//!
//! Needs `dbus` and `gnome-keyring`; skipped with a message where they are missing, unless `CI` is set.

#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::credentials::{list_models, place};
use crate::home::{Home, have};
use crate::needle::Needle;
use crate::service::Mistral;

/// Says where the bus is, and ends the session when standard input does.
const SESSION: &str = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit 1
    echo \"$DBUS_SESSION_BUS_ADDRESS\"
    read -r wait_for_the_end";

/// A session with an unlocked keyring.
struct Session {
    child: Child,
    bus: String,
    _folder: TempDir,
}

impl Session {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new("dbus-run-session");
        command.args(["--", "sh", "-c", SESSION]).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        for name in ["HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, folder.path());
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut bus = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut bus).unwrap();
        assert!(bus.starts_with("unix:"), "the session did not start: `{bus}`");
        Self { child, bus: bus.trim().to_owned(), _folder: folder }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

#[test]
fn a_read_works_with_the_token_from_the_keyring() {
    if !have(&["dbus-run-session", "dbus-daemon", "gnome-keyring-daemon"]) {
        return;
    }
    let session = Session::start();
    let mistral = Mistral::start();
    // Nothing is set about credentials: the keyring is what is used where there is one.
    let home = Home::at(&mistral.origin()).env("DBUS_SESSION_BUS_ADDRESS", &session.bus);
    assert_eq!(place(&home), "missing");
    let kept = home.feed(["secret", "set", "mistral", "--json"], &format!("{}\n", mistral.token())).exits(0).json();
    assert_eq!(kept["credential"], "keyring");
    assert_eq!(place(&home), "keyring");
    list_models(&home, &mistral);
    assert!(!home.path().join("state").join("credentials.age").exists());
    assert_eq!(Needle::new(mistral.token()).found_below(home.path()), None);
    let checks = home.run(["doctor", "--json"]).exits(0).json();
    let credentials = checks.as_array().unwrap().iter().find(|check| check["id"] == "credentials").unwrap();
    assert_eq!(credentials["what"], "kept in the keyring");

    let other = Home::at(&mistral.origin()).env("DBUS_SESSION_BUS_ADDRESS", &session.bus);
    assert_eq!(place(&other), "missing", "one home reads another's credential");

    home.run(["secret", "remove", "mistral"]).exits(0);
    assert_eq!(place(&home), "missing");
    home.run(["run", "mistral/list-models", "--json"]).refused("credential-missing");
    assert_eq!(mistral.count(), 1);
}
