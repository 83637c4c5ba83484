//! One action of a plugin being asked: what a call gave, judged.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use portcullis_model::{Binding, Code, Description, Refusal, RoutedRequest, Shown};
use portcullis_registry::ResolvedAction;
use serde_json::Value;

use crate::finding::FindingKind;
use crate::subject::{Kept, Subject};
use crate::theirs;

/// Shortest string of an earlier input that is looked for in a later description, in bytes: a shorter one may stand there
/// by itself.
const MIN_LEAK: usize = 6;

/// Bytes of a description that are shown around a difference.
const SHOWN: usize = 160;

/// What one call gave.
#[derive(Debug)]
pub(crate) enum Seen {
    /// A request that the action declares.
    Fine(Description),
    /// A request that the host refuses for values that are its caller's own.
    Unfit(Description, Refusal),
    /// The plugin's no.
    No(Refusal),
    /// What no plugin should do.
    Bad(Bad, Option<Description>),
}

/// What no plugin should do, with nothing about the input yet.
#[derive(Debug, Clone)]
pub(crate) struct Bad {
    pub(crate) kind: FindingKind,
    pub(crate) code: Option<Code>,
    pub(crate) what: String,
}

impl Bad {
    fn refused(kind: FindingKind, refusal: &Refusal) -> Self {
        Self { kind, code: Some(refusal.code()), what: refusal.message().to_owned() }
    }

    fn differing(kind: FindingKind, what: String) -> Self {
        Self { kind, code: None, what }
    }

    /// Whether it is the same finding.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind && self.code == other.code
    }
}

/// Asks one action.
pub(crate) struct Asker<'a> {
    pub(crate) subject: &'a dyn Subject,
    pub(crate) action: &'a ResolvedAction,
}

impl<'a> Asker<'a> {
    pub(crate) fn binding(&self) -> &'a Arc<Binding> {
        self.action.binding()
    }

    /// A call in a fresh instance.
    pub(crate) fn fresh(&self, input: &str) -> Seen {
        match self.subject.fresh(&self.binding().action().slug, input) {
            Ok(description) => self.judged(description, input),
            Err(refusal) => match refusal.code() {
                Code::PluginRefused => Seen::No(refusal),
                Code::PluginTimeout | Code::PluginTooLarge => {
                    Seen::Bad(Bad::refused(FindingKind::OverLimit, &refusal), None)
                }
                _ => Seen::Bad(Bad::refused(FindingKind::Trapped, &refusal), None),
            },
        }
    }

    fn judged(&self, description: Description, input: &str) -> Seen {
        match RoutedRequest::check(description.clone(), self.binding().clone()) {
            Ok(_) => Seen::Fine(description),
            Err(refusal)
                if theirs::may_be(refusal.code()) && theirs::is_to_blame(&description, input, self.binding()) =>
            {
                Seen::Unfit(description, refusal)
            }
            Err(refusal) => Seen::Bad(Bad::refused(FindingKind::LeftDeclaration, &refusal), Some(description)),
        }
    }

    /// A second call, in a world of its own where the plugin has one, against what the first one gave. `number` tells second
    /// calls of the same input apart.
    pub(crate) fn again(&self, input: &str, first: &Seen, number: u64) -> Option<Bad> {
        let mut other = DefaultHasher::new();
        (input, number).hash(&mut other);
        let second = self.subject.elsewhere(&self.binding().action().slug, input, other.finish());
        let what = differs(first, &second)?;
        Some(Bad::differing(FindingKind::DiffersOnSecondCall, what))
    }

    /// An instance that stays, where one can be had.
    pub(crate) fn keep(&self) -> Option<Box<dyn Kept + 'a>> {
        self.subject.keep(&self.binding().action().slug).ok()
    }
}

/// A call in an instance that described `before`, against what a fresh one gave. `Err` where the instance is worn out.
pub(crate) fn kept(kept: &mut dyn Kept, before: &[String], input: &str, fresh: &Seen) -> Result<Option<Bad>, Refusal> {
    let answer = match kept.describe(input) {
        Err(refusal) if refusal.code() != Code::PluginRefused => return Err(refusal),
        answer => answer,
    };
    let Some(what) = differs(fresh, &answer) else { return Ok(None) };
    let leaked = answer.as_ref().ok().and_then(|description| leaked(before, input, fresh, &text(description)));
    Ok(Some(match leaked {
        Some(value) => {
            let value = Shown::new(&value).to_string();
            Bad::differing(FindingKind::LeaksInput, format!("`{value}` of an earlier input stands in it: {what}"))
        }
        None => Bad::differing(FindingKind::KeepsState, what),
    }))
}

/// A string of an earlier input that is neither in this one nor in what a fresh instance made of it.
fn leaked(before: &[String], input: &str, fresh: &Seen, described: &str) -> Option<String> {
    let own = match fresh {
        Seen::Fine(description) | Seen::Unfit(description, _) | Seen::Bad(_, Some(description)) => text(description),
        Seen::No(_) | Seen::Bad(_, None) => String::new(),
    };
    before.iter().rev().find_map(|earlier| {
        let earlier: Value = serde_json::from_str(earlier).ok()?;
        let mut strings = Vec::new();
        collect(&earlier, &mut strings);
        strings.into_iter().find(|string| {
            string.len() >= MIN_LEAK
                && described.contains(string.as_str())
                && !own.contains(string.as_str())
                && !input.contains(string.as_str())
        })
    })
}

fn collect(value: &Value, strings: &mut Vec<String>) {
    match value {
        Value::String(text) => strings.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, strings)),
        Value::Object(members) => members.values().for_each(|member| collect(member, strings)),
        _ => {}
    }
}

/// In what way two answers differ; `None` where they do not.
fn differs(first: &Seen, second: &Result<Description, Refusal>) -> Option<String> {
    let (first, second) = (
        match first {
            Seen::Fine(description) | Seen::Unfit(description, _) | Seen::Bad(_, Some(description)) => {
                text(description)
            }
            Seen::No(refusal) => refusal.to_string(),
            Seen::Bad(bad, None) => bad.code.map_or_else(String::new, |code| code.to_string()),
        },
        match second {
            Ok(description) => text(description),
            Err(refusal) if refusal.code() == Code::PluginRefused => refusal.to_string(),
            Err(refusal) => refusal.code().to_string(),
        },
    );
    (first != second).then(|| {
        let same = first.chars().zip(second.chars()).take_while(|(a, b)| a == b).count();
        let around = |text: &str| {
            let part: String = text.chars().skip(same.saturating_sub(SHOWN / 4)).collect();
            Shown::new(&part).limit_bytes(SHOWN).to_string()
        };
        format!("first `{}`, then `{}`", around(&first), around(&second))
    })
}

/// A description as text.
fn text(description: &Description) -> String {
    serde_json::to_string(description).unwrap_or_default()
}
