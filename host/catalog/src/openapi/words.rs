//! A stranger's words as a document may have them: without characters that hide or reorder text, and not too long.
//!
//! Markdown stays as it is written: whoever shows a text shows it as text.

use portcullis_model::deceives;

/// Marks where a text was cut.
const CUT: char = '…';

/// One line of at most so many characters; nothing where nothing is left.
pub(super) fn line(text: &str, max_chars: usize) -> Option<String> {
    let plain: String = clean(text, max_chars).replace('\n', " ");
    let words: Vec<&str> = plain.split(' ').filter(|word| !word.is_empty()).collect();
    bounded(&words.join(" "), max_chars)
}

/// Lines of at most so many characters together; nothing where nothing is left.
pub(super) fn block(text: &str, max_chars: usize) -> Option<String> {
    bounded(clean(text, max_chars).trim(), max_chars)
}

/// Not much more is looked at than is kept, however long a text is.
fn clean(text: &str, max_chars: usize) -> String {
    let spaced = text.chars().take(4 * max_chars + 100).map(|c| match c {
        '\t' => ' ',
        '\u{2028}' | '\u{2029}' => '\n',
        c => c,
    });
    spaced.filter(|c| *c == '\n' || !deceives(*c)).collect()
}

fn bounded(text: &str, max_chars: usize) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if text.chars().nth(max_chars).is_none() {
        return Some(text.to_owned());
    }
    let kept: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    Some(format!("{}{CUT}", kept.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_gone_and_what_is_long_is_cut() {
        assert_eq!(line("  List\u{202e} all\r\n\tthings\u{200b}. ", 80).as_deref(), Some("List all things."));
        assert_eq!(block("# One\r\n\r\n*two*\u{1b}[31m\t3 \n", 80).as_deref(), Some("# One\n\n*two*[31m 3"));
        assert_eq!(line("abcdef", 6).as_deref(), Some("abcdef"));
        assert_eq!(line("abcde f", 6).as_deref(), Some("abcde…"));
        assert_eq!(line("\u{200b}\n", 6), None);
        assert_eq!(block("é".repeat(9_000).as_str(), 2_000).map(|t| t.chars().count()), Some(2_000));
    }
}
