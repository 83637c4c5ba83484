//! What is different from an earlier request of the same action, line by line.
//!
//! Compares everything that is sent: method and target, headers, body. Bounded in size and in time, since an agent
//! chooses what is compared; says so where it does not compare.

use std::time::Duration;

use portcullis_model::{Preview, RoutedRequest};
use similar::{ChangeTag, TextDiff};

use super::content::readable;
use crate::visible::Visible;

/// Bytes of either side that are compared.
const MOST_BYTES: usize = 128 << 10;
/// Time for finding a short way from one to the other; after it, a longer one is shown.
const TIME: Duration = Duration::from_millis(200);
/// Lines around a change.
const AROUND: usize = 3;
/// Lines that are shown.
const MOST_LINES: usize = 1000;

/// A comparison.
pub(super) enum Diff {
    /// Nothing is different.
    Same,
    /// One of them is too long.
    TooLong,
    /// The lines that differ, with some around them.
    Lines(Vec<Line>),
}

/// A line.
pub(super) struct Line {
    /// `added`, `removed`, `same`, or `gap` for lines that are left out.
    pub(super) kind: &'static str,
    /// What a reader sees before it.
    pub(super) sign: &'static str,
    /// What a reader who does not see it hears.
    pub(super) word: &'static str,
    pub(super) text: Visible,
}

impl Diff {
    /// Compares two requests.
    pub(super) fn between(earlier: &RoutedRequest, now: &RoutedRequest) -> Self {
        match (text(earlier), text(now)) {
            (Some(earlier), Some(now)) => Self::of(&earlier, &now),
            _ => Self::TooLong,
        }
    }

    fn of(earlier: &str, now: &str) -> Self {
        if earlier == now {
            return Self::Same;
        }
        let diff = TextDiff::configure().timeout(TIME).diff_lines(earlier, now);
        let mut lines = Vec::new();
        for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
            if index > 0 {
                lines.push(gap("…"));
            }
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                if lines.len() >= MOST_LINES {
                    lines.push(gap("more differs than is shown here"));
                    return Self::Lines(lines);
                }
                let (kind, sign, word) = match change.tag() {
                    ChangeTag::Insert => ("added", "+", "added: "),
                    ChangeTag::Delete => ("removed", "−", "removed: "),
                    ChangeTag::Equal => ("same", " ", ""),
                };
                let text: &str = change.value();
                let text = Visible::block(text.strip_suffix('\n').unwrap_or(text));
                lines.push(Line { kind, sign, word, text });
            }
        }
        Self::Lines(lines)
    }
}

fn gap(text: &str) -> Line {
    Line { kind: "gap", sign: " ", word: "", text: Visible::line(text) }
}

/// A request as lines; none where it is too long.
fn text(request: &RoutedRequest) -> Option<String> {
    let mut out = format!("{} {}\n", request.method(), request.url());
    for (name, value) in Preview::new(request).data().headers {
        out.push_str(&format!("{name}: {value}\n"));
    }
    let body = request.body().map_or(&[][..], |body| body.bytes());
    if body.len() > MOST_BYTES {
        return None;
    }
    out.push('\n');
    match readable(request, MOST_BYTES) {
        Some((laid_out, used)) if used == body.len() => out.push_str(&laid_out),
        Some(_) => return None,
        None => out.push_str(&String::from_utf8_lossy(body)),
    }
    out.push('\n');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_what_went_is_said_by_sign_and_by_word() {
        let Diff::Lines(lines) = Diff::of("a\nb\nc\n", "a\nB\nc\n") else { panic!("they differ") };
        let seen: Vec<_> = lines.iter().map(|l| (l.kind, l.sign, l.text.to_string())).collect();
        let line = |kind, sign, text: &str| (kind, sign, text.to_owned());
        assert_eq!(
            seen,
            [line("same", " ", "a"), line("removed", "−", "b"), line("added", "+", "B"), line("same", " ", "c")]
        );
        assert!(matches!(Diff::of("a\n", "a\n"), Diff::Same));
    }

    #[test]
    fn whoever_makes_two_long_bodies_differ_everywhere_gets_a_bounded_answer() {
        let side = |salt: &str| (0..50_000).map(|n| format!("{salt}{n}\n")).collect::<String>();
        let Diff::Lines(lines) = Diff::of(&side("a"), &side("b")) else { panic!("they differ") };
        assert_eq!(lines.len(), MOST_LINES + 1);
    }
}
