//! The name of a project: parsed once, and then safe as the name of a port, a package, a folder and a file.

use std::fmt;
use std::str::FromStr;

use portcullis_model::{Code, PortSlug, Refusal};

/// Names that are the host's own, or that a package of a starter's libraries has already.
const TAKEN: &[&str] = &["portcullis", "portcullis-plugin", "wit-bindgen", "schemars", "serde"];

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
        if TAKEN.contains(&slug.as_str()) {
            return Err(Refusal::new(Code::BadRequest, format!("`{slug}` is the name of something else")).fix(fix));
        }
        Ok(Self(slug))
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
