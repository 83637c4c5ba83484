//! Runs a recipe: looks for what it needs, starts each step in the project's folder, and gives back the component.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use portcullis_model::{Code, Refusal, Shown};
use serde_json::Value;

use super::{Fresh, Makes, Recipe, Step};
use crate::Project;

/// What is told while a recipe runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// What is being done.
    Doing(&'a str),
    /// A line of a tool's standard output, for people.
    Says(&'a str),
}

/// What a build gave.
#[derive(Debug)]
pub struct Built {
    /// A component.
    pub bytes: Vec<u8>,
}

/// Builds a project. `told` hears what is being done before each step, and what its tool prints; what tools say on
/// standard error goes to ours.
///
/// # Errors
/// `tool-missing` where something is not there, with what to type; `build-failed` where a tool does not end well, or
/// leaves no component behind.
pub fn build(project: &Project, recipe: &Recipe, told: &dyn Fn(Told<'_>)) -> Result<Built, Refusal> {
    let folder = project.folder();
    for need in &recipe.needs {
        need.check(folder)?;
    }
    let mut made = None;
    for step in &recipe.steps {
        if step.fresh.holds(folder) {
            continue;
        }
        told(Told::Doing(step.doing));
        if let Makes::Component(path) = &step.makes {
            gone(&folder.join(path))?;
        }
        let pin = step.fresh.pin(folder).map_err(|error| lost(step, "read", &error))?;
        let printed = run(step, folder, told)?;
        step.fresh.keep(folder, &pin).map_err(|error| lost(step, "kept", &error))?;
        match &step.makes {
            Makes::Nothing => {}
            Makes::CargoModule => made = Some(encoded(&read(&module(project, &printed)?)?)?),
            Makes::Component(path) => made = Some(read(&folder.join(path))?),
        }
    }
    let bytes = made.ok_or_else(|| failed("nothing was built", "portcullis new NAME --lang rust"))?;
    Ok(Built { bytes })
}

/// Runs one step to its end and gives the lines of its standard output that are meant for us.
fn run(step: &Step, folder: &Path, told: &dyn Fn(Told<'_>)) -> Result<Vec<String>, Refusal> {
    // A path is meant from the project's folder; the system would take it from wherever the program then is.
    let program = match step.program.contains('/') {
        true => std::path::absolute(folder.join(&step.program)).unwrap_or_else(|_| folder.join(&step.program)),
        false => PathBuf::from(&step.program),
    };
    let mut command = Command::new(program);
    command.args(&step.arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped());
    for (name, value) in &step.environment {
        if value.is_empty() {
            command.env_remove(name);
        } else {
            command.env(name, value);
        }
    }
    let unstarted = |error: std::io::Error| {
        let what = format!("`{}` cannot be started: {error}", step.program);
        match step.program.split_once('/') {
            // What an earlier step made is no longer right: a folder that was moved, an interpreter that is gone.
            Some((made, _)) => failed(&what, &format!("remove the folder `{made}`, and type the same again")),
            None => failed(&what, "install it, and type the same again"),
        }
    };
    let mut child = command.spawn().map_err(unstarted)?;
    let mut printed = Vec::new();
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            let line = line.map_err(|error| failed(&format!("`{}`: {error}", step.program), "type the same again"))?;
            match step.makes {
                Makes::CargoModule => printed.push(line),
                // What other tools print is for people, and standard output is for our data.
                Makes::Nothing | Makes::Component(_) => told(Told::Says(&line)),
            }
        }
    }
    let status = child.wait().map_err(unstarted)?;
    if status.success() {
        return Ok(printed);
    }
    let what = format!("`{}` did not end well ({status})", step.program);
    Err(failed(&what, "mend what it says above, and type the same again"))
}

/// The module that cargo says it made of the project itself.
fn module(project: &Project, printed: &[String]) -> Result<PathBuf, Refusal> {
    let own = project.folder().join("Cargo.toml");
    let own = own.canonicalize().unwrap_or(own);
    let of_ours = |message: &Value| {
        let manifest = message["manifest_path"].as_str().map(PathBuf::from);
        message["reason"] == "compiler-artifact"
            && manifest.is_some_and(|path| path.canonicalize().ok() == Some(own.clone()))
    };
    printed
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(of_ours)
        .filter_map(|message| {
            let files = message["filenames"].as_array()?.clone();
            files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".wasm")).map(PathBuf::from)
        })
        .next_back()
        .ok_or_else(|| {
            failed(
                "cargo made no WebAssembly module",
                "add `crate-type = [\"cdylib\", \"rlib\"]` under [lib] in Cargo.toml",
            )
        })
}

/// A component of a core module that carries its world.
fn encoded(module: &[u8]) -> Result<Vec<u8>, Refusal> {
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| {
            let what = format!("the module cannot be made into a component: {}", Shown::new(&format!("{error:#}")));
            failed(&what, "export a plugin: `portcullis_plugin::export!(YourPlugin);`")
        })
}

fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    fs::read(path).map_err(|error| {
        let shown = path.display().to_string();
        failed(&format!("`{}` cannot be read: {error}", Shown::new(&shown)), "type the same again")
    })
}

/// Takes an earlier build's component away: it must not pass for this one's where the tool writes none.
fn gone(path: &Path) -> Result<(), Refusal> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let shown = path.display().to_string();
            Err(failed(&format!("`{}` cannot be removed: {error}", Shown::new(&shown)), "remove it"))
        }
        _ => Ok(()),
    }
}

/// A file that pins what is made cannot be read, or a copy of it kept.
fn lost(step: &Step, how: &str, error: &std::io::Error) -> Refusal {
    let by = match &step.fresh {
        Fresh::Pinned { by, .. } => by.display().to_string(),
        Fresh::Never => String::new(),
    };
    failed(&format!("`{}` cannot be {how}: {error}", Shown::new(&by)), "put it back, as `portcullis new` writes it")
}

fn failed(what: &str, fix: &str) -> Refusal {
    Refusal::new(Code::BuildFailed, what).fix(fix)
}
