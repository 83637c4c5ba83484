//! What cargo is told.

use super::{Makes, Met, Need, Recipe, Step};
use crate::Project;

const TARGET: &str = "wasm32-unknown-unknown";

pub(super) fn recipe(project: &Project) -> Recipe {
    let mut build = Step::new(
        "building with cargo",
        "cargo",
        &["build", "--lib", "--release", "--target", TARGET, "--message-format", "json-render-diagnostics"],
    );
    if project.folder().join("Cargo.lock").is_file() {
        build.arguments.push("--locked".to_owned());
    }
    // The same bytes on every machine, so that a digest can be compared: no folder of this one in them.
    build.environment.push(("CARGO_ENCODED_RUSTFLAGS".to_owned(), remapped(project)));
    for taken in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_TARGET"] {
        build.environment.push((taken.to_owned(), String::new()));
    }
    Recipe {
        needs: vec![
            Need {
                what: "cargo",
                probe: &["cargo", "--version"],
                met: Met::Runs,
                fix: "install Rust: see https://rustup.rs",
            },
            Need {
                what: "the WebAssembly target of Rust",
                probe: &["rustc", "--print", "target-libdir", "--target", TARGET],
                met: Met::PrintsAFolder,
                fix: "rustup target add wasm32-unknown-unknown",
            },
        ],
        steps: vec![build.makes(Makes::CargoModule)],
    }
}

/// Flags that take the folders of this machine out of what the compiler writes.
fn remapped(project: &Project) -> String {
    let home = |name: &str, below: &str| {
        std::env::var(name).ok().filter(|dir| !dir.is_empty()).map(|dir| format!("{dir}{below}"))
    };
    let folder = project.folder().canonicalize().unwrap_or_else(|_| project.folder().to_owned());
    let cargo = home("CARGO_HOME", "").or_else(|| home("HOME", "/.cargo"));
    let folders = [Some((folder.display().to_string(), "/plugin")), cargo.map(|dir| (dir, "/cargo"))];
    let flags = folders.into_iter().flatten().map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
    flags.collect::<Vec<_>>().join("\u{1f}")
}
