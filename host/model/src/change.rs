//! What changes for a reviewer when one manifest takes another's place, each change with its weight.
//!
//! In doubt a change widens: only what provably lets less through is called narrower. Whether anybody is asked about a
//! change is the caller's matter.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::narrower::{Compared, compare_schemas};
use crate::{Action, ApprovalMode, BodyMode, Effect, Manifest, Port, Shown, Traits};

/// How heavy a change is, the heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Something could be sent that could not be sent before, or is judged more mildly than before.
    Widened,
    /// Less can be sent, or it is judged more strictly.
    Narrowed,
    /// Only words for people, or how answers are shown.
    Wording,
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Widened => "widened",
            Self::Narrowed => "narrowed",
            Self::Wording => "wording",
        })
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// How heavy it is.
    pub weight: Weight,
    /// An action's name, or `port`.
    pub at: String,
    /// What, before and after; safe to show.
    pub what: String,
}

impl Change {
    /// A change.
    #[must_use]
    pub fn new(weight: Weight, at: impl Into<String>, what: impl Into<String>) -> Self {
        Self { weight, at: at.into(), what: what.into() }
    }

    /// A change of the sandbox's tier, by its word; `None` where there is none.
    #[must_use]
    pub fn of_tier(old: &str, new: &str) -> Option<Self> {
        let weight = if new == "sealed" { Weight::Narrowed } else { Weight::Widened };
        (old != new).then(|| Self::new(weight, "port", format!("tier: {old} -> {new}")))
    }

    /// What differs between two manifests, the heaviest first. The ports' names are not compared: they are the
    /// operator's. Versions are not: they are a claim.
    #[must_use]
    pub fn between(old: &Manifest, new: &Manifest) -> Vec<Self> {
        let mut changes = Changes { at: "port".to_owned(), list: Vec::new() };
        ports(&mut changes, old.port(), new.port());
        for action in new.actions() {
            action.slug.as_str().clone_into(&mut changes.at);
            match old.action(&action.slug) {
                Some(before) => actions(&mut changes, before, action),
                None => changes.add(Weight::Widened, format!("new: {} {}", action.method, action.path)),
            }
        }
        for action in old.actions().iter().filter(|action| new.action(&action.slug).is_none()) {
            action.slug.as_str().clone_into(&mut changes.at);
            changes.add(Weight::Narrowed, format!("gone: {} {}", action.method, action.path));
        }
        changes.list.sort();
        changes.list
    }
}

struct Changes {
    at: String,
    list: Vec<Change>,
}

impl Changes {
    fn add(&mut self, weight: Weight, what: impl Into<String>) {
        self.list.push(Change::new(weight, self.at.clone(), what));
    }

    /// A change that is always of one weight.
    fn differs<T: PartialEq>(&mut self, weight: Weight, name: &str, old: &T, new: &T, show: impl Fn(&T) -> String) {
        if old != new {
            self.add(weight, format!("{name}: {} -> {}", show(old), show(new)));
        }
    }

    /// Words of a stranger: that they changed is enough.
    fn words<T: PartialEq>(&mut self, name: &str, old: &T, new: &T) {
        if old != new {
            self.add(Weight::Wording, format!("{name} reworded"));
        }
    }

    /// Names of which more say more.
    fn names<T: Ord + fmt::Display>(&mut self, name: &str, old: &[T], new: &[T]) {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
        for added in new.difference(&old) {
            self.add(Weight::Widened, format!("{name} `{added}` may be sent"));
        }
        for gone in old.difference(&new) {
            self.add(Weight::Narrowed, format!("{name} `{gone}` is not sent any more"));
        }
    }
}

fn ports(changes: &mut Changes, old: &Port, new: &Port) {
    let shown = |text: &String| format!("`{}`", Shown::new(text).limit_bytes(100));
    changes.differs(Weight::Widened, "origin", &old.origin, &new.origin, ToString::to_string);
    changes.differs(Weight::Widened, "credential", &old.auth, &new.auth, |auth| auth.to_string());
    // Rules of the operator go by these two.
    changes.differs(Weight::Widened, "publisher", &old.publisher.slug, &new.publisher.slug, shown);
    changes.differs(Weight::Widened, "category", &old.category, &new.category, shown);
    changes.words(
        "publisher",
        &(&old.publisher.name, &old.publisher.website_url),
        &(&new.publisher.name, &new.publisher.website_url),
    );
    changes.words("label", &old.label, &new.label);
    changes.words("description", &old.description, &new.description);
    changes.words("tags", &old.tags, &new.tags);
}

fn actions(changes: &mut Changes, old: &Action, new: &Action) {
    changes.differs(Weight::Widened, "method", &old.method, &new.method, ToString::to_string);
    changes.differs(Weight::Widened, "path", &old.path, &new.path, ToString::to_string);
    changes.names("query key", &old.query, &new.query);
    changes.names("header", &old.headers, &new.headers);
    let body = if new.body == BodyMode::None { Weight::Narrowed } else { Weight::Widened };
    changes.differs(body, "body", &old.body, &new.body, ToString::to_string);
    match compare_schemas(&old.input_schema, &new.input_schema) {
        Compared::Same => {}
        Compared::Wording => changes.add(Weight::Wording, "input schema reworded"),
        Compared::Narrower(at) => {
            changes.add(Weight::Narrowed, format!("input schema takes less at `{}`", at.join("`, `")))
        }
        Compared::Other(at) => {
            changes.add(Weight::Widened, format!("input schema is another at `{}`", at.join("`, `")))
        }
    }
    let approval = if new.approval == ApprovalMode::RequireApproval { Weight::Narrowed } else { Weight::Widened };
    changes.differs(approval, "approval", &old.approval, &new.approval, ToString::to_string);
    let effect = if severity(new.effect) > severity(old.effect) { Weight::Narrowed } else { Weight::Widened };
    changes.differs(effect, "effect", &old.effect, &new.effect, ToString::to_string);
    let Traits { prompt_bearing, billable } = new.traits;
    for (name, before, after) in
        [("prompt-bearing", old.traits.prompt_bearing, prompt_bearing), ("billable", old.traits.billable, billable)]
    {
        let weight = if after { Weight::Narrowed } else { Weight::Widened };
        changes.differs(weight, name, &before, &after, ToString::to_string);
    }
    changes.differs(Weight::Wording, "answer", &old.result, &new.result, ToString::to_string);
    changes.words("output schema", &old.output_schema, &new.output_schema);
    changes.words("label", &old.label, &new.label);
    changes.words("description", &old.description, &new.description);
    changes.words("examples", &old.examples, &new.examples);
}

fn severity(effect: Effect) -> u8 {
    match effect {
        Effect::Read => 0,
        Effect::Write => 1,
        Effect::Destructive => 2,
    }
}

#[cfg(test)]
mod tests;
