//! JSON as a tree that keeps numbers as they were written, for comparing two bodies part by part.
//!
//! Order of members, white space and the spelling of strings do not count; everything else does. Only a text that
//! [`parse_strict`] takes becomes a tree, so a key never occurs twice in it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::{Hasher, parse_strict};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    /// `null`, `true`, `false` or a number, as written: `1`, `1.0` and `1e0` are three.
    Plain(String),
    Text(String),
    /// An item that may be anything leaves a gap, so that the others keep their places.
    Array(Vec<Option<Tree>>),
    Object(BTreeMap<String, Tree>),
}

impl Tree {
    /// Reads a text; `None` where it is not strict JSON.
    pub(crate) fn read(text: &str) -> Option<Self> {
        // Bounds the depth, and refuses what the reader below would take for granted.
        parse_strict(text).ok()?;
        Reader { text, at: 0 }.value()
    }

    /// What stands at a place.
    pub(crate) fn at(&self, steps: &[String]) -> Option<&Self> {
        steps.iter().try_fold(self, |tree, step| match tree {
            Self::Object(members) => members.get(step),
            Self::Array(items) => items.get(index(step)?)?.as_ref(),
            Self::Plain(_) | Self::Text(_) => None,
        })
    }

    /// Takes out what stands at a place, if anything does.
    pub(crate) fn clear(&mut self, steps: &[String]) {
        let Some((last, parents)) = steps.split_last() else { return };
        let parent = parents.iter().try_fold(self, |tree, step| match tree {
            Self::Object(members) => members.get_mut(step),
            Self::Array(items) => items.get_mut(index(step)?)?.as_mut(),
            Self::Plain(_) | Self::Text(_) => None,
        });
        match parent {
            Some(Self::Object(members)) => {
                members.remove(last);
            }
            Some(Self::Array(items)) => {
                if let Some(item) = index(last).and_then(|at| items.get_mut(at)) {
                    *item = None;
                }
            }
            Some(Self::Plain(_) | Self::Text(_)) | None => {}
        }
    }

    /// Adds all of it to a hash: no two trees add the same.
    pub(crate) fn hash(&self, hasher: Hasher) -> Hasher {
        match self {
            Self::Plain(word) => hasher.count(0).field(word.as_bytes()),
            Self::Text(text) => hasher.count(1).field(text.as_bytes()),
            Self::Array(items) => items.iter().fold(hasher.count(2).count(items.len()), |hasher, item| match item {
                Some(item) => item.hash(hasher.count(1)),
                None => hasher.count(0),
            }),
            Self::Object(members) => {
                members.iter().fold(hasher.count(3).count(members.len()), |hasher, (name, value)| {
                    value.hash(hasher.field(name.as_bytes()))
                })
            }
        }
    }
}

/// The place of an item (RFC 6901, section 4): digits without a leading zero.
fn index(step: &str) -> Option<usize> {
    let plain = step == "0" || (!step.starts_with('0') && step.bytes().all(|b| b.is_ascii_digit()));
    if plain { step.parse().ok() } else { None }
}

/// On one line.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(word) => f.write_str(word),
            Self::Text(text) => write!(f, "{}", Value::from(text.as_str())),
            Self::Array(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    match item {
                        Some(item) => item.fmt(f)?,
                        None => f.write_str("…")?,
                    }
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    write!(f, "{}: {value}", Value::from(name.as_str()))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Reads a text that is known to be JSON.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<Tree> {
        match self.next()? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string().map(Tree::Text),
            _ => {
                let rest = self.text.get(self.at..)?;
                let end = rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
                self.at += end;
                Some(Tree::Plain(rest.get(..end)?.to_owned()))
            }
        }
    }

    fn object(&mut self) -> Option<Tree> {
        self.at += 1;
        let mut members = BTreeMap::new();
        loop {
            match self.next()? {
                b'}' => break,
                b',' => self.at += 1,
                _ => {
                    let name = self.string()?;
                    // The colon.
                    self.next()?;
                    self.at += 1;
                    members.insert(name, self.value()?);
                }
            }
        }
        self.at += 1;
        Some(Tree::Object(members))
    }

    fn array(&mut self) -> Option<Tree> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.next()? {
                b']' => break,
                b',' => self.at += 1,
                _ => items.push(Some(self.value()?)),
            }
        }
        self.at += 1;
        Some(Tree::Array(items))
    }

    fn string(&mut self) -> Option<String> {
        let (bytes, start) = (self.text.as_bytes(), self.at);
        let mut end = start + 1;
        loop {
            match bytes.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }

    /// The next byte that is no white space (RFC 8259, section 2).
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

    use super::*;

    #[test]
    fn a_tree_says_what_the_text_says_and_numbers_as_they_stand() {
        for (text, written) in [
            (" null ", "null"),
            ("-0.10e+2", "-0.10e+2"),
            ("[1,1.0 , 1e0]", "[1, 1.0, 1e0]"),
            (r#"{"b":[],"a":{} }"#, r#"{"a": {}, "b": []}"#),
            (r#""\u0061\"\\\n,]}""#, r#""a\"\\\n,]}""#),
            (r#"{"\u0061":"é","é":true}"#, r#"{"a": "é", "é": true}"#),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ] {
            assert_eq!(Tree::read(text).unwrap().to_string(), written);
        }
        for bad in ["", "{", r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, "01", "[1,]"] {
            assert_eq!(Tree::read(bad), None, "{bad}");
        }
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(Tree::read(&deep(64)).is_some() && Tree::read(&deep(65)).is_none());
    }

    #[test]
    fn a_cleared_item_leaves_a_gap_and_a_cleared_member_none() {
        let cleared = |steps: &[&str]| {
            let mut tree = Tree::read(r#"{"a":[1,{"b":2,"c":3}],"d":"x"}"#).unwrap();
            tree.clear(&steps.iter().map(|&step| step.to_owned()).collect::<Vec<_>>());
            tree.to_string()
        };
        assert_eq!(cleared(&["d"]), r#"{"a": [1, {"b": 2, "c": 3}]}"#);
        assert_eq!(cleared(&["a", "0"]), r#"{"a": […, {"b": 2, "c": 3}], "d": "x"}"#);
        assert_eq!(cleared(&["a", "1", "b"]), r#"{"a": [1, {"c": 3}], "d": "x"}"#);
        for nothing in
            [&[][..], &["a", "2"], &["a", "00"], &["a", "01"], &["a", "-"], &["a", "+1"], &["d", "x"], &["e"]]
        {
            assert_eq!(cleared(nothing), r#"{"a": [1, {"b": 2, "c": 3}], "d": "x"}"#, "{nothing:?}");
        }
    }
}
