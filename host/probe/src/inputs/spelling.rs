//! One value, spelled as JSON in several ways: a plugin reads text.

use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

/// How a value is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As short as it goes.
    Plain,
    /// Whatever is not ASCII, and every slash, as escapes; characters beyond the first plane as surrogate pairs.
    Escaped,
    /// With white space.
    Spaced,
}

/// The text of a value.
pub(crate) fn spell(value: &Value, spelling: Spelling) -> String {
    let mut bytes = Vec::new();
    let written = match spelling {
        Spelling::Plain => return value.to_string(),
        Spelling::Escaped => value.serialize(&mut Serializer::with_formatter(&mut bytes, Escapes)),
        Spelling::Spaced => {
            value.serialize(&mut Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" \t\r\n")))
        }
    };
    match (written, String::from_utf8(bytes)) {
        (Ok(()), Ok(text)) => text,
        _ => value.to_string(),
    }
}

struct Escapes;

impl Formatter for Escapes {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for c in fragment.chars() {
            match c {
                '/' => writer.write_all(b"\\/")?,
                // One letter is enough to show that a plugin reads escapes.
                'a' | '\u{80}'.. => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
                _ => writer.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_model::parse_strict;
    use serde_json::json;

    #[test]
    fn every_spelling_is_the_same_value() {
        let value = json!({"a/\u{1f600}\"": [1, -0.0, 1e308, "\r\n\u{0}\u{e9}", {}], "b": null});
        for spelling in [Spelling::Plain, Spelling::Escaped, Spelling::Spaced] {
            let text = spell(&value, spelling);
            assert_eq!(parse_strict(&text).unwrap(), value, "{text}");
        }
        let escaped = spell(&value, Spelling::Escaped);
        assert!(escaped.contains(r"\ud83d\ude00") && escaped.contains(r"\u0061\/") && escaped.is_ascii(), "{escaped}");
    }
}
