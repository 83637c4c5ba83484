//! Values at the edges: what parsers, encoders and path handling get wrong.

use std::sync::LazyLock;

use serde_json::{Number, Value};

/// Longest of the long strings, in characters.
const VERY_LONG: usize = 65_536;

/// Longest of the short ones, in bytes.
const SHORT: usize = 100;

#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "", " ", "a", "0", "-1", "\t", "\n", "\r\n", "x\r\nx-injected: 1", "\0", "a\0b", "\u{1b}[2J", "\u{7f}",
    // Paths.
    ".", "..", "...", "./a", "../..", "..\\..", "/", "//", "\\", "a/b", "/etc/passwd", "%2f", "%2F..%2f", "%2e%2e", "%00",
    "%", "%zz", "%252e", ";", "a;b", "?", "#", "&", "=", "a&b=c", "a?b", "a#b", "+", " a", "a ", ",", "a,b", ":", "@", "*",
    "~", "|", "^", "`",
    // Other places.
    "https://elsewhere.example/", "//elsewhere.example", "@elsewhere.example", "elsewhere.example:443",
    "http://127.0.0.1/", "http://[::1]/", "file:///", "data:,", "javascript:1",
    // Words of other languages.
    "null", "true", "false", "NaN", "Infinity", "undefined", "None", "[]", "{}", "\"", "'", "\\\"", "</script>", "<!--",
    "${a}", "{{a}}", "$(a)", "`a`", "' OR 1=1 --", "admin", "root", "me", "self", "__proto__", "constructor", "0x7", "1e3",
    "007",
    // Unicode: combining, bidi, invisible, joined, beyond the first plane, of another length in the other case.
    "e\u{301}", "\u{301}", "\u{e9}", "\u{202e}abc", "\u{2066}a\u{2069}", "\u{200b}", "\u{feff}", "\u{ad}", "\u{2028}",
    "\u{fe0f}", "\u{1f600}", "\u{1f469}\u{200d}\u{1f467}", "\u{10ffff}", "\u{fffd}", "\u{e0001}", "\u{d7ff}",
    "\u{e000}", "\u{130}", "\u{df}", "\u{fb00}", "\u{3a3}", "\u{ff0f}", "\u{2215}", "\u{ff0e}\u{ff0e}", "\u{666}",
    "\u{4e2d}\u{6587}",
];

/// Strings at the edges, the long ones last.
pub(crate) fn texts() -> &'static [String] {
    static MADE: LazyLock<Vec<String>> = LazyLock::new(|| {
        let long = [63, 64, 65, 127, 128, 255, 256, 257, 1_024, 4_096, 8_192, VERY_LONG];
        let mut texts: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
        texts.extend(["\u{e9}".repeat(256), "../".repeat(64)]);
        texts.extend(long.map(|length| "a".repeat(length)));
        texts
    });
    &MADE
}

/// Those of them that many places take.
pub(crate) fn short_texts() -> &'static [String] {
    let texts = texts();
    let long = texts.iter().position(|text| text.len() > SHORT).unwrap_or(texts.len());
    &texts[..long]
}

#[rustfmt::skip]
const WHOLE: &[i64] = &[
    0, 1, -1, 2, 3, 5, 7, 9, 10, 11, 16, 31, 32, 63, 64, 99, 100, 101, 127, 128, -128, 255, 256, 999, 1_000, 1_001, 1_023,
    1_024, 1_337, 4_096, 9_999, 10_000, 32_767, 32_768, -32_768, 65_535, 65_536, 99_999, 100_000, 999_999, 1_000_000,
    2_147_483_647, 2_147_483_648, -2_147_483_648, -2_147_483_649, 4_294_967_295, 4_294_967_296, 1_700_000_000,
    9_007_199_254_740_991, 9_007_199_254_740_992, 9_007_199_254_740_993, -9_007_199_254_740_993, i64::MAX, i64::MIN,
];

#[rustfmt::skip]
const BROKEN: &[f64] = &[
    -0.0, 0.1, 0.5, -0.5, 0.999_999, 1.0, 1.5, 7.0, -1.0, 1e-7, 5e-324, f64::EPSILON, 1e15, 1e16, 1e21, 1e22, 1e100, 1e308,
    -1e308, f64::MAX, f64::MIN, 1.000_000_000_000_000_2,
];

/// Numbers at the edges.
pub(crate) fn numbers() -> &'static [Value] {
    static MADE: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let whole = WHOLE.iter().map(|number| Value::from(*number));
        let broken = BROKEN.iter().filter_map(|number| Number::from_f64(*number)).map(Value::Number);
        whole.chain([u64::MAX, 1 << 63].map(Value::from)).chain(broken).collect()
    });
    &MADE
}
