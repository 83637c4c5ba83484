//! Building a project into the component beside it.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use portcullis_authoring::{Language, Project, Told, build, recipe};
use portcullis_model::{Code, Digest, Refusal};
use portcullis_sandbox::Census;

use crate::terminal::{self, DIM, Working, styled};

/// A component that was built.
pub(crate) struct Made {
    /// Where it is.
    pub(crate) file: PathBuf,
    /// Itself.
    pub(crate) bytes: Vec<u8>,
    /// Its identity.
    pub(crate) digest: Digest,
    /// What it imports.
    pub(crate) census: Census,
}

/// Builds a project and writes its component, if that is one of the contract and imports nothing that no plugin may.
///
/// # Errors
/// As the tools and the census say.
pub(crate) fn make(project: &Project) -> Result<Made> {
    // Cargo shows by itself how far it is; the other tools are silent for as long as they take.
    let silent = project.language() != Language::Rust;
    let working = RefCell::new(None);
    let built = build(project, &recipe(project), &|told| match told {
        Told::Doing(what) => {
            working.replace(None);
            terminal::remark(styled(DIM, format_args!("{what} …")));
            working.replace(silent.then(|| Working::on(what)));
        }
        Told::Says(line) => {
            working.replace(None);
            terminal::remark(line);
        }
    })?;
    drop(working);
    let census = Census::of(&built.bytes).map_err(|refusal| advised(project.language(), &refusal))?;
    let file = project.component();
    write(&file, &built.bytes).with_context(|| format!("`{}` cannot be written", file.display()))?;
    Ok(Made { digest: Digest::of(&built.bytes), file, bytes: built.bytes, census })
}

/// A refused import, with what makes the language's tool import less.
fn advised(language: Language, refusal: &Refusal) -> Refusal {
    if refusal.code() != Code::ForbiddenImport {
        return refusal.clone();
    }
    let fix = match language {
        Language::Rust => {
            "take away what reads files, clocks, randomness or the network: `cargo tree` shows what brings it"
        }
        Language::JavaScript => "disable every feature of componentize-js, as the starter's build script does",
        Language::Python => "build with `--stub-wasi`, as the starter does",
    };
    Refusal::new(refusal.code(), refusal.message()).details(refusal.places().to_vec()).fix(fix)
}

/// Writes beside it first: whoever watches the file never sees a part of it.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = file.with_extension("wasm.new");
    fs::write(&beside, bytes)?;
    fs::rename(&beside, file)
}
