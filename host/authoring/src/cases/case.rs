//! One case, wherever it comes from.

use std::path::PathBuf;

use portcullis_model::{ActionDraft, Example, ManifestDraft};

use super::{Expected, ExpectedRequest};

/// An input, and what must come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Where it stands.
    pub origin: Origin,
    /// The action's name.
    pub action: String,
    /// The input, as JSON text.
    pub input: String,
    /// What must come; `None` where nobody has said so yet.
    pub expected: Option<Expected>,
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A worked example of the manifest, by its title.
    Example(String),
    /// A file.
    File(PathBuf),
}

impl Case {
    /// The worked examples of a manifest, in its order.
    #[must_use]
    pub fn examples(manifest: &ManifestDraft) -> Vec<Self> {
        manifest.actions.iter().flat_map(|action| action.examples.iter().map(|example| of(action, example))).collect()
    }

    /// What it is called: `find-notes: "Ten notes about a subject"`, or the file's name.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.origin {
            Origin::Example(title) => format!("{}: \"{title}\"", self.action),
            Origin::File(path) => {
                path.file_name().map_or_else(String::new, |name| format!("cases/{}", name.to_string_lossy()))
            }
        }
    }
}

fn of(action: &ActionDraft, example: &Example) -> Case {
    Case {
        origin: Origin::Example(example.title.clone()),
        action: action.slug.clone(),
        input: example.input.clone(),
        expected: Some(Expected::Request(ExpectedRequest::of(&example.expected))),
    }
}
