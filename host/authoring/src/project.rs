//! A project, found by what is in its folder.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_model::{Code, Refusal, Shown};

use crate::{Language, ProjectName};

/// The crate by which a Rust project is known.
const SDK: &str = "portcullis-plugin";

/// A folder with the source of one plugin.
#[derive(Debug)]
pub struct Project {
    folder: PathBuf,
    name: ProjectName,
    language: Language,
}

impl Project {
    /// Finds the project in a folder: `Cargo.toml` with the crate for authors, `package.json`, or `pyproject.toml`.
    ///
    /// # Errors
    /// `bad-request` where there is none, more than one, or its name cannot be a port's.
    pub fn find(folder: &Path) -> Result<Self, Refusal> {
        let shown = folder.display().to_string();
        let mut found = Vec::new();
        for (file, language, read) in KINDS {
            let path = folder.join(file);
            if path.is_file() {
                let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error.to_string()))?;
                if let Some(name) = read(&text).map_err(|why| unreadable(&path, &why))? {
                    found.push((*file, *language, name));
                }
            }
        }
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some((file, language, name)), None) => {
                let name = name.parse::<ProjectName>().map_err(|refusal| {
                    let what = format!("the name in `{file}` cannot be a port's: {}", refusal.message());
                    Refusal::new(Code::BadRequest, what).fix(format!("change `name` in {file}"))
                })?;
                Ok(Self { folder: folder.to_owned(), name, language })
            }
            (Some((one, ..)), Some((other, ..))) => {
                let what = format!("`{}` has both `{one}` and `{other}`", Shown::new(&shown));
                Err(Refusal::new(Code::BadRequest, what).fix("keep one plugin a folder"))
            }
            (None, _) => {
                let what = format!(
                    "`{}` is no plugin's folder: expected `Cargo.toml` with {SDK}, `package.json` or `pyproject.toml`",
                    Shown::new(&shown)
                );
                Err(Refusal::new(Code::BadRequest, what).fix("portcullis new NAME --lang rust"))
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its name, by its own word.
    #[must_use]
    pub fn name(&self) -> &ProjectName {
        &self.name
    }

    /// What it is written in.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The file that `build` writes.
    #[must_use]
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }
}

/// Reads a project's name, where the file is a plugin's.
type Read = fn(&str) -> Result<Option<String>, String>;

const KINDS: &[(&str, Language, Read)] = &[
    ("Cargo.toml", Language::Rust, cargo),
    ("package.json", Language::JavaScript, npm),
    ("pyproject.toml", Language::Python, pip),
];

fn cargo(text: &str) -> Result<Option<String>, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let uses = table.get("dependencies").is_some_and(|all| all.get(SDK).is_some());
    Ok(named(table.get("package")).filter(|_| uses))
}

fn npm(text: &str) -> Result<Option<String>, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(value.get("name").and_then(|name| name.as_str()).map(str::to_owned))
}

fn pip(text: &str) -> Result<Option<String>, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    Ok(named(table.get("project")))
}

fn named(section: Option<&toml::Value>) -> Option<String> {
    section?.get("name")?.as_str().map(str::to_owned)
}

fn unreadable(path: &Path, why: &str) -> Refusal {
    let shown = path.display().to_string();
    Refusal::new(Code::BadRequest, format!("`{}` cannot be read: {}", Shown::new(&shown), Shown::new(why)))
        .fix("mend the file, and type the same again")
}
