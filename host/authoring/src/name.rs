//! The name of a project: parsed once, and then safe as the name of a port, a package, a folder and a file.

use std::fmt;
use std::str::FromStr;

use portcullis_model::{Code, PortSlug, Refusal};

use crate::embedded;

/// The host's own name, which no port may have.
const OURS: &str = "portcullis";

/// A name that a project can have in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectName(PortSlug);

impl ProjectName {
    /// As it is, such as `my-notes`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// With underscores, such as `my_notes`.
    #[must_use]
    pub fn snake(&self) -> String {
        self.as_str().replace('-', "_")
    }

    /// In words for people, such as `My Notes`.
    #[must_use]
    pub fn title(&self) -> String {
        let capital = |word: &str| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        };
        self.as_str().split('-').map(capital).collect::<Vec<_>>().join(" ")
    }
}

impl FromStr for ProjectName {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let fix = "type another, such as `portcullis new my-notes --lang rust`";
        let slug: PortSlug =
            text.parse().map_err(|problem| Refusal::new(Code::BadRequest, format!("{problem}")).fix(fix))?;
        if slug.as_str() == OURS {
            return Err(Refusal::new(Code::BadRequest, format!("`{slug}` is the host's own name")).fix(fix));
        }
        // A package beside a library of its name cannot be told from it in a lock file.
        if libraries().any(|library| library == slug.as_str()) {
            let what = format!("`{slug}` is the name of a library that the starter is built with");
            return Err(Refusal::new(Code::BadRequest, what).fix(fix));
        }
        Ok(Self(slug))
    }
}

/// Names of the packages in the starter's lock file, but for the starter's own.
fn libraries() -> impl Iterator<Item = &'static str> {
    let lock = embedded::RUST.iter().find(|(path, _)| *path == "Cargo.lock").map_or("", |(_, text)| text);
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names.filter(|name| *name != "starter-name")
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_parsed_once_and_then_fits_everywhere() {
        let name: ProjectName = "my-notes-2".parse().unwrap();
        assert_eq!(
            (name.as_str(), name.snake().as_str(), name.title().as_str()),
            ("my-notes-2", "my_notes_2", "My Notes 2")
        );
        for bad in ["", "My-Notes", "my_notes", "../notes", "notes/", "a b", "-a", "a--b", "é", "a\"b", "a;b", "a\nb"]
        {
            assert!(bad.parse::<ProjectName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_that_is_taken_is_refused_with_what_to_type() {
        for taken in ["portcullis", "portcullis-plugin", "serde", "wit-bindgen", "log"] {
            let refusal = taken.parse::<ProjectName>().unwrap_err();
            assert!(refusal.way_out().unwrap().contains("portcullis new"), "{taken}: {refusal}");
        }
        assert!("starter-name".parse::<ProjectName>().is_ok());
        assert!("logs".parse::<ProjectName>().is_ok());
    }
}
