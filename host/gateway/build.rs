//! Builds the first-party plugins and the hostile guests, encodes them as components and embeds them, so that one
//! binary is enough.
//!
//! They live in the same workspace but are built for another target, in a target folder of their own; cargo rebuilds
//! there only what changed.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const TARGET: &str = "wasm32-unknown-unknown";

/// Shipped plugins: package and the name it is installed by.
const PLUGINS: &[(&str, &str)] = &[("portcullis-plugin-mistral", "mistral")];

/// The component that serves every port whose actions are data. It is installed by no name.
const TEMPLATE: &str = "portcullis-plugin-template";

fn main() -> ExitCode {
    match embed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.to_string().lines().filter(|line| !line.is_empty()) {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn embed() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for path in
        ["wit", "plugins/sdk", "plugins/mistral", "plugins/template", "tests/hostile", "Cargo.lock", "Cargo.toml"]
    {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }
    target_is_installed()?;
    let built = build(&root, &out)?;

    let mut table = String::from("pub(crate) const PLUGINS: &[(&str, &[u8])] = &[\n");
    for (package, name) in PLUGINS {
        let file = encode(&built.join(module(package)), &out, name)?;
        writeln!(table, "    ({name:?}, include_bytes!({file:?})),")?;
    }
    table.push_str("];\npub(crate) const HOSTILE: &[(&str, &[u8])] = &[\n");
    for name in hostile_guests(&root)? {
        let file = encode(&built.join("examples").join(format!("{name}.wasm")), &out, &format!("hostile-{name}"))?;
        writeln!(table, "    ({name:?}, include_bytes!({file:?})),")?;
    }
    table.push_str("];\n");
    let file = encode(&built.join(module(TEMPLATE)), &out, "template")?;
    writeln!(table, "pub(crate) const TEMPLATE: &[u8] = include_bytes!({file:?});")?;
    fs::write(out.join("embedded.rs"), table)?;
    Ok(())
}

/// rustup fetches the target by itself where `rust-toolchain.toml` is heeded; elsewhere one command does.
fn target_is_installed() -> Result<(), Box<dyn Error>> {
    let rustc = env::var("RUSTC")?;
    let output = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output()?;
    let dir = String::from_utf8(output.stdout)?;
    if output.status.success() && Path::new(dir.trim()).is_dir() {
        return Ok(());
    }
    Err(format!("the WebAssembly target is missing; type: rustup target add {TARGET}").into())
}

fn build(root: &Path, out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    // OUT_DIR is <target>/<profile>/build/<package>/out.
    let target_dir = out.ancestors().nth(4).ok_or("OUT_DIR is not where cargo puts it")?.join("plugins");
    let home = env::var("CARGO_HOME").or_else(|_| env::var("HOME").map(|h| format!("{h}/.cargo"))).unwrap_or_default();
    // The same bytes on every machine, so that a digest can be compared: no folder of this one in them.
    let mut flags = format!("--remap-path-prefix={}=/portcullis", root.display());
    if !home.is_empty() {
        write!(flags, "\u{1f}--remap-path-prefix={home}=/cargo")?;
    }
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo.current_dir(root).args(["build", "--profile", "plugin", "--locked", "--quiet", "--target", TARGET]);
    cargo.args(["--lib", "--examples", "--package", "hostile-guests", "--package", TEMPLATE]);
    for (package, _) in PLUGINS {
        cargo.args(["--package", package]);
    }
    cargo.arg("--target-dir").arg(&target_dir);
    // What the outer cargo sets for the host's own build would leak into the plugins'.
    for name in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR"] {
        cargo.env_remove(name);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags);
    if !cargo.status()?.success() {
        return Err("the first-party plugins do not build".into());
    }
    Ok(target_dir.join(TARGET).join("plugin"))
}

/// The file that cargo makes of a package.
fn module(package: &str) -> String {
    format!("{}.wasm", package.replace('-', "_"))
}

/// Every guest is one file, and every file is a guest.
fn hostile_guests(root: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("tests/hostile/examples"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "rs") {
            names.push(path.file_stem().and_then(|s| s.to_str()).ok_or("a guest's name is not text")?.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn encode(module: &Path, out: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let bytes = fs::read(module).map_err(|e| format!("{}: {e}", module.display()))?;
    let component = wit_component::ComponentEncoder::default().validate(true).module(&bytes)?.encode()?;
    let file = out.join(format!("{name}.wasm"));
    fs::write(&file, component)?;
    Ok(file)
}
