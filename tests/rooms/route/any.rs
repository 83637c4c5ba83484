//! Descriptions as a plugin with bad intentions would make them: near enough to a declaration that many pass, with
//! strings that look for a way out of it.

use portcullis_model::{Action, Body, BodyMode, Description, Method};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Choices that become a description once the action is known.
#[derive(Debug, Clone)]
pub(crate) struct Material {
    method: Option<Method>,
    strings: Vec<String>,
    extra: Option<String>,
    query: Vec<(Name, String)>,
    headers: Vec<(Name, String)>,
    body: Choice,
}

/// A name: usually one of the declared.
#[derive(Debug, Clone)]
enum Name {
    Declared(Index),
    Other(String),
}

#[derive(Debug, Clone)]
enum Choice {
    Declared(String),
    Other(Option<Body>),
}

/// Pieces that some parser, proxy or terminal takes for more than text.
const NASTY: &[&str] = &[
    "/",
    "\\",
    "..",
    ".",
    "%",
    "%2e%2e",
    "%2f",
    "%00",
    ";",
    "?",
    "#",
    "&",
    "=",
    "@",
    ":",
    "//",
    "https://evil.example",
    "\0",
    "\r\n",
    "\n",
    "\t",
    " ",
    "\u{7f}",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{e0041}",
    "／",
    "．．",
    "é",
    "🦀",
    "\"",
    "'",
    "<",
    "{id}",
    "[",
    "]",
    "+",
    "*",
    "|",
    "~",
    "_method",
    "host: x",
    "\u{85}",
    "\u{37e}",
];

/// A string of nasty pieces, of plain letters, or of anything.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9-]{1,8}",
        3 => vec(prop_oneof![select(NASTY).prop_map(str::to_owned), "[a-z]{0,3}"], 0..5).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

/// A string that is often fit for a segment or a header.
fn mild() -> impl Strategy<Value = String> {
    prop_oneof![6 => "[ -~]{1,12}", 4 => "[a-zé🦀=&?#@:+ -]{1,12}", 2 => text()]
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![8 => any::<Index>().prop_map(Name::Declared), 1 => text().prop_map(Name::Other)]
}

fn body() -> impl Strategy<Value = Choice> {
    prop_oneof![
        8 => text().prop_map(Choice::Declared),
        1 => proptest::option::of(prop_oneof![
            text().prop_map(Body::Json),
            text().prop_map(Body::Text),
            vec((text(), text()), 0..3).prop_map(Body::Form),
        ]).prop_map(Choice::Other),
    ]
}

fn method() -> impl Strategy<Value = Option<Method>> {
    let other = select(vec![Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete]);
    prop_oneof![9 => Just(None), 1 => other.prop_map(Some)]
}

pub(crate) fn material() -> impl Strategy<Value = Material> {
    (
        method(),
        vec(mild(), 4),
        prop_oneof![6 => Just(None), 1 => text().prop_map(Some)],
        vec((name(), text()), 0..4),
        vec((name(), mild()), 0..3),
        body(),
    )
        .prop_map(|(method, strings, extra, query, headers, body)| Material {
            method,
            strings,
            extra,
            query,
            headers,
            body,
        })
}

impl Material {
    /// A description that is, or nearly is, one of `action`.
    pub(crate) fn describe(&self, action: &Action) -> Description {
        let mut strings = self.strings.iter().cloned();
        let mut path = Vec::new();
        for part in action.path.to_string().split('/').skip(1).filter(|part| !part.is_empty()) {
            match part.strip_prefix('{') {
                None => path.push(part.to_owned()),
                Some(name) if name.ends_with("+}") => path.extend(strings.by_ref()),
                Some(_) => path.extend(strings.next()),
            }
        }
        path.extend(self.extra.clone());
        let keys: Vec<&str> = action.query.iter().map(|k| k.as_str()).collect();
        let names: Vec<&str> = action.headers.iter().map(|h| h.as_str()).collect();
        Description {
            method: self.method.unwrap_or(action.method),
            path,
            query: named(&self.query, &keys),
            headers: named(&self.headers, &names),
            body: self.body.of(action.body),
        }
    }
}

fn named(pairs: &[(Name, String)], declared: &[&str]) -> Vec<(String, String)> {
    let name = |name: &Name| match name {
        Name::Declared(_) if declared.is_empty() => None,
        Name::Declared(index) => Some((*index.get(declared)).to_owned()),
        Name::Other(name) => Some(name.clone()),
    };
    pairs.iter().filter_map(|(n, value)| Some((name(n)?, value.clone()))).collect()
}

impl Choice {
    fn of(&self, mode: BodyMode) -> Option<Body> {
        match (self, mode) {
            (Self::Other(body), _) => body.clone(),
            (Self::Declared(_), BodyMode::None) => None,
            (Self::Declared(text), BodyMode::Json) => Some(Body::Json(serde_json::json!({ "text": text }).to_string())),
            (Self::Declared(text), BodyMode::Form) => Some(Body::Form(vec![("field".to_owned(), text.clone())])),
            (Self::Declared(text), BodyMode::Text) => Some(Body::Text(text.clone())),
        }
    }
}
