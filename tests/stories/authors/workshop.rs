//! A folder to write plugins in, with the tools of this machine or with stand-ins for them.
//!
//! Nothing here needs a network: what a starter is built with was fetched when this program was.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::home::{Ended, Home};

/// Wide limits of time, as for the other stories.
const PATIENT: &str = "[sandbox.limits]\nwall_time_ms = 5000\n";

/// The name of the project that is built once for all.
pub(super) const NOTES: &str = "my-notes";

/// A home, and a folder beside it.
pub(super) struct Workshop {
    pub(super) home: Home,
    folder: TempDir,
}

impl Workshop {
    /// An empty one. The program finds no tools in it.
    pub(super) fn new() -> Self {
        Self { home: Home::new(PATIENT), folder: TempDir::new().unwrap() }
    }

    /// One where the program finds this machine's tools, and nothing may be fetched.
    pub(super) fn with_tools() -> Self {
        let mut workshop = Self::new();
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            if let Ok(value) = env::var(name) {
                workshop.home = workshop.home.env(name, &value);
            }
        }
        workshop.home = workshop.home.env("CARGO_NET_OFFLINE", "true");
        workshop
    }

    /// One where the program finds stand-ins: each a name and a shell script.
    pub(super) fn with_stand_ins(stand_ins: &[(&str, &str)]) -> Self {
        let mut workshop = Self::new();
        for (name, script) in stand_ins {
            workshop.script(&format!("bin/{name}"), script);
        }
        let path = format!("{}:/usr/bin:/bin", workshop.path().join("bin").display());
        workshop.home = workshop.home.env("PATH", &path);
        workshop
    }

    /// One with a project in Python, whose tools are stand-ins: they copy what lies in `next.bin`.
    pub(super) fn copying(name: &str) -> Self {
        let workshop = Self::with_stand_ins(&[("python3", "echo Python 3.12.1")]);
        workshop.write(&format!("{name}/pyproject.toml"), format!("[project]\nname = \"{name}\"\n"));
        workshop.write(&format!("{name}/requirements.txt"), "");
        // The environment is made, as its marks say, and holds one tool.
        for mark in ["made-for.txt", "installed.txt"] {
            workshop.write(&format!("{name}/.venv/{mark}"), "");
        }
        workshop.script(&format!("{name}/.venv/bin/python"), "mkdir -p build && cp next.bin build/plugin.wasm");
        workshop
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the folder.
    pub(super) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes a shell script below the folder.
    pub(super) fn script(&self, path: &str, script: &str) {
        let path = self.write(path, format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the program in the folder.
    pub(super) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ended {
        Ended::from(self.home.command(arguments).current_dir(self.path()).output().unwrap())
    }

    /// A project whose component was built, by name; its cases are those of the starter.
    pub(super) fn holding_notes(&self) -> PathBuf {
        let notes = notes();
        let folder = self.path().join(NOTES);
        for (path, bytes) in notes {
            self.write(&format!("{NOTES}/{path}"), bytes);
        }
        folder
    }
}

/// Where the starter is written and built: a folder that stays, so that only what changed is compiled again.
pub(super) fn bench() -> PathBuf {
    // Test programs are in <target>/<profile>/deps.
    let exe = env::current_exe().unwrap();
    let bench = exe.ancestors().nth(3).unwrap().join("starters");
    fs::create_dir_all(&bench).unwrap();
    bench
}

/// The starter in Rust, written and built as a reader of the guide would, once for all stories: the files that the other
/// stories need.
fn notes() -> &'static [(String, Vec<u8>)] {
    static NOTES_BUILT: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    NOTES_BUILT.get_or_init(|| {
        let workshop = Workshop::with_tools();
        let (bench, folder) = (bench(), bench().join(NOTES));
        // What was compiled stays; what was written goes, so that the starter of now is built.
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let target = bench.join("target").display().to_string();
        let home = workshop.home.env("CARGO_TARGET_DIR", &target);
        let run = |arguments: &[&str], at: &Path| {
            Ended::from(home.command(arguments.iter().copied()).current_dir(at).output().unwrap())
        };
        run(&["new", NOTES, "--lang", "rust"], &bench).exits(0);
        run(&["build"], &folder).exits(0);
        let mut files = vec![format!("{NOTES}.wasm"), "Cargo.toml".to_owned()];
        for entry in fs::read_dir(folder.join("cases")).unwrap() {
            files.push(format!("cases/{}", entry.unwrap().file_name().to_str().unwrap()));
        }
        files.into_iter().map(|path| (path.clone(), fs::read(folder.join(&path)).unwrap())).collect()
    })
}

/// The component of the starter.
pub(super) fn component() -> Vec<u8> {
    notes()[0].1.clone()
}

/// The same with its origin at another host.
pub(super) fn component_of_elsewhere() -> Vec<u8> {
    replaced(&component(), b"https://api.example.com", b"https://api.example.net")
}

/// The same in other words.
pub(super) fn component_in_other_words() -> Vec<u8> {
    replaced(&component(), b"Notebooks of one account", b"Notebooks of one person ")
}

/// Puts bytes of the same number in the place of others, wherever they stand.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let at: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!at.is_empty(), "the component does not hold `{}`", String::from_utf8_lossy(from));
    for at in at {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}
