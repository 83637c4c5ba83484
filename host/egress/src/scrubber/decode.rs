//! Takes one layer of escapes off a text, and remembers enough to find the way back.
//!
//! Decodes `%XX`, `\u00XX`, `\xXX`, `\/`, `\\`, `\"`, `\'` and HTML character references to ASCII; leaves out NUL (so
//! that UTF-16 reads as ASCII) and line ends, raw or escaped (so that wrapped base64 reads in one). It is no validator:
//! what is no escape stays as it is, and so does an escape of what is not ASCII, since no credential has that.

use std::ops::Range;

/// A text without one layer of escapes.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// Pairs of places, decoded and original, every [`STRIDE`] bytes or so; between them the way is walked again.
    marks: Vec<(usize, usize)>,
}

/// Distance of marks in decoded bytes. Each hit walks half of it twice; a mark for so many bytes takes sixteen.
const STRIDE: usize = 256;

/// Where a unit that is not simply copied may begin.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut at = 0;
    let all = b"%\\&\0\r\n";
    while at < all.len() {
        stops[all[at] as usize] = true;
        at += 1;
    }
    stops
};

/// One unit of the original: what it decodes to, if anything, and how long it is.
struct Unit {
    byte: Option<u8>,
    len: usize,
}

impl Decoded {
    /// Decodes a text; `None` where there is nothing to decode.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let first = text.iter().position(|b| STOPS[usize::from(*b)])?;
        let mut bytes = Vec::with_capacity(text.len());
        let mut marks = vec![(0, 0)];
        let mut next_mark = STRIDE;
        let mut at = first;
        let mut changed = false;
        bytes.extend_from_slice(&text[..first]);
        while at < text.len() {
            if bytes.len() >= next_mark {
                marks.push((bytes.len(), at));
                next_mark = bytes.len() + STRIDE;
            }
            let unit = unit(text, at);
            changed |= unit.len > 1 || unit.byte.is_none();
            if let Some(byte) = unit.byte {
                bytes.push(byte);
            }
            at += unit.len;
            let run = text[at..].iter().position(|b| STOPS[usize::from(*b)]).unwrap_or(text.len() - at);
            bytes.extend_from_slice(&text[at..at + run]);
            at += run;
        }
        changed.then_some(Self { bytes, marks })
    }

    /// The place in the original of one decoded byte.
    pub(super) fn locate(&self, text: &[u8], place: usize) -> Range<usize> {
        let mark = self.marks.partition_point(|(decoded, _)| *decoded <= place).saturating_sub(1);
        let (mut decoded, mut at) = self.marks[mark];
        while at < text.len() {
            let unit = unit(text, at);
            if unit.byte.is_some() {
                if decoded == place {
                    return at..at + unit.len;
                }
                decoded += 1;
            }
            at += unit.len;
        }
        text.len()..text.len()
    }
}

fn unit(text: &[u8], at: usize) -> Unit {
    let here = text[at];
    if !STOPS[usize::from(here)] {
        return Unit { byte: Some(here), len: 1 };
    }
    let rest = &text[at + 1..];
    let escape = match here {
        b'%' => hex(rest, 2).map(|byte| (byte, 3)),
        b'\\' => backslash(rest),
        b'&' => reference(rest),
        _ => return Unit { byte: None, len: 1 },
    };
    match escape {
        Some((0 | 0x0a | 0x0d, len)) => Unit { byte: None, len },
        Some((byte, len)) => Unit { byte: Some(byte), len },
        None => Unit { byte: Some(here), len: 1 },
    }
}

/// The values of hexadecimal digits; 16 for what is none. A table, since a text of nothing but percent signs asks
/// millions of times.
const DIGITS: [u8; 256] = {
    let mut values = [16; 256];
    let mut digit = 0;
    while digit < 16 {
        let character = b"0123456789abcdef"[digit as usize];
        values[character as usize] = digit;
        values[character.to_ascii_uppercase() as usize] = digit;
        digit += 1;
    }
    values
};

/// The ASCII character that so many hexadecimal digits stand for.
fn hex(text: &[u8], digits: usize) -> Option<u8> {
    let value = text.get(..digits)?.iter().try_fold(0, |value, digit| {
        let digit = DIGITS[usize::from(*digit)];
        (digit < 16).then_some(value * 16 + u32::from(digit))
    });
    ascii(value?)
}

fn ascii(value: u32) -> Option<u8> {
    u8::try_from(value).ok().filter(u8::is_ascii)
}

fn backslash(rest: &[u8]) -> Option<(u8, usize)> {
    match *rest.first()? {
        b'u' => hex(&rest[1..], 4).map(|byte| (byte, 6)),
        b'x' => hex(&rest[1..], 2).map(|byte| (byte, 4)),
        b'n' => Some((b'\n', 2)),
        b'r' => Some((b'\r', 2)),
        byte @ (b'/' | b'\\' | b'"' | b'\'') => Some((byte, 2)),
        _ => None,
    }
}

/// HTML character references (HTML, section 13.5): numeric ones, and the named ones that escaping functions write.
fn reference(rest: &[u8]) -> Option<(u8, usize)> {
    for (name, byte) in [("amp;", b'&'), ("lt;", b'<'), ("gt;", b'>'), ("quot;", b'"'), ("apos;", b'\'')] {
        if rest.starts_with(name.as_bytes()) {
            return Some((byte, 1 + name.len()));
        }
    }
    let number = rest.strip_prefix(b"#")?;
    let (radix, digits) = match number.first()? {
        b'x' | b'X' => (16, &number[1..]),
        _ => (10, number),
    };
    let len = digits.iter().take(8).position(|b| *b == b';').filter(|len| *len > 0)?;
    let value =
        digits[..len].iter().try_fold(0, |value, digit| Some(value * radix + char::from(*digit).to_digit(radix)?));
    Some((ascii(value?)?, 1 + 1 + usize::from(radix == 16) + len + 1))
}
