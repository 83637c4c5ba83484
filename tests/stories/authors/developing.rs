//! `portcullis dev`: a change is built and installed, what it widens is asked about, and Ctrl-C ends it well.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use super::workshop::{NOTES, Workshop, component, component_in_other_words, component_of_elsewhere};
use crate::home::until;
use crate::terminal::Terminal;

/// A project whose tool gives the component of the starter.
fn workshop() -> Workshop {
    let workshop = Workshop::copying(NOTES);
    next(&workshop, &component());
    workshop
}

fn next(workshop: &Workshop, component: &[u8]) {
    workshop.write("my-notes/next.bin", component);
}

fn installed(workshop: &Workshop) -> Value {
    workshop.run(["ports", "--json"]).exits(0).json()
}

/// The program, watching, with what it told so far.
struct Watching {
    child: Child,
    told: Arc<Mutex<Vec<Value>>>,
}

impl Watching {
    fn start(workshop: &Workshop, more: &[&str]) -> Self {
        let folder = workshop.path().join(NOTES);
        let arguments = ["dev", folder.to_str().unwrap(), "--json"].into_iter().chain(more.iter().copied());
        let mut child = workshop.home.start_in_the_foreground(arguments);
        let told = Arc::new(Mutex::new(Vec::new()));
        let (kept, out) = (told.clone(), child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in BufReader::new(out).lines() {
                kept.lock().unwrap().push(serde_json::from_str(&line.unwrap()).unwrap());
            }
        });
        Self { child, told }
    }

    /// What was told at a round, counted from 0.
    #[track_caller]
    fn round(&self, index: usize) -> Value {
        until("a round", || self.told.lock().unwrap().get(index).cloned())
    }

    /// Presses Ctrl-C.
    fn stop(&mut self) -> i32 {
        let killed = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        until("the program ends", || self.child.try_wait().unwrap()).code().unwrap()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_change_is_built_and_installed_and_ctrl_c_ends_it_well() {
    let workshop = workshop();
    let mut watching = Watching::start(&workshop, &["--yes"]);
    assert_eq!(watching.round(0)["installed"], "new");
    next(&workshop, &component_in_other_words());
    let round = watching.round(1);
    assert_eq!(round["installed"], "replaced", "{round:#}");
    assert_eq!(round["changes"][0]["weight"], "wording", "{round:#}");
    assert_eq!(installed(&workshop)[0]["digest"], round["digest"]);
    workshop.write("my-notes/app.py", "# another source, the same component");
    assert_eq!(watching.round(2)["installed"], "again");
    assert_eq!(watching.stop(), 0);
    assert_eq!(installed(&workshop)[0]["id"], NOTES, "what is installed stays installed");
}

#[test]
fn what_does_not_build_or_is_no_plugin_is_told_and_mended_by_the_next_change() {
    let workshop = workshop();
    let watching = Watching::start(&workshop, &["--yes"]);
    let first = watching.round(0)["digest"].clone();
    next(&workshop, b"no component");
    assert_eq!(watching.round(1)["refusal"]["code"], "not-a-plugin");
    assert_eq!(installed(&workshop)[0]["digest"], first, "what was installed stays");
    next(&workshop, &component_in_other_words());
    assert_eq!(watching.round(2)["installed"], "replaced");
}

#[test]
fn what_widens_waits_for_a_yes_and_the_rest_does_not() {
    let workshop = workshop();
    let folder = workshop.path().join(NOTES);
    let folder = folder.to_str().unwrap();
    workshop.run(["dev", folder, "--once", "--yes"]).exits(0);
    let first = installed(&workshop)[0]["digest"].clone();
    let mut watching = Watching::start(&workshop, &[]);
    assert_eq!(watching.round(0)["installed"], "again");
    next(&workshop, &component_of_elsewhere());
    let refused = watching.round(1);
    assert_eq!(refused["refusal"]["code"], "approval-required", "{refused:#}");
    assert!(refused["refusal"]["fix"].as_str().unwrap().ends_with("--yes"), "{refused:#}");
    assert_eq!(installed(&workshop)[0]["digest"], first, "nothing was installed");
    next(&workshop, &component_in_other_words());
    assert_eq!(watching.round(2)["installed"], "replaced", "words are no widening");
    assert_eq!(watching.stop(), 0);
}

#[test]
fn the_first_install_waits_for_a_yes() {
    let workshop = workshop();
    let folder = workshop.path().join(NOTES);
    workshop.run(["dev", folder.to_str().unwrap(), "--json"]).refused("approval-required");
    assert_eq!(installed(&workshop).as_array().unwrap().len(), 0);
}

#[test]
fn a_port_that_came_from_elsewhere_is_not_taken_without_a_yes() {
    let workshop = workshop();
    let elsewhere = workshop.write("other.wasm", component_in_other_words());
    workshop.run(["install", elsewhere.to_str().unwrap(), "--yes"]).exits(0);
    let first = installed(&workshop)[0]["digest"].clone();
    let folder = workshop.path().join(NOTES);
    workshop.run(["dev", folder.to_str().unwrap(), "--once", "--json"]).refused("approval-required");
    assert_eq!(installed(&workshop)[0]["digest"], first);
}

#[test]
fn at_a_terminal_what_widens_is_shown_and_asked_about() {
    let workshop = workshop();
    let folder = workshop.path().join(NOTES);
    let folder = folder.to_str().unwrap();
    workshop.run(["dev", folder, "--once", "--yes"]).exits(0);
    let first = installed(&workshop)[0]["digest"].clone();
    next(&workshop, &component_of_elsewhere());
    let Some(mut terminal) = Terminal::start(&workshop.home, &["dev", folder, "--once"]) else { return };
    assert_eq!(terminal.answer("[y/N]", "\n"), 1, "{}", terminal.screen());
    assert!(terminal.screen().contains("https://api.example.net"), "{}", terminal.screen());
    assert_eq!(installed(&workshop)[0]["digest"], first);
    let Some(mut terminal) = Terminal::start(&workshop.home, &["dev", folder, "--once"]) else { return };
    assert_eq!(terminal.answer("[y/N]", "y\n"), 0, "{}", terminal.screen());
    assert_ne!(installed(&workshop)[0]["digest"], first);
}
