//! A home of its own for each test, and the program run on it as a script would run it.
//!
//! The program sees none of this process's environment, and nobody can be asked at its standard input.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// Wide limits of time: the machine may be busy, and these tests are not about a plugin's speed.
const PATIENT: &str = "[sandbox.limits]\nwall_time_ms = 5000\n";

/// An input of `mistral/chat-complete`, which needs approval.
pub(crate) const CHAT: &str = r#"{"model":"mistral-small-latest","messages":[{"role":"user","content":"hi"}]}"#;

/// One host's folder, and what the environment says when the program runs there.
pub(crate) struct Home {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Home {
    /// An empty home with these settings.
    pub(crate) fn new(settings: &str) -> Self {
        let home = Self { folder: TempDir::new().unwrap(), environment: Vec::new() };
        home.configure(settings);
        home
    }

    /// A home where mistral is installed and its requests go to `origin`.
    pub(crate) fn at(origin: &str) -> Self {
        Self::with(origin, "")
    }

    /// The same, with more settings.
    pub(crate) fn with(origin: &str, more: &str) -> Self {
        let home = Self::new(&settings(origin, more));
        home.warm();
        home.run(["install", "mistral", "--yes"]).exits(0);
        home
    }

    /// The same, with the credential in the environment.
    pub(crate) fn holding(origin: &str, token: &str) -> Self {
        Self::at(origin).env("PORTCULLIS_SECRET_MISTRAL", token)
    }

    /// Sets a variable for every command from now on.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes the settings anew.
    pub(crate) fn configure(&self, settings: &str) {
        fs::write(self.path().join("portcullis.toml"), settings).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("state").join("portcullis.db")
    }

    /// The program, ready to be started on this home.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(acceptance::portcullis());
        command.args(arguments).env_clear().env("PORTCULLIS_HOME", self.path()).stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }

    /// Runs the program with this on its standard input.
    pub(crate) fn feed<'a>(&self, arguments: impl IntoIterator<Item = &'a str>, input: &str) -> Ended {
        let mut child = self.start_with(arguments, Stdio::piped());
        // The program may have refused before it read anything.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        Ended::from(child.wait_with_output().unwrap())
    }

    /// Starts the program and does not wait.
    pub(crate) fn start<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Child {
        self.start_with(arguments, Stdio::null())
    }

    /// Starts the program as a person at a prompt does. A test that itself runs in the background of a script would
    /// hand down its deafness to Ctrl-C.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_in_the_foreground<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Child {
        let wanted = self.command(arguments);
        let mut command = Command::new("/usr/bin/env");
        command.arg("--default-signal=INT").arg(wanted.get_program()).args(wanted.get_args()).env_clear();
        command.envs(wanted.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn start_with<'a>(&self, arguments: impl IntoIterator<Item = &'a str>, input: Stdio) -> Child {
        self.command(arguments).stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Makes a call that must be held; gives the approval's name.
    pub(crate) fn hold(&self, input: &str) -> String {
        let held = self.run(["run", "mistral/chat-complete", "--input", input]).exits(3);
        let id = held.out.trim().to_owned();
        assert!(id.starts_with("apr-") && !id.contains(char::is_whitespace), "{held:?}");
        id
    }

    /// An approval as data.
    pub(crate) fn approval(&self, id: &str) -> Value {
        self.run(["approvals", "show", id, "--json"]).exits(0).json()
    }

    /// Every row of the audit log, oldest first, from an export.
    pub(crate) fn rows(&self) -> Vec<Value> {
        let export = self.run(["audit", "export"]).exits(0);
        export.out.lines().map(|line| serde_json::from_str(line).expect("an exported row is JSON")).collect()
    }

    /// Puts compiled code of the shipped plugin where it would be: compiling it in each home would take most of the time.
    fn warm(&self) {
        static WARM: OnceLock<TempDir> = OnceLock::new();
        let warm = WARM.get_or_init(|| {
            let home = Self::new(PATIENT);
            home.run(["inspect", "mistral"]).exits(0);
            home.folder
        });
        copy(&warm.path().join("cache"), &self.path().join("cache"));
    }
}

/// Settings that send mistral's requests to `origin`.
pub(crate) fn settings(origin: &str, more: &str) -> String {
    format!("[ports.mistral]\norigin = \"{origin}\"\n{PATIENT}{more}")
}

fn copy(from: &Path, to: &Path) {
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit status; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is printed is UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    /// The same, if this was the exit status.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// That it was refused with this code, at `--json`.
    #[track_caller]
    pub(crate) fn refused(self, code: &str) -> Value {
        let refusal = self.exits(1).json();
        assert_eq!(refusal["code"], code, "{refusal:#}");
        for part in ["room", "message"] {
            assert!(refusal[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {refusal:#}");
        }
        refusal
    }
}

/// Looks until there is something to see.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Random bytes as hexadecimal digits.
pub(crate) fn random() -> String {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).unwrap();
    hex::encode(bytes)
}

/// A random time of at most `ms` milliseconds.
pub(crate) fn some_time(ms: u64) -> Duration {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    Duration::from_micros(u64::from_le_bytes(bytes) % (ms * 1000 + 1))
}

/// Whether these programs are here. Where they are not, says so; on a build machine they must be.
pub(crate) fn have(programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing: Vec<&&str> =
        programs.iter().filter(|p| !std::env::split_paths(&path).any(|dir| dir.join(p).is_file())).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "{missing:?} must be installed where CI is set");
    eprintln!("skipped: {missing:?} not installed");
    false
}
