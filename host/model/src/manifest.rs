//! Everything a plugin declares, checked once, at install, with every problem named.
//!
//! Does not check that schemas are schemas; the registry compiles them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shown::{Shown, deceives};
use crate::{Action, ActionDraft, ActionSlug, Auth, Port, PortDraft, PortSlug};

/// A manifest as it came out of a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented in wit/portcullis.wit")]
pub struct ManifestDraft {
    pub version: String,
    pub port: PortDraft,
    pub actions: Vec<ActionDraft>,
}

impl ManifestDraft {
    /// The same under another name of the port: one plugin may serve several accounts side by side.
    #[must_use]
    pub fn under(mut self, port: &PortSlug) -> Self {
        port.as_str().clone_into(&mut self.port.slug);
        self
    }
}

/// A checked manifest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    version: String,
    port: Port,
    actions: Vec<Action>,
}

/// One thing wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where, such as `actions[2].path`.
    pub at: String,
    /// What.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// Most actions in a manifest.
const MAX_ACTIONS: usize = 512;

impl Manifest {
    /// Checks a draft.
    ///
    /// # Errors
    /// Every problem found.
    pub fn check(draft: ManifestDraft) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        version(&mut problems, &draft.version);
        let port = Port::check(draft.port, &mut problems);
        if draft.actions.is_empty() || draft.actions.len() > MAX_ACTIONS {
            problems.add("actions", format!("expected 1 to {MAX_ACTIONS} actions"));
        }
        let mut slugs = BTreeSet::new();
        let mut actions = Vec::new();
        for (index, draft) in draft.actions.into_iter().take(MAX_ACTIONS).enumerate() {
            let at = format!("actions[{index}]");
            if !slugs.insert(draft.slug.clone()) {
                problems.add(&format!("{at}.slug"), format!("`{}` occurs twice", Shown::new(&draft.slug)));
            }
            if let Some(action) = Action::check(draft, &at, &mut problems) {
                // A plugin that could also write the credential's header could overwrite it or smuggle a second one.
                if let Some(Port { auth: Auth::Header(auth), .. }) = &port
                    && action.headers.iter().any(|h| auth.collides_with(h))
                {
                    problems.add(
                        &format!("{at}.headers"),
                        format!("`{}` carries the credential: only the host writes it", auth.name()),
                    );
                }
                actions.push(action);
            }
        }
        match port {
            Some(port) if problems.is_empty() => Ok(Self { version: draft.version, port, actions }),
            _ => Err(problems.into_inner()),
        }
    }

    /// The plugin's version, by its own word.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> &Port {
        &self.port
    }

    /// The actions, in declared order.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// One action.
    #[must_use]
    pub fn action(&self, slug: &ActionSlug) -> Option<&Action> {
        self.actions.iter().find(|a| &a.slug == slug)
    }
}

/// Problems collected so far.
#[derive(Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, at: &str, what: String) {
        self.push(Problem { at: at.to_owned(), what });
    }
    pub(crate) fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }
    pub(crate) fn keep<T, E: fmt::Display>(&mut self, at: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|e| self.add(at, e.to_string())).ok()
    }
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn into_inner(self) -> Vec<Problem> {
        self.0
    }
}

/// One line for people: present, not too long, and without characters that hide or reorder it. A line feed in a label
/// could pass for the host's next line.
pub(crate) fn line(problems: &mut Problems, at: &str, text: &str, max_chars: usize) {
    if text.contains('\n') {
        problems.add(at, "expected one line".to_owned());
    } else {
        prose(problems, at, text, max_chars);
    }
}

/// As [`line`], with line feeds.
pub(crate) fn prose(problems: &mut Problems, at: &str, text: &str, max_chars: usize) {
    if text.trim().is_empty() || text.chars().count() > max_chars {
        problems.add(at, format!("expected 1 to {max_chars} characters"));
    } else if let Some(c) = text.chars().find(|c| *c != '\n' && deceives(*c)) {
        problems.add(at, format!("U+{:04X} hides or reorders text", c as u32));
    }
}

/// Semantic Versioning 2.0.0, without build metadata being compared by anyone.
fn version(problems: &mut Problems, text: &str) {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let fine = text.len() <= 64
        && numbers.len() == 3
        && numbers.iter().all(|n| n.parse::<u64>().is_ok() && (*n == "0" || !n.starts_with('0')))
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.+".contains(&b));
    if !fine {
        problems.add("version", format!("`{}` is not a version: expected such as `1.2.3`", Shown::new(text)));
    }
}
