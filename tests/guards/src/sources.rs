//! Where a test stands in the sources.
//!
//! Looks at text, line by line, and compiles nothing: a test is a function of that name with `#[test]` above it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::TestName;

/// The packages of the workspace.
pub struct Sources {
    root: PathBuf,
    packages: BTreeMap<String, Package>,
}

struct Package {
    /// Below the repository.
    folder: PathBuf,
    tests: BTreeMap<String, PathBuf>,
}

#[derive(Deserialize)]
struct Manifest {
    package: Named,
    #[serde(default)]
    test: Vec<Target>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    path: Option<PathBuf>,
}

impl Sources {
    /// Finds every package below a repository's folders of code.
    ///
    /// # Errors
    /// Where a manifest cannot be read.
    pub fn of(root: &Path) -> Result<Self> {
        let mut packages = BTreeMap::new();
        let mut folders = vec![PathBuf::from("tests")];
        for above in ["host", "plugins"] {
            for entry in fs::read_dir(root.join(above)).with_context(|| above.to_owned())? {
                folders.push(Path::new(above).join(entry?.file_name()));
            }
        }
        for folder in folders {
            let Ok(text) = fs::read_to_string(root.join(&folder).join("Cargo.toml")) else { continue };
            let Manifest { package, test } =
                toml::from_str(&text).with_context(|| format!("{}/Cargo.toml", folder.display()))?;
            let tests = test.into_iter().filter_map(|test| Some((test.name, test.path?))).collect();
            packages.insert(package.name, Package { folder, tests });
        }
        Ok(Self { root: root.to_owned(), packages })
    }

    /// Folder of a package, below the repository.
    #[must_use]
    pub fn folder(&self, package: &str) -> Option<&Path> {
        self.packages.get(package).map(|package| package.folder.as_path())
    }

    /// The file that a test stands in, below the repository.
    ///
    /// # Errors
    /// Where there is no such test, or it is not run.
    pub fn find(&self, test: &TestName) -> Result<String, String> {
        let package = self.packages.get(&test.package).ok_or_else(|| format!("no package `{}`", test.package))?;
        let mut file = package.folder.join(match test.target.as_str() {
            "lib" => PathBuf::from("src/lib.rs"),
            name => package.tests.get(name).cloned().unwrap_or_else(|| {
                let whole = PathBuf::from(format!("tests/{name}/main.rs"));
                if self.is_file(&package.folder.join(&whole)) { whole } else { format!("tests/{name}.rs").into() }
            }),
        });
        if !self.is_file(&file) {
            return Err(format!("no test program `{}` in `{}`", test.target, test.package));
        }
        // The modules of a root stand beside it, those of any other file in the folder of its name.
        let mut beside = file.parent().unwrap_or(Path::new("")).to_owned();
        let mut parts: Vec<&str> = test.name.split("::").collect();
        let function = parts.pop().unwrap_or_default();
        let mut inline = parts.iter();
        for part in inline.by_ref() {
            let flat = beside.join(format!("{part}.rs"));
            let nested = beside.join(part).join("mod.rs");
            let Some(next) = [flat, nested].into_iter().find(|path| self.is_file(path)) else {
                let text = self.read(&file)?;
                if !text.lines().any(|line| line.trim() == format!("mod {part} {{")) {
                    return Err(format!("no module `{part}` in {}", file.display()));
                }
                break;
            };
            (file, beside) = (next, beside.join(part));
        }
        if inline.next().is_some() {
            return Err(format!("`{}` goes deeper than a module in a file", test.name));
        }
        if is_run(&self.read(&file)?, function)? {
            return Ok(file.to_string_lossy().into_owned());
        }
        Err(format!("no test `{function}` in {}", file.display()))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.root.join(path).is_file()
    }

    fn read(&self, path: &Path) -> Result<String, String> {
        fs::read_to_string(self.root.join(path)).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// Conditions that hold wherever these tests are run.
const HERE: [&str; 2] = ["#[cfg(unix)]", "#[cfg(target_os = \"linux\")]"];

/// Whether a text has a test function of that name that is run.
fn is_run(text: &str, function: &str) -> Result<bool, String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let heads = [format!("fn {function}("), format!("async fn {function}(")];
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| heads.iter().any(|head| line.starts_with(head))) {
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        let marks: Vec<&&str> = above.filter(|line| line.starts_with("#[")).collect();
        let not_here = |mark: &str| mark.starts_with("#[cfg") && !HERE.contains(&mark);
        if marks.iter().any(|mark| mark.starts_with("#[ignore") || not_here(mark)) {
            return Err(format!("the test `{function}` is not always run"));
        }
        if marks.iter().any(|mark| **mark == "#[test]" || mark.starts_with("#[tokio::test")) {
            return Ok(true);
        }
    }
    Ok(false)
}
