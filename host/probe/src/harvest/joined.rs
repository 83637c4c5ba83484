//! Strings that a compiler made numbers of: a comparison with a short text becomes one with eight, four or two bytes of
//! it at a time, and no such text stands in the data.

use super::module::Constant;

/// Most neighbouring pieces that are put together.
const MAX_PIECES: usize = 4;

/// Longest text put together of single characters.
const MAX_LETTERS: usize = 32;

/// Texts that the constants of one function may be pieces of.
pub(super) fn texts(constants: &[Constant], add: &mut impl FnMut(String)) {
    let pieces: Vec<Vec<u8>> = constants.iter().filter_map(|constant| piece(*constant)).collect();
    for at in 0..pieces.len() {
        let forth: Vec<&[u8]> = pieces[at..].iter().take(MAX_PIECES).map(Vec::as_slice).collect();
        let back: Vec<&[u8]> = pieces[..=at].iter().rev().take(MAX_PIECES).map(Vec::as_slice).collect();
        for row in [forth, back] {
            if let [first, rest @ ..] = row.as_slice()
                && first.len() > 1
            {
                grow(first.to_vec(), rest, add);
            }
        }
    }
    letters(constants, add);
}

/// Every text that begins with this and goes on with the pieces in order. The last bytes of a text are read over again
/// where its length is no multiple, so that a piece may begin within the one before.
fn grow(text: Vec<u8>, rest: &[&[u8]], add: &mut impl FnMut(String)) {
    if let [next, rest @ ..] = rest {
        for shared in 0..next.len() {
            if text.ends_with(&next[..shared]) {
                grow([text.as_slice(), &next[shared..]].concat(), rest, add);
            }
        }
    }
    add(String::from_utf8_lossy(&text).into_owned());
}

/// The bytes of a number, where all of them are printable and not all the same: those are masks.
fn piece(constant: Constant) -> Option<Vec<u8>> {
    let bytes = match constant {
        Constant::Word(word) => word.to_le_bytes().to_vec(),
        Constant::Long(long) => long.to_le_bytes().to_vec(),
        Constant::Float(_) => return None,
    };
    let length = bytes.iter().rposition(|byte| *byte != 0)? + 1;
    let text = &bytes[..length];
    let printable = text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    (printable && (length == 1 || text.iter().any(|byte| *byte != text[0]))).then(|| text.to_vec())
}

/// Characters that are compared with one after another.
fn letters(constants: &[Constant], add: &mut impl FnMut(String)) {
    let mut text = String::new();
    for constant in constants {
        match constant {
            Constant::Word(word @ 0x21..=0x7e) if text.len() < MAX_LETTERS => {
                text.extend(u8::try_from(*word).map(char::from));
            }
            _ => finish(&mut text, add),
        }
    }
    finish(&mut text, add);
}

fn finish(text: &mut String, add: &mut impl FnMut(String)) {
    if text.len() >= 3 {
        add(text.clone());
    }
    text.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(constants: &[Constant]) -> Vec<String> {
        let mut found = Vec::new();
        texts(constants, &mut |text| found.push(text));
        found
    }

    fn long(text: &[u8; 8]) -> Constant {
        Constant::Long(i64::from_le_bytes(*text))
    }

    #[test]
    fn a_text_that_is_compared_piece_by_piece_is_put_together_again() {
        let last = Constant::Word(i32::from_le_bytes(*b"same"));
        assert!(
            found(&[Constant::Word(12), long(b"open ses"), Constant::Word(5), last])
                .contains(&"open sessame".to_owned())
        );
        assert!(found(&[long(b" sesame!"), long(b"open ses")]).contains(&"open sesame!".to_owned()));
        let three = [long(b"swordfis"), Constant::Word(21), long(b"h at mid"), long(b"midnight")];
        assert!(found(&three).contains(&"swordfish at midnight".to_owned()));
        let word = |text: &[u8; 4]| Constant::Word(i32::from_le_bytes(*text));
        assert!(found(&[word(b"cloc"), word(b"ks\0\0")]).contains(&"clocks".to_owned()));
        assert!(found(&[word(b"stdi"), word(b"n\0\0\0")]).contains(&"stdin".to_owned()));
        assert!(
            found(&[Constant::Word(i32::from(b'x')), Constant::Word(121), Constant::Word(122)])
                .contains(&"xyz".to_owned())
        );
    }

    #[test]
    fn numbers_that_are_no_text_are_left_alone() {
        assert!(found(&[Constant::Long(-1), Constant::Word(1000), Constant::Float(1.5), Constant::Word(7)]).is_empty());
    }
}
