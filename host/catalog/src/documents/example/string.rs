//! Strings: by pattern, by format, or plain, and as long as asked.

use serde_json::{Map, Value};

use super::pattern;

/// Longest string made.
const MAX_CHARS: u64 = 4096;

/// One value of each format (JSON Schema Validation, section 7.3), of OpenAPI's own formats too.
#[rustfmt::skip]
const FORMATS: &[(&str, &str)] = &[
    ("uuid", "00000000-0000-4000-8000-000000000000"), ("date", "2026-01-31"), ("date-time", "2026-01-31T12:00:00Z"),
    ("time", "12:00:00Z"), ("duration", "PT1H"), ("email", "person@example.com"), ("idn-email", "person@example.com"),
    ("hostname", "example.com"), ("idn-hostname", "example.com"), ("ipv4", "192.0.2.1"), ("ipv6", "2001:db8::1"),
    ("uri", "https://example.com/"), ("uri-reference", "https://example.com/"), ("iri", "https://example.com/"),
    ("iri-reference", "https://example.com/"), ("url", "https://example.com/"),
    ("uri-template", "https://example.com/{id}"), ("json-pointer", "/a"), ("relative-json-pointer", "0"),
    ("regex", "^a$"), ("byte", "ZXhhbXBsZQ=="),
];

/// A string for a flat schema.
pub(super) fn make(schema: &Map<String, Value>) -> Option<String> {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
    let (least, most) = (bound("minLength").unwrap_or(0), bound("maxLength").unwrap_or(MAX_CHARS));
    if least > MAX_CHARS.min(most) {
        return None;
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        return pattern::matching(pattern, least, most);
    }
    let format = schema.get("format").and_then(Value::as_str);
    if let Some((_, text)) = FORMATS.iter().find(|(name, _)| Some(*name) == format) {
        return Some((*text).to_owned());
    }
    let length = least.max(7).min(most);
    Some("example-".chars().cycle().take(usize::try_from(length).ok()?).collect::<String>())
}
