//! The byte strings that give a credential away.
//!
//! Knows encodings that replace the whole text. Escapes of single characters are `decode`'s work.

use std::ops::Range;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Length of the part of a needle that is searched for before the whole is compared. Eight bytes keep the automaton
/// small for a credential of any length and are rare enough in other text.
const WINDOW: usize = 8;

/// Shorter than this, a credential that was decoded looks too much like other text.
const MIN_DECODED: usize = 12;

/// One form of the credential.
pub(super) struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    /// Compared without regard to ASCII case.
    any_case: bool,
    /// Base64 characters before and after it that hold some of its bits and some of its neighbours'.
    mixed: (bool, bool),
}

/// All forms of a credential, and of what it decodes to where it looks escaped itself.
pub(super) fn all(credential: &[u8], decoded: &[Zeroizing<Vec<u8>>]) -> Vec<Needle> {
    let plain = |bytes: &[u8]| Needle { bytes: Zeroizing::new(bytes.to_vec()), any_case: false, mixed: (false, false) };
    let mut needles = vec![plain(credential)];
    needles.extend(decoded.iter().filter(|d| d.len() >= MIN_DECODED).map(|d| plain(d)));
    needles.push(Needle {
        bytes: Zeroizing::new(hex::encode(credential).into_bytes()),
        any_case: true,
        mixed: (false, false),
    });
    for offset in 0..3 {
        let standard = base64(credential, offset, &STANDARD_NO_PAD);
        let url = base64(credential, offset, &URL_SAFE_NO_PAD);
        if url.bytes != standard.bytes {
            needles.push(url);
        }
        needles.push(standard);
    }
    needles.retain(|needle| needle.bytes.len() >= WINDOW);
    needles
}

/// The characters that every base64 text has in common, in which the credential starts `offset` bytes into a group
/// of three.
fn base64(credential: &[u8], offset: usize, engine: &impl base64::Engine) -> Needle {
    let mut padded = Zeroizing::new(vec![0; offset]);
    padded.extend_from_slice(credential);
    let text = Zeroizing::new(engine.encode(padded.as_slice()).into_bytes());
    let (first_bit, end_bit) = (offset * 8, padded.len() * 8);
    let inner = first_bit.div_ceil(6)..end_bit / 6;
    Needle {
        bytes: Zeroizing::new(text.get(inner).unwrap_or_default().to_vec()),
        any_case: false,
        mixed: (first_bit % 6 != 0, end_bit % 6 != 0),
    }
}

impl Needle {
    /// Where in the needle the searched part stands, and every way to write it.
    pub(super) fn window(&self) -> (usize, Vec<Zeroizing<Vec<u8>>>) {
        let last = self.bytes.len() - WINDOW;
        let letters = |at: &usize| self.bytes[*at..*at + WINDOW].iter().filter(|b| b.is_ascii_alphabetic()).count();
        // In the middle: many credentials of one service begin alike. Where case is free, where letters are few.
        let offset = if self.any_case { (0..=last).min_by_key(letters).unwrap_or(0) } else { last / 2 };
        let window = Zeroizing::new(self.bytes[offset..offset + WINDOW].to_vec());
        if !self.any_case {
            return (offset, vec![window]);
        }
        let mut variants = vec![window];
        for at in 0..WINDOW {
            for index in 0..variants.len() {
                if variants[index][at].is_ascii_lowercase() {
                    let mut upper = variants[index].clone();
                    upper[at] = upper[at].to_ascii_uppercase();
                    variants.push(upper);
                }
            }
        }
        (offset, variants)
    }

    /// What to remove, if the needle stands at `start`.
    pub(super) fn verify(&self, text: &[u8], start: usize) -> Option<Range<usize>> {
        let mut span = start..start.checked_add(self.bytes.len())?;
        let there = text.get(span.clone())?;
        let same = if self.any_case { there.eq_ignore_ascii_case(&self.bytes) } else { there == self.bytes.as_slice() };
        if !same {
            return None;
        }
        let base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
        if self.mixed.0 && span.start > 0 && base64(&text[span.start - 1]) {
            span.start -= 1;
        }
        if self.mixed.1 && text.get(span.end).is_some_and(base64) {
            span.end += 1;
        }
        Some(span)
    }
}
