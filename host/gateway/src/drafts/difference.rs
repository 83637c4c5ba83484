//! A draft beside what is live under its name: everything it could send, as lines to be read before a yes.
//!
//! The words in it are its agent's, made safe to show. Bounded in time and in lines, since an agent chooses what is
//! compared; where not all of it is shown, it says so.

use std::time::Duration;

use portcullis_model::{ActionDraft, Auth, Code, Refusal, Shown};
use portcullis_policy::DraftId;
use portcullis_store::{DraftError, DraftLine};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::additions;
use super::bound::{Bound, examined};
use super::proposal::{find, refusal, unfit};
use crate::host::Host;

/// Time for finding a short way from one to the other; after it, a longer one is shown.
const TIME: Duration = Duration::from_millis(200);

/// Lines that are shown. A template of 64 KiB, laid out, can have more; then it is too long to be read before a yes.
const MOST_LINES: usize = 5_000;

/// What would change.
pub(crate) struct Difference {
    /// Whether an action of that name was added to the port before.
    pub(crate) live: bool,
    /// Everything that it could send, line by line.
    pub(crate) lines: Vec<Line>,
}

/// A line.
pub(crate) struct Line {
    /// What a yes does to it.
    pub(crate) kind: Kind,
    /// Safe to show.
    pub(crate) text: String,
}

/// What a yes does to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It stays.
    Same,
    /// It comes.
    Added,
    /// It goes.
    Removed,
}

impl Kind {
    /// As a word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }

    /// As a sign before the line.
    pub(crate) fn sign(self) -> char {
        match self {
            Self::Same => ' ',
            Self::Added => '+',
            Self::Removed => '-',
        }
    }
}

/// A draft beside what is live.
pub(crate) struct Compared {
    /// The draft.
    pub(crate) line: DraftLine,
    /// Where its requests would go.
    pub(crate) origin: String,
    /// What they would carry.
    pub(crate) credential: String,
    /// What would change.
    pub(crate) difference: Difference,
}

/// Compares an undecided draft with what is live under its name. Blocks.
///
/// # Errors
/// `draft-unknown`; `draft-state` where it was decided; `bad-document` where it is no action, or too long to be read.
pub(crate) fn compared(host: &Host, id: &DraftId) -> Result<Compared, Refusal> {
    let draft = find(host, id)?;
    if !draft.line.state.is_undecided() {
        return Err(refusal(DraftError::State(draft.line.state), Some(id)));
    }
    let bound = examined(host, &draft)?.map_err(|problems| unfit(id, problems))?;
    let live = additions::live(host, &draft.line.port, &draft.line.action)?;
    let difference = difference(live.as_ref(), &bound).ok_or_else(|| {
        Refusal::new(Code::BadDocument, format!("`{id}` has over {MOST_LINES} lines, too many to be read before a yes"))
            .fix(format!("portcullis draft reject {id} --reason 'too long'"))
    })?;
    let binding = bound.action.binding();
    let by = if binding.origin_overridden() { " (set by the operator)" } else { "" };
    let credential = match binding.auth() {
        Auth::Header(header) => format!("{header}<credential `{}`>", binding.slot()),
        Auth::None => "none".to_owned(),
    };
    Ok(Compared { origin: format!("{}{by}", binding.origin()), credential, line: draft.line, difference })
}

/// `None` where there are too many lines to be shown whole.
fn difference(live: Option<&ActionDraft>, draft: &Bound) -> Option<Difference> {
    let (before, after) = (live.map(text).unwrap_or_default(), text(&draft.declared));
    let diff = TextDiff::configure().timeout(TIME).diff_lines(before.as_str(), after.as_str());
    let mut lines = Vec::new();
    for change in diff.iter_all_changes() {
        if lines.len() == MOST_LINES {
            return None;
        }
        let kind = match change.tag() {
            ChangeTag::Equal => Kind::Same,
            ChangeTag::Insert => Kind::Added,
            ChangeTag::Delete => Kind::Removed,
        };
        let text: &str = change.value();
        lines.push(Line { kind, text: Shown::new(text.trim_end_matches('\n')).limit_bytes(usize::MAX).to_string() });
    }
    Some(Difference { live: live.is_some(), lines })
}

/// An action as lines: what the host holds it to first, its author's words after it.
fn text(action: &ActionDraft) -> String {
    let mut out = String::new();
    let mut flags = Vec::new();
    if action.traits.prompt_bearing {
        flags.push("prompt-bearing");
    }
    if action.traits.billable {
        flags.push("billable");
    }
    let none = |words: Vec<&str>| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    for (name, value) in [
        ("name", action.slug.clone()),
        ("sends", format!("{} {}", action.method, action.path)),
        ("query", none(action.query.iter().map(String::as_str).collect())),
        ("headers", none(action.headers.iter().map(String::as_str).collect())),
        ("body", action.body.to_string()),
        ("effect", action.effect.to_string()),
        ("approval", action.approval.to_string()),
        ("result", action.result.to_string()),
        ("flags", none(flags)),
        ("label", action.label.clone()),
    ] {
        line(&mut out, &format!("{name:<9} {value}"));
    }
    block(&mut out, "description", &action.description);
    block(&mut out, "input schema", &laid_out(&action.input_schema));
    if let Some(schema) = &action.output_schema {
        block(&mut out, "output schema", &laid_out(schema));
    }
    for example in &action.examples {
        block(&mut out, "example input", &laid_out(&example.input));
    }
    out
}

fn block(out: &mut String, name: &str, text: &str) {
    line(out, name);
    for text in text.split('\n') {
        line(out, &format!("| {text}"));
    }
}

/// One line. Nothing in it can begin another: a word of the agent's could pass for the host's next line.
fn line(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.push('\n');
}

/// JSON laid out; as it is where it is none.
fn laid_out(json: &str) -> String {
    let value: Result<Value, _> = serde_json::from_str(json);
    value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| json.to_owned())
}
