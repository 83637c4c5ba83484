//! A report as text for a terminal and for the comment of a review: Markdown in which no stranger's text can be anything
//! but text.

use std::fmt::{self, Write as _};

use portcullis_model::Shown;

use crate::finding::Finding;
use crate::report::{ActionReport, Ended, NoteKind, Report};

/// Bytes of an input that are shown.
const MAX_INPUT: usize = 2_000;

/// Notes and missed branches that are shown.
const MAX_NOTES: usize = 20;
const MAX_MISSED: usize = 10;

/// A report as Markdown.
#[derive(Debug)]
pub struct Summary<'a>(pub &'a Report);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        let subject = &report.subject;
        let verdict = match (report.findings.len(), report.ended) {
            (0, Ended::Calls) => "nothing found".to_owned(),
            (0, ended) => format!("nothing found before it ended ({ended})"),
            (1, _) => "1 finding".to_owned(),
            (n, _) => format!("{n} findings"),
        };
        writeln!(f, "### probe of {}: {verdict}\n", code(&subject.port))?;
        writeln!(f, "- plugin {}, {}", code(&subject.digest), subject.tier)?;
        let (reached, all) = report.coverage();
        writeln!(
            f,
            "- {} calls of describe, {} inputs, {} calls a second; {reached} of {all} branches of the schemas reached",
            report.calls, report.inputs, report.pace.calls_per_second
        )?;
        let words = &report.dictionary;
        write!(f, "- {} strings and {} numbers of manifest and code to try", words.strings, words.numbers)?;
        if words.left_out > 0 {
            write!(f, "; {} more left out", words.left_out)?;
        }
        writeln!(f, "\n- seed {}, portcullis {}, ended by {}", report.options.seed, report.version, report.ended)?;
        for finding in &report.findings {
            self::finding(f, finding)?;
        }
        table(f, &report.actions)?;
        missed(f, &report.actions)?;
        notes(f, report)
    }
}

fn finding(f: &mut fmt::Formatter<'_>, finding: &Finding) -> fmt::Result {
    let code_of = finding.code.as_ref().map_or_else(String::new, |refused| format!(" ({})", code(refused)));
    writeln!(f, "\n#### {} of {}{code_of}: {}\n", finding.kind, code(&finding.action), finding.kind.meaning())?;
    writeln!(
        f,
        "{}; {} input{} did it; the smallest one found:\n",
        code(&finding.what),
        finding.inputs,
        s(finding.inputs)
    )?;
    for before in &finding.before {
        writeln!(f, "{}\n\nand after it, in the same instance:\n", block(before))?;
    }
    writeln!(f, "{}", block(&finding.input))
}

fn table(f: &mut fmt::Formatter<'_>, actions: &[ActionReport]) -> fmt::Result {
    writeln!(f, "\n| action | examples | valid | edge | broken, refused | calls | said no | words | branches |")?;
    writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
    for action in actions {
        let made = &action.made;
        writeln!(
            f,
            "| {} | {} | {} | {} | {}, {} | {} | {} | {} | {} of {} |",
            code(&action.action),
            made.examples,
            made.valid,
            made.edge,
            action.broken.made,
            action.broken.refused,
            action.calls,
            action.refused,
            action.words,
            action.coverage.reached,
            action.coverage.branches,
        )?;
    }
    Ok(())
}

fn missed(f: &mut fmt::Formatter<'_>, actions: &[ActionReport]) -> fmt::Result {
    let missed: Vec<(&str, &String)> = actions
        .iter()
        .flat_map(|action| action.coverage.missed.iter().map(|branch| (action.action.as_str(), branch)))
        .collect();
    if missed.is_empty() {
        return Ok(());
    }
    writeln!(f, "\nnot reached:\n")?;
    for (action, branch) in missed.iter().take(MAX_MISSED) {
        writeln!(f, "- {}: {}", code(action), code(branch))?;
    }
    more(f, missed.len(), MAX_MISSED)
}

fn notes(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    if report.notes.is_empty() {
        return Ok(());
    }
    writeln!(f, "\nworth a look, and no fault:\n")?;
    for note in report.notes.iter().take(MAX_NOTES) {
        let meaning = match note.kind {
            NoteKind::PluginRefuses => "passed the schema, and the plugin says no in its own words",
            NoteKind::RefusesWithoutReason => "passed the schema, and the plugin says no without a reason",
            NoteKind::ValueRefused => "passed the schema with a value that the host refuses",
        };
        let (inputs, plural) = (note.inputs, s(note.inputs));
        writeln!(f, "- {}: {inputs} input{plural} {meaning}: {}", code(&note.action), code(&note.what))?;
    }
    more(f, report.notes.len(), MAX_NOTES)
}

fn more(f: &mut fmt::Formatter<'_>, all: usize, shown: usize) -> fmt::Result {
    match all.checked_sub(shown) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(f, "- and {more} more, in `--json`"),
    }
}

fn s(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Text in one line as a code span (CommonMark, section 6.1): nothing in it is markup, and no mention or link. A bar
/// would end the cell of a table.
fn code(text: &str) -> String {
    let shown = Shown::new(text).limit_bytes(400).to_string().replace('|', "\u{a6}");
    let fence = "`".repeat(longest_run(&shown) + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') || shown.is_empty() { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// Text as a fenced block (CommonMark, section 4.5), whose fence is longer than any in it.
fn block(text: &str) -> String {
    let shown = Shown::block(text).limit_bytes(MAX_INPUT).to_string();
    let fence = "`".repeat((longest_run(&shown) + 1).max(3));
    let mut out = String::new();
    // Writing to a string does not fail.
    write!(out, "{fence}json\n{shown}\n{fence}").map_or(String::new(), |()| out)
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_gets_out_of_its_span_or_block() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a | b\n# c"), "`a \u{a6} b\\u{a}# c`");
        assert_eq!(block("```\n# x"), "````json\n```\n# x\n````");
        assert!(!code("\u{202e}\u{1b}[2J").contains(['\u{202e}', '\u{1b}']));
    }
}
