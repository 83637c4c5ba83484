//! Takes a credential out of whatever a service answers, in every form in which services echo one.
//!
//! Found: plain; base64 (standard and URL alphabet, at any offset in what was encoded, so `Bearer …` as a whole too,
//! and wrapped over lines); hexadecimal in any case; UTF-16 of either byte order; and each of these behind percent,
//! JSON (`\u00XX`, `\/`), `\xXX` and HTML escapes of any subset of its characters, nested up to three deep.
//! Not found: the credential in another case, reversed, cut into pieces, compressed, encrypted, in base32, or encoded
//! twice in base64 or hexadecimal. Against a service that wants to leak the key it was given, nothing here helps.

mod decode;
mod needle;

use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use zeroize::{Zeroize as _, Zeroizing};

use decode::Decoded;
use needle::Needle;

/// What stands where a credential was. Without a character that JSON, HTML or a header would need escaped.
const MARKER: &[u8] = b"[credential removed]";

/// How many layers of escapes are taken off: a URL in a JSON string in a JSON string.
const MAX_DEPTH: usize = 3;

/// Removes one credential. Built once for it; holds it, in its encodings, in memory that is wiped when dropped,
/// except for the eight-byte windows in the search automaton.
pub struct Scrubber {
    needles: Vec<Needle>,
    /// For each pattern of the automaton: the needles it is a window of, and where in them it stands.
    windows: Vec<Vec<(usize, usize)>>,
    /// Finds windows. All have the same length, so that none hides another that starts at the same place.
    automaton: Option<AhoCorasick>,
}

impl Scrubber {
    /// Prepares to find a credential. An empty one is never found.
    #[must_use]
    pub fn new(credential: &[u8]) -> Self {
        let mut decoded = Vec::new();
        let mut layer = Zeroizing::new(credential.to_vec());
        // A credential that itself looks escaped is also searched for as it comes out of the escapes.
        for _ in 0..MAX_DEPTH {
            let Some(next) = Decoded::of(&layer) else { break };
            layer = Zeroizing::new(next.bytes);
            decoded.push(layer.clone());
        }
        let needles = needle::all(credential, &decoded);
        let mut patterns: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        let mut windows: Vec<Vec<(usize, usize)>> = Vec::new();
        for (index, needle) in needles.iter().enumerate() {
            let (offset, variants) = needle.window();
            for variant in variants {
                match patterns.iter().position(|p| *p == variant) {
                    Some(known) => windows[known].push((index, offset)),
                    None => {
                        patterns.push(variant);
                        windows.push(vec![(index, offset)]);
                    }
                }
            }
        }
        // It fails only for more patterns than fit 32 bits. Without it, `scrub` gives nothing through.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(patterns.iter().map(|p| p.as_slice()))
            .ok();
        Self { needles, windows, automaton }
    }

    /// Replaces every occurrence by `[credential removed]`; says how many there were.
    #[must_use]
    pub fn scrub(&self, mut body: Vec<u8>) -> (Vec<u8>, usize) {
        let spans = self.find(&body);
        if spans.is_empty() {
            return (body, 0);
        }
        let mut clean = Vec::with_capacity(body.len());
        let mut kept = 0;
        for span in &spans {
            clean.extend_from_slice(&body[kept..span.start]);
            clean.extend_from_slice(MARKER);
            kept = span.end;
        }
        clean.extend_from_slice(&body[kept..]);
        body.zeroize();
        (clean, spans.len())
    }

    /// Where the credential is, in order, without overlaps.
    fn find(&self, body: &[u8]) -> Vec<Range<usize>> {
        let Some(automaton) = &self.automaton else {
            return Vec::from([Range { start: 0, end: body.len() }]);
        };
        // The plain pass comes first and by itself: in the decoded text, a stray backslash or percent sign before a
        // plain credential could have swallowed its first characters.
        let mut spans = self.search(automaton, body);
        let mut layers: Vec<Decoded> = Vec::new();
        for _ in 0..MAX_DEPTH {
            let Some(next) = Decoded::of(layers.last().map_or(body, |l| &l.bytes)) else { break };
            let found = self.search(automaton, &next.bytes);
            layers.push(next);
            spans.extend(found.into_iter().map(|span| raise(span, &layers, body)));
        }
        for layer in &mut layers {
            if !spans.is_empty() {
                layer.bytes.zeroize();
            }
        }
        merge(spans)
    }

    fn search(&self, automaton: &AhoCorasick, text: &[u8]) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        while let Some(hit) = automaton.find(Input::new(text).span(from..text.len())) {
            let found = self.windows[hit.pattern().as_usize()]
                .iter()
                .filter_map(|(needle, offset)| self.needles[*needle].verify(text, hit.start().checked_sub(*offset)?))
                .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
            from = hit.start() + 1;
            match (spans.last_mut(), found) {
                (Some(last), Some(span)) if span.start < last.end => {
                    *last = last.start.min(span.start)..last.end.max(span.end);
                }
                (_, Some(span)) => spans.push(span),
                (_, None) => {}
            }
        }
        spans
    }
}

/// Takes a span in the innermost layer back to the body it came from.
fn raise(span: Range<usize>, layers: &[Decoded], body: &[u8]) -> Range<usize> {
    let mut span = span;
    for (depth, layer) in layers.iter().enumerate().rev() {
        let source = if depth == 0 { body } else { &layers[depth - 1].bytes };
        span = layer.locate(source, span.start).start..layer.locate(source, span.end - 1).end;
    }
    // The other half of the last or first UTF-16 unit, so that the text around keeps its two-byte rhythm. Big-endian
    // units have their ASCII byte at odd places.
    if body[span.clone()].contains(&0) {
        if !span.start.is_multiple_of(2) && body[span.start - 1] == 0 {
            span.start -= 1;
        } else if span.start.is_multiple_of(2) && body.get(span.end) == Some(&0) {
            span.end += 1;
        }
    }
    span
}

fn merge(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
