//! Text from strangers, made safe to look at.
//!
//! Escapes whatever could move a cursor, reorder a line or hide in it. Does not judge the text.

use std::fmt::{self, Write as _};

/// Displays a string with control, bidi and invisible characters written as `\u{…}`. Text that already looks like such
/// an escape has its backslash escaped, so that what is shown can be read in one way only.
///
/// A limit cuts long text and says how many bytes are not shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    text: &'a str,
    limit_bytes: usize,
    keep_newlines: bool,
}

impl<'a> Shown<'a> {
    /// For a quoted value in one line: at most 120 bytes.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, limit_bytes: 120, keep_newlines: false }
    }

    /// For a block of text: line feeds stay, nothing is cut.
    #[must_use]
    pub fn block(text: &'a str) -> Self {
        Self { text, limit_bytes: usize::MAX, keep_newlines: true }
    }

    /// Cuts after this many bytes of input.
    #[must_use]
    pub fn limit_bytes(mut self, limit_bytes: usize) -> Self {
        self.limit_bytes = limit_bytes;
        self
    }
}

/// Whether a character can be invisible, reorder text, or act on a terminal.
///
/// Covers Unicode general categories Cc and Cf as far as they deceive: controls, the bidi formatting characters
/// (UAX #9), zero-width characters, invisible operators, tags, variation selectors, fillers, hieroglyph joiners, and
/// line separators.
#[must_use]
pub fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{13430}'..='\u{1345F}' | '\u{16FE4}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, c) in self.text.char_indices() {
            if at >= self.limit_bytes {
                return write!(f, "… ({} bytes more)", self.text.len() - at);
            }
            if c == '\n' && self.keep_newlines {
                f.write_char(c)?;
            } else if deceives(c) || self.text[at..].starts_with("\\u{") {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_escaped() {
        let text = "a\u{202e}b\u{1b}[2Jc\u{200b}d\ne";
        assert_eq!(Shown::new(text).to_string(), "a\\u{202e}b\\u{1b}[2Jc\\u{200b}d\\u{a}e");
        assert_eq!(Shown::block("a\nb").to_string(), "a\nb");
        assert_eq!(Shown::new("\\u{202e} \\n").to_string(), "\\u{5c}u{202e} \\n", "text cannot pass for an escape");
    }

    #[test]
    fn a_cut_says_how_much_is_missing() {
        assert_eq!(Shown::new("abcdef").limit_bytes(2).to_string(), "ab… (4 bytes more)");
    }
}
