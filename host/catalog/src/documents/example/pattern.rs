//! A string that a regular expression matches: the first branch, the least repetitions, the plainest character.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Longest pattern looked at.
const MAX_PATTERN_BYTES: usize = 1024;

/// Most repetitions beyond the least that are tried to reach a length.
const MAX_MORE: u32 = 512;

/// Most steps for one pattern.
const MAX_STEPS: usize = 100_000;

/// Characters by how plain they look.
const PLAIN: &str = "a1A-_.0bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ23456789 :/@,=+";

/// A match of this length in characters, if one is found easily. Anchors are taken to hold.
pub(super) fn matching(pattern: &str, least: u64, most: u64) -> Option<String> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return None;
    }
    let hir = regex_syntax::ParserBuilder::new().nest_limit(32).build().parse(pattern).ok()?;
    let mut writer = Writer { more: 0, most, left: MAX_STEPS };
    let mut found = None;
    for more in 0..=MAX_MORE {
        writer.more = more;
        let mut text = String::new();
        if !writer.write(&hir, &mut text) {
            break;
        }
        let count = text.chars().count() as u64;
        if (least..=most).contains(&count) {
            // Something is better to look at than nothing, where both match.
            let is_empty = text.is_empty();
            found = Some(text);
            if !is_empty {
                break;
            }
        }
    }
    found
}

struct Writer {
    /// Repetitions beyond the least.
    more: u32,
    most: u64,
    /// A pattern can repeat nothing four thousand million times.
    left: usize,
}

impl Writer {
    /// Appends a match; gives up where the text or the work gets too long.
    fn write(&mut self, hir: &Hir, text: &mut String) -> bool {
        if self.left == 0 || text.len() as u64 > self.most.saturating_mul(4) {
            return false;
        }
        self.left -= 1;
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|literal| {
                text.push_str(literal);
                true
            }),
            HirKind::Class(class) => plain(class).is_some_and(|c| {
                text.push(c);
                true
            }),
            HirKind::Repetition(repetition) => {
                let times = repetition.max.unwrap_or(u32::MAX).min(repetition.min.saturating_add(self.more));
                (0..times).all(|_| self.write(&repetition.sub, text))
            }
            HirKind::Capture(capture) => self.write(&capture.sub, text),
            HirKind::Concat(parts) => parts.iter().all(|part| self.write(part, text)),
            HirKind::Alternation(branches) => branches.first().is_some_and(|branch| self.write(branch, text)),
        }
    }
}

/// The plainest character of a class.
fn plain(class: &Class) -> Option<char> {
    let holds = |c: char| match class {
        Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&c)),
        Class::Bytes(class) => {
            u8::try_from(c).is_ok_and(|b| class.iter().any(|range| (range.start()..=range.end()).contains(&b)))
        }
    };
    PLAIN.chars().find(|c| holds(*c)).or_else(|| match class {
        Class::Unicode(class) => class.iter().next().map(|range| range.start()),
        Class::Bytes(_) => None,
    })
}
