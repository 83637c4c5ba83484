//! Words for people and agents: an agent chooses an action by its description alone.

use portcullis_model::{ActionDraft, PortDraft};

use super::Rule;
use super::finding::{Findings, quoted};

/// Fewest characters of a description that says what an action does and when.
const ENOUGH: usize = 40;

/// Words by which a description says when to call an action, or when not to.
const WHEN: &[&str] = &[
    "when", "call", "use", "before", "after", "first", "instead", "unless", "once", "only", "to find", "to see",
    "to learn",
];

/// Ends of host names that are set aside for examples (RFC 2606, sections 2 and 3).
const EXAMPLES: &[&str] = &[".example", ".test", ".invalid", "example.com", "example.org", "example.net"];

pub(super) fn port(findings: &mut Findings, port: &PortDraft) {
    if short(&port.description) {
        findings.add(
            Rule::ShortDescription,
            "port.description",
            format!("{} characters", port.description.trim().chars().count()),
            format!("say in at least {ENOUGH} characters what the service is and what the plugin reaches of it"),
        );
    }
    if port.tags.is_empty() {
        findings.add(Rule::NoTags, "port.tags", "none", "add words that somebody would search for");
    }
    let host = port.origin.trim_start_matches("https://").split([':', '/']).next().unwrap_or_default();
    if EXAMPLES.iter().any(|end| host.ends_with(end)) {
        findings.add(
            Rule::PlaceholderOrigin,
            "port.origin",
            quoted(&port.origin),
            "put the service's own origin there before you publish",
        );
    }
}

pub(super) fn action(findings: &mut Findings, action: &ActionDraft) {
    let at = |field: &str| format!("{}: {field}", action.slug);
    let (label, description) = (plain(&action.label), plain(&action.description));
    if action.label == action.slug || action.label == action.slug.replace('-', " ") {
        findings.add(
            Rule::RawLabel,
            &at("label"),
            quoted(&action.label),
            "give it a label for people, such as `Find notes`",
        );
    }
    if description == label || description == plain(&action.slug) {
        findings.add(
            Rule::LabelAsDescription,
            &at("description"),
            quoted(&action.description),
            "say what it does, what it answers with, and when to call it",
        );
    } else if short(&action.description) {
        findings.add(
            Rule::ShortDescription,
            &at("description"),
            format!("{} characters", action.description.trim().chars().count()),
            format!("say in at least {ENOUGH} characters what it does, what it answers with, and when to call it"),
        );
    } else if !WHEN.iter().any(|word| has(&description, word)) {
        findings.add(
            Rule::NoWhen,
            &at("description"),
            "it says what the action does and not when to call it",
            "add a sentence such as `Call it before adding a note, to see whether one is there already.`",
        );
    }
}

fn short(text: &str) -> bool {
    text.trim().chars().count() < ENOUGH
}

/// Lower case, letters and digits only, single spaces.
fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether whole words occur in a plain text.
fn has(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}
