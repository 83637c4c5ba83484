//! Strings: by pattern, by format, by the dictionary, or plain, and as long or short as asked.

use serde_json::Value;

use super::choices::Choice;
use super::maker::Maker;
use super::needs::{Needs, Range};
use crate::edges;

/// Longest string that is made to meet a bound, in characters. The input as a whole has a limit of its own.
const MAX_CHARS: u64 = 70_000;

/// Some values of each format (JSON Schema Validation 2020-12, section 7.3), and of OpenAPI's.
const FORMATS: &[(&str, &[&str])] = &[
    ("uuid", &["00000000-0000-4000-8000-000000000000", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"]),
    ("date", &["2026-01-31", "0001-01-01", "9999-12-31", "2024-02-29"]),
    ("date-time", &["2026-01-31T12:00:00Z", "1985-04-12T23:20:50.52+14:00", "1990-12-31T23:59:60Z"]),
    ("time", &["12:00:00Z", "23:59:60Z", "00:00:00.000001-12:00"]),
    ("duration", &["PT1H", "P1Y2M3DT4H5M6S", "P4W"]),
    ("email", &["person@example.com", "a+b@example.com", "\"a b\"@example.com"]),
    ("idn-email", &["person@example.com", "\u{e9}@example.com"]),
    ("hostname", &["example.com", "a", "xn--nxasmq6b"]),
    ("idn-hostname", &["example.com", "b\u{fc}cher.example"]),
    ("ipv4", &["192.0.2.1", "0.0.0.0", "255.255.255.255", "127.0.0.1"]),
    ("ipv6", &["2001:db8::1", "::", "::ffff:192.0.2.1"]),
    ("uri", &["https://example.com/", "urn:a:b", "http://a/?b#c", "file:///etc/passwd"]),
    ("uri-reference", &["https://example.com/", "../a", "", "//a/b", "#c"]),
    ("iri", &["https://example.com/", "https://example.com/\u{e9}"]),
    ("iri-reference", &["https://example.com/", "\u{e9}"]),
    ("url", &["https://example.com/", "http://127.0.0.1/"]),
    ("uri-template", &["https://example.com/{id}", "{+a}"]),
    ("json-pointer", &["", "/a", "/a~1b/0"]),
    ("relative-json-pointer", &["0", "1/a", "2#"]),
    ("regex", &["^a$", "[a-z]+"]),
    ("byte", &["ZXhhbXBsZQ==", ""]),
];

impl Maker<'_> {
    /// A string.
    pub(super) fn text(&mut self, needs: &Needs<'_>) -> Option<String> {
        let place = needs.place.unwrap_or(&Value::Null);
        let kind = self.choose(place, Choice::Text, 8);
        if let Some(pattern) = needs.patterns.first()
            && kind > 0
        {
            let length = match kind {
                1 => exactly(needs.length.least),
                2 if needs.length.most <= MAX_CHARS => exactly(needs.length.most),
                _ => needs.length,
            };
            return self.patterns.sample(pattern, length, &mut self.dice);
        }
        if let Some(format) = needs.format
            && kind > 1
            && let Some((_, texts)) = FORMATS.iter().find(|(name, _)| *name == format)
        {
            return self.dice.pick(texts).map(|text| (*text).to_owned());
        }
        let Range { least, most } = needs.length;
        let text = match kind {
            0 | 1 => self.dice.pick(&self.dictionary.strings).cloned().unwrap_or_default(),
            2 => return exact(least.max(u64::from(!self.edgy)), most),
            3 if self.edgy && most <= MAX_CHARS => return exact(most, most),
            4 if least == 0 => String::new(),
            5 => format!("w{}", self.dice.below(100_000)),
            _ => self.any_text(),
        };
        fitted(text, needs.length)
    }

    /// Any string: one of the edges where edges are wanted.
    pub(super) fn any_text(&mut self) -> String {
        if self.edgy {
            return self.dice.pick(edges::short_texts()).cloned().unwrap_or_default();
        }
        let length = 1 + self.dice.below(12);
        (0..length).map(|_| char::from(b'a' + self.dice.below(26) as u8)).collect()
    }
}

fn exactly(length: u64) -> Range {
    Range { least: length, most: length }
}

fn exact(length: u64, most: u64) -> Option<String> {
    fitted(
        "example-".chars().cycle().take(usize::try_from(length.min(most)).ok()?).collect(),
        exactly(length.min(most)),
    )
}

/// The text, cut or filled up to a length.
pub(crate) fn fitted(text: String, length: Range) -> Option<String> {
    let count = text.chars().count() as u64;
    if length.least > MAX_CHARS {
        return None;
    }
    if count < length.least {
        return Some(text + &"a".repeat(usize::try_from(length.least - count).ok()?));
    }
    if count > length.most {
        return Some(text.chars().take(usize::try_from(length.most).ok()?).collect());
    }
    Some(text)
}
