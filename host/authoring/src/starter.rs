//! A small project to begin with, in each language.
//!
//! The files are those of `plugins/starters/LANGUAGE`, which are valid as they stand, for a project that is called
//! `starter-name`; a new project has its own name in that place. The contract goes with them into `wit/`, and for Rust
//! the crate for authors into `vendor/`, since it is in no package registry.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use portcullis_model::{Code, Refusal, Shown};

use crate::{Language, ProjectName, embedded};

/// The files of a new project.
#[derive(Debug)]
pub struct Starter {
    name: ProjectName,
    language: Language,
    files: Vec<(String, String)>,
}

impl Starter {
    /// The files of a project of this name.
    #[must_use]
    pub fn new(name: ProjectName, language: Language) -> Self {
        let own = match language {
            Language::Rust => embedded::RUST,
            Language::JavaScript => embedded::JAVASCRIPT,
            Language::Python => embedded::PYTHON,
        };
        let named = |text: &str| {
            text.replace("starter-name", name.as_str())
                .replace("starter_name", &name.snake())
                .replace("Starter Name", &name.title())
        };
        let mut files: Vec<_> = own.iter().map(|(path, text)| (named(path), named(text))).collect();
        let as_is = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        files.extend(embedded::CONTRACT.iter().map(as_is));
        if language == Language::Rust {
            files.extend(embedded::SDK.iter().map(as_is));
        }
        files.sort();
        Self { name, language, files }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ProjectName {
        &self.name
    }

    /// Its language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Path below the project's folder, and text, in the order of the paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Writes the files into a new folder of the project's name.
    ///
    /// # Errors
    /// `bad-request` where something of that name is there already, or a file cannot be written; nothing that was there
    /// is touched, and what was begun is taken away.
    pub fn write(&self, parent: &Path) -> Result<PathBuf, Refusal> {
        let folder = parent.join(self.name.as_str());
        let shown = folder.display().to_string();
        // Making the folder is what claims the name: between a look and the making another could have it.
        fs::create_dir(&folder).map_err(|error| {
            let shown = Shown::new(&shown);
            match error.kind() {
                io::ErrorKind::AlreadyExists => Refusal::new(Code::BadRequest, format!("`{shown}` is there already"))
                    .fix(format!("choose another name, or move `{shown}` away")),
                _ => Refusal::new(Code::BadRequest, format!("`{shown}` cannot be made: {error}"))
                    .fix("type the same in a folder that you may write to"),
            }
        })?;
        if let Err(error) = self.fill(&folder) {
            let gone = fs::remove_dir_all(&folder);
            let left = if gone.is_ok() { "" } else { "; what was begun could not be taken away" };
            let what = format!("the project cannot be written to `{}`: {error}{left}", Shown::new(&shown));
            return Err(Refusal::new(Code::BadRequest, what).fix("type the same in a folder that you may write to"));
        }
        Ok(folder)
    }

    fn fill(&self, folder: &Path) -> io::Result<()> {
        for (path, text) in self.files() {
            let file = folder.join(path);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(file, text)?;
        }
        Ok(())
    }
}
