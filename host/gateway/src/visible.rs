//! Text from strangers as markup that shows it and does nothing.
//!
//! Markup characters are escaped. Characters that could hide, reorder or command are written as `\u{…}` and marked, and
//! so is the backslash of text that looks like such an escape: what is shown can be read in one way only.

use std::fmt;

use askama::filters::HtmlSafe;
use portcullis_model::deceives;

/// Bytes of a single line that are shown; labels are far shorter.
const LINE_BYTES: usize = 2000;

/// Markup made of a text. Templates take it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visible(String);

impl Visible {
    /// For a value in a line: line feeds are marked too, and what is over 2000 bytes is counted.
    pub(crate) fn line(text: &str) -> Self {
        let (shown, rest) = text.split_at(text.floor_char_boundary(LINE_BYTES));
        let mut markup = markup(shown, false, false);
        if !rest.is_empty() {
            markup.push_str(&format!("… ({} bytes more)", rest.len()));
        }
        Self(markup)
    }

    /// For a text that went through [`Shown`](portcullis_model::Shown) already: its escapes are its own.
    pub(crate) fn shown(text: &str) -> Self {
        Self(markup(text, false, true))
    }

    /// For a block: line feeds stay, nothing is cut.
    pub(crate) fn block(text: &str) -> Self {
        Self(markup(text, true, false))
    }
}

impl fmt::Display for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Visible {}

/// With `escaped`, what looks like an escape is one.
fn markup(text: &str, keep_newlines: bool, escaped: bool) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (at, c) in text.char_indices() {
        match c {
            '\n' if keep_newlines => out.push('\n'),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c if deceives(c) || !escaped && text[at..].starts_with("\\u{") => {
                out.push_str("<span class=\"escape\">");
                out.extend(c.escape_unicode());
                out.push_str("</span>");
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_what_deceives_is_marked() {
        let line = |text| Visible::line(text).to_string();
        assert_eq!(line("<b a='1' c=\"2\">&amp;"), "&lt;b a=&#39;1&#39; c=&#34;2&#34;&gt;&amp;amp;");
        let escape = |digits: &str| format!("<span class=\"escape\">\\u{{{digits}}}</span>");
        for (text, digits) in [("\u{202e}", "202e"), ("\u{1b}", "1b"), ("\u{200b}", "200b"), ("\n", "a"), ("\t", "9")] {
            assert_eq!(line(text), escape(digits));
        }
        assert_eq!(line("\\u{41}"), format!("{}u{{41}}", escape("5c")));
        assert_eq!(Visible::shown("\\u{41}<\u{202e}").to_string(), format!("\\u{{41}}&lt;{}", escape("202e")));
        assert_eq!(Visible::block("a\nb").to_string(), "a\nb");
        assert_eq!(line("héllo \u{1f600} שלום"), "héllo \u{1f600} שלום");
    }

    #[test]
    fn a_long_line_says_how_much_is_missing() {
        let long = "é".repeat(LINE_BYTES);
        let shown = Visible::line(&long).to_string();
        assert!(shown.ends_with(&format!("… ({LINE_BYTES} bytes more)")), "{}", &shown[shown.len() - 40..]);
        assert_eq!(Visible::block(&long).to_string(), long);
    }
}
