//! One run of one test.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::TestName;

/// How long a test may take, and one that is expected to hang.
const PATIENCE: Duration = Duration::from_secs(180);
const HANGS: Duration = Duration::from_secs(45);

/// How often is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The test passed.
    Passed,
    /// It failed.
    Failed,
    /// It took the whole program along.
    Crashed,
    /// It did not end in time.
    Hung,
    /// No such test was run.
    Absent,
}

/// A run and what came of it.
pub struct Trial {
    /// How it ended.
    pub ended: Ended,
    /// What it printed.
    pub output: String,
    /// How long it took.
    pub took: Duration,
}

impl Trial {
    /// Runs one test of a program, in its package's folder.
    ///
    /// # Errors
    /// Where the program cannot be started.
    pub fn run(program: &Path, folder: &Path, test: &TestName) -> Result<Self> {
        let patience = if test.may_hang { HANGS } else { PATIENCE };
        let started = Instant::now();
        let mut child = Command::new(program)
            .args([&test.name, "--exact", "--nocapture"])
            .current_dir(folder)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // With whatever it starts, so that nothing is left of a test that hangs.
            .process_group(0)
            .spawn()
            .with_context(|| program.display().to_string())?;
        let readers = [
            child.stdout.take().map(|pipe| thread::spawn(move || text(pipe))),
            child.stderr.take().map(|pipe| thread::spawn(move || text(pipe))),
        ];
        let status = loop {
            match child.try_wait()? {
                Some(status) => break Some(status),
                None if started.elapsed() > patience => break None,
                None => thread::sleep(LOOK),
            }
        };
        let took = started.elapsed();
        end(child.id());
        child.wait()?;
        let output: String = readers.into_iter().flatten().filter_map(|reader| reader.join().ok()).collect();
        let ended = match status {
            None => Ended::Hung,
            Some(status) if status.success() && output.contains("test result: ok. 1 passed") => Ended::Passed,
            Some(status) if status.success() => Ended::Absent,
            Some(_) if output.contains("test result: FAILED. 0 passed; 1 failed") => Ended::Failed,
            Some(_) => Ended::Crashed,
        };
        Ok(Self { ended, output, took })
    }

    /// Whether the test failed, as it must without its guard.
    #[must_use]
    pub fn is_red(&self, test: &TestName) -> bool {
        let failed = match self.ended {
            Ended::Failed | Ended::Crashed => true,
            Ended::Hung => test.may_hang,
            Ended::Passed | Ended::Absent => false,
        };
        failed && test.says.as_ref().is_none_or(|says| self.output.contains(says))
    }

    /// The test's own words about its failure, in one line.
    #[must_use]
    pub fn why(&self, test: &TestName) -> String {
        if let Some(says) = test.says.as_ref().filter(|says| self.output.contains(says.as_str())) {
            return says.clone();
        }
        let lines: Vec<&str> = self.output.lines().map(str::trim).collect();
        let panic = lines.iter().position(|line| line.contains("panicked at ") && line.ends_with(':'));
        let words: Vec<&str> = match panic {
            Some(at) => lines[at + 1..].iter().take(4).copied().take_while(|line| !line.starts_with("note:")).collect(),
            None => lines.iter().filter(|line| line.starts_with("Error: ")).take(1).copied().collect(),
        };
        words.join(" ").chars().take(200).collect()
    }
}

/// Ends a whole group of processes.
fn end(group: u32) {
    let ended = Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).stderr(Stdio::null()).status();
    // There is nothing left to end where every process of it has ended by itself.
    drop(ended);
}

fn text(mut pipe: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    // What came before a pipe broke is worth showing.
    drop(pipe.by_ref().take(4 << 20).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}
