//! Embeds the starters, the contract, and the crate for authors as it is without this workspace.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What tools leave behind where somebody tries a starter in its place.
const LEFT_BEHIND: &[&str] = &["target", "node_modules", ".venv", "build", "__pycache__"];

/// Where the crate for authors goes in a project. Two folders deep, as it is here: it finds the contract at `../../wit`.
const SDK: &str = "vendor/portcullis-plugin";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    for path in ["plugins/starters", "plugins/sdk", "wit", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }
    let mut table = String::new();
    for language in ["rust", "javascript", "python"] {
        let files = files(&root.join("plugins/starters").join(language), "")?;
        list(&mut table, &language.to_uppercase(), &files)?;
    }
    list(&mut table, "CONTRACT", &files(&root.join("wit"), "wit/")?)?;
    let mut sdk = files(&root.join("plugins/sdk"), &format!("{SDK}/"))?;
    let manifest = alone(
        &fs::read_to_string(root.join("plugins/sdk/Cargo.toml"))?,
        &fs::read_to_string(root.join("Cargo.toml"))?,
    )?;
    for (path, text) in &mut sdk {
        if path.ends_with("/Cargo.toml") {
            text.clone_from(&manifest);
        }
    }
    list(&mut table, "SDK", &sdk)?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("starters.rs"), table)?;
    Ok(())
}

fn list(table: &mut String, name: &str, files: &[(String, String)]) -> Result<(), Box<dyn Error>> {
    writeln!(table, "pub(crate) const {name}: &[(&str, &str)] = &[")?;
    for (path, text) in files {
        writeln!(table, "    ({path:?}, {text:?}),")?;
    }
    table.push_str("];\n");
    Ok(())
}

/// Every file below a folder: its path after `prefix`, and its text.
fn files(folder: &Path, prefix: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| format!("{}: no text", name.display()))?;
        if entry.file_type()?.is_dir() {
            if !LEFT_BEHIND.contains(&name.as_str()) {
                found.extend(files(&entry.path(), &format!("{prefix}{name}/"))?);
            }
        } else if !name.ends_with(".wasm") {
            let text = fs::read_to_string(entry.path()).map_err(|error| format!("{name}: {error}"))?;
            found.push((format!("{prefix}{name}"), text));
        }
    }
    found.sort();
    Ok(found)
}

/// A package's manifest with what it takes from the workspace written out. Lints stay behind: they are the workspace's.
fn alone(package: &str, workspace: &str) -> Result<String, Box<dyn Error>> {
    let (mut package, workspace): (Table, Table) = (package.parse()?, workspace.parse()?);
    let shared = workspace.get("workspace").and_then(Value::as_table).ok_or("Cargo.toml has no [workspace]")?;
    for (section, from) in [("package", "package"), ("dependencies", "dependencies")] {
        let from = shared.get(from).and_then(Value::as_table).ok_or("a table of the workspace is missing")?;
        let own = package.get_mut(section).and_then(Value::as_table_mut).ok_or("a table of the package is missing")?;
        for (name, value) in own.iter_mut() {
            inherit(value, from.get(name))?;
        }
    }
    for gone in ["lints", "dev-dependencies"] {
        package.remove(gone);
    }
    Ok(toml::to_string(&package)?)
}

/// Puts the workspace's word in the place of `workspace = true`, and keeps what the package says besides.
fn inherit(value: &mut Value, shared: Option<&Value>) -> Result<(), Box<dyn Error>> {
    let Some(own) = value.as_table_mut() else { return Ok(()) };
    if own.remove("workspace").is_none() {
        return Ok(());
    }
    let shared = shared.ok_or("the workspace lacks what a package takes from it")?;
    if own.is_empty() {
        *value = shared.clone();
        return Ok(());
    }
    let mut whole = match shared {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    };
    for (name, more) in own.iter() {
        match (whole.get_mut(name), more) {
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more.iter().cloned()),
            _ => drop(whole.insert(name.clone(), more.clone())),
        }
    }
    *value = Value::Table(whole);
    Ok(())
}
