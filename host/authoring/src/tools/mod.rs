//! The languages' own build tools, as data: what must be there, what to type where it is not, and what to run.
//!
//! One file a language says what its tool is told; `run` starts it. What comes out is bytes: a component, or a core
//! module that is still to be encoded. Whether those are a plugin is the sandbox's to say.

mod javascript;
mod need;
mod python;
mod run;
mod rust;

pub use need::{Met, Need};
pub use run::{Built, Told, build};

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Language, Project};

/// How a project is built.
#[derive(Debug)]
pub struct Recipe {
    /// What must be there before anything runs.
    pub needs: Vec<Need>,
    /// What is run, one after the other, in the project's folder.
    pub steps: Vec<Step>,
}

/// One command of a language's own tool.
#[derive(Debug)]
pub struct Step {
    /// What it does, for people: `fetching the libraries of package-lock.json`.
    pub doing: &'static str,
    /// The program: a name to be looked up, or a path below the project's folder, which has a `/`.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables that are set for it; an empty value takes one out of the environment.
    pub environment: Vec<(String, String)>,
    /// When it need not run.
    pub fresh: Fresh,
    /// What it leaves behind.
    pub makes: Makes,
}

/// When a step need not run.
#[derive(Debug, PartialEq, Eq)]
pub enum Fresh {
    /// Its tool knows best.
    Never,
    /// Where its mark is a copy of the file that pins what it makes. The mark is written when the step has ended well, so
    /// that one which was broken off is begun again.
    Pinned {
        /// The file, below the project's folder, such as a lock file.
        by: PathBuf,
        /// The copy, in the folder that the step makes anew.
        mark: PathBuf,
    },
}

/// What a step leaves behind.
#[derive(Debug, PartialEq, Eq)]
pub enum Makes {
    /// Something that a later step needs.
    Nothing,
    /// A core module of Rust, whose path cargo tells on standard output.
    CargoModule,
    /// A component at this path below the project's folder.
    Component(PathBuf),
}

/// How a project is built, by its language.
#[must_use]
pub fn recipe(project: &Project) -> Recipe {
    match project.language() {
        Language::Rust => rust::recipe(project),
        Language::JavaScript => javascript::recipe(),
        Language::Python => python::recipe(),
    }
}

impl Step {
    fn new(doing: &'static str, program: &str, arguments: &[&str]) -> Self {
        Self {
            doing,
            program: program.to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            environment: Vec::new(),
            fresh: Fresh::Never,
            makes: Makes::Nothing,
        }
    }

    fn pinned(mut self, by: &str, mark: &str) -> Self {
        self.fresh = Fresh::Pinned { by: PathBuf::from(by), mark: PathBuf::from(mark) };
        self
    }

    fn without(mut self, variables: &[&str]) -> Self {
        self.environment.extend(variables.iter().map(|&name| (name.to_owned(), String::new())));
        self
    }

    fn makes(mut self, makes: Makes) -> Self {
        self.makes = makes;
        self
    }
}

impl Fresh {
    fn holds(&self, folder: &Path) -> bool {
        let Self::Pinned { by, mark } = self else { return false };
        let content = |path: &Path| fs::read(folder.join(path)).ok();
        content(mark).is_some_and(|kept| content(by).is_some_and(|now| now == kept))
    }

    /// Says that the step has ended well. What it made is of the file as it was `before` the step: somebody may have
    /// changed it meanwhile.
    fn keep(&self, folder: &Path, before: &[u8]) -> std::io::Result<()> {
        let Self::Pinned { mark, .. } = self else { return Ok(()) };
        fs::write(folder.join(mark), before)
    }

    /// The file that pins what is made, where there is one.
    fn pin(&self, folder: &Path) -> std::io::Result<Vec<u8>> {
        let Self::Pinned { by, .. } = self else { return Ok(Vec::new()) };
        fs::read(folder.join(by))
    }
}
