//! Builds the test programs of a copy, and finds them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::{Attack, Scratch, Sources, TestName};

/// Whether a test needs the host and its WebAssembly compiler to be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Built in seconds.
    Light,
    /// Built in minutes.
    Heavy,
}

/// Packages that build without the host.
const LIGHT: [&str; 9] = [
    "portcullis-model",
    "portcullis-catalog",
    "portcullis-registry",
    "portcullis-policy",
    "portcullis-store",
    "portcullis-egress",
    "portcullis-plugin",
    "portcullis-plugin-template",
    "acceptance",
];

/// Packages whose speed no test is about.
const UNHURRIED: [&str; 9] = [
    "portcullis-model",
    "portcullis-catalog",
    "portcullis-registry",
    "portcullis-policy",
    "portcullis-store",
    "portcullis-egress",
    "portcullis-sandbox",
    "portcullis-gateway",
    "acceptance",
];

impl Weight {
    /// What a test needs.
    #[must_use]
    pub fn of(test: &TestName) -> Self {
        let alone = test.package != "acceptance" || test.target == "rooms";
        if alone && LIGHT.contains(&test.package.as_str()) { Self::Light } else { Self::Heavy }
    }

    /// As text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Heavy => "heavy",
        }
    }
}

/// Test programs, by package and target.
pub struct Built(BTreeMap<(String, String), PathBuf>);

impl Built {
    /// The program that a test is in.
    ///
    /// # Errors
    /// Where it was not built.
    pub fn program(&self, test: &TestName) -> Result<&PathBuf> {
        let key = (test.package.clone(), test.target.clone());
        self.0.get(&key).with_context(|| format!("`{}` of `{}` was not built", test.target, test.package))
    }
}

/// What cargo says of something that it built.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

/// Builds the programs that these attacks' tests are in.
///
/// # Errors
/// Where something does not compile: a guard that is deleted must leave a host that does.
pub fn build(scratch: &Scratch, sources: &Sources, attacks: &[&Attack]) -> Result<Built> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["test", "--release", "--no-run", "--quiet", "--message-format", "json-render-diagnostics"]);
    command.arg("--target-dir").arg(scratch.target()).current_dir(scratch.tree());
    // The programs are thrown away, so what counts is how soon they are there. The sandbox's own limits are times.
    for package in UNHURRIED {
        command.arg("--config").arg(format!("profile.release.package.{package}.opt-level=0"));
    }
    command.env("CARGO_INCREMENTAL", "1");
    // Always the same packages: another choice would build what they depend on with other features.
    if scratch.weight() == Weight::Light {
        command.args(LIGHT.iter().flat_map(|package| ["--package", package]));
    }
    for target in attacks.iter().map(|attack| attack.test.target.as_str()).collect::<BTreeSet<_>>() {
        match target {
            "lib" => command.arg("--lib"),
            name => command.args(["--test", name]),
        };
    }
    if scratch.weight() == Weight::Heavy {
        // Stories start the real program, which is built along with a test of its own package, and only then.
        command.args(["--test", "binary"]);
    }
    let output = command.stdin(Stdio::null()).output().context("cargo")?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("the copy without its guards does not compile:\n{complaint}");
    }
    let text = String::from_utf8(output.stdout).context("cargo says something that is no text")?;
    let built = text.lines().filter_map(|line| program(serde_json::from_str(line).ok()?, scratch, sources, attacks));
    Ok(Built(built.collect()))
}

fn program(
    message: Message,
    scratch: &Scratch,
    sources: &Sources,
    attacks: &[&Attack],
) -> Option<((String, String), PathBuf)> {
    let Message { reason, manifest_path, target, executable } = message;
    let (manifest, target, executable) = (manifest_path?, target?, executable?);
    if reason != "compiler-artifact" {
        return None;
    }
    let folder = manifest.parent()?.strip_prefix(scratch.tree()).ok()?.to_owned();
    let package =
        attacks.iter().map(|attack| &attack.test.package).find(|name| sources.folder(name) == Some(&folder))?;
    let name = if target.kind.iter().any(|kind| kind == "test") { target.name } else { "lib".to_owned() };
    // The program itself is built beside its tests, and is none.
    (!target.kind.iter().any(|kind| kind == "bin")).then(|| ((package.clone(), name), executable))
}
