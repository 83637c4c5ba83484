//! What a standing approval fixes and what it leaves open, for a person to read before saying yes.
//!
//! Lists every fixed part of the request, the body part by part. Decides nothing: the seal does.

use std::fmt;

use http::header::CONTENT_LENGTH;
use serde::Serialize;

use crate::free::{FreePlaces, pointer};
use crate::preview::Preview;
use crate::tree::Tree;
use crate::{AgentName, Body, Digest, RoutedRequest, Shown};

/// Bytes of one value that a person is shown.
const VALUE_LIMIT_BYTES: usize = 400;

/// Both lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Latitude {
    /// What every request must have in common with this one.
    pub fixed: Vec<Stated>,
    /// What may be anything, or be left out.
    pub free: Vec<Stated>,
}

/// One part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stated {
    /// Where: a word such as `agent` or `header accept`, or a place of the body as in [`FreePlaces`].
    pub place: String,
    /// What stands there in the request that was shown; nothing where it has no such place.
    pub value: Option<String>,
}

impl Latitude {
    /// What these free places mean for a request. Without any, `fixed` names every part that could be free.
    #[must_use]
    pub fn new(request: &RoutedRequest, agent: &AgentName, free: &FreePlaces) -> Self {
        let mut lists = Self { fixed: Vec::new(), free: Vec::new() };
        let binding = request.binding();
        let data = Preview::new(request).data();
        lists.fix("agent", agent);
        lists.fix("action", binding.id());
        lists.fix("plugin", binding.digest());
        lists.fix("request", format_args!("{} {}", data.method, data.url));
        for (name, value) in data.headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH.as_str()) {
            lists.fix(format_args!("header {name}"), value);
        }
        match &request.description().body {
            None => lists.fix("body", "none"),
            Some(Body::Text(text)) => lists.fix("body", text),
            Some(Body::Form(fields)) => lists.form(fields, free),
            Some(Body::Json(text)) => match (Tree::read(text), free.steps()) {
                (Some(tree), Some(steps)) => lists.json(&tree, &steps, &mut Vec::new()),
                _ => lists.fix("body", Digest::of(text.as_bytes())),
            },
        }
        lists
    }

    fn fix(&mut self, place: impl fmt::Display, value: impl fmt::Display) {
        self.fixed.push(Stated { place: place.to_string(), value: Some(value.to_string()) });
    }

    fn form(&mut self, fields: &[(String, String)], free: &FreePlaces) {
        let is_free = |name: &String| free.as_slice().contains(name);
        for (name, value) in fields.iter().filter(|(name, _)| !is_free(name)) {
            self.fix(name, value);
        }
        for name in free.as_slice() {
            let values: Vec<&str> = fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
            let value = (!values.is_empty()).then(|| values.join(", "));
            self.free.push(Stated { place: name.clone(), value });
        }
    }

    fn json(&mut self, tree: &Tree, free: &[Vec<String>], at: &mut Vec<String>) {
        for missing in free.iter().filter(|steps| steps.len() == at.len() + 1 && steps.starts_with(at)) {
            if tree.at(&missing[at.len()..]).is_none() {
                self.free.push(Stated { place: pointer(missing), value: None });
            }
        }
        if free.iter().any(|steps| steps == at) {
            self.free.push(Stated { place: pointer(at), value: Some(tree.to_string()) });
            return;
        }
        let inside = at.is_empty() || free.iter().any(|steps| steps.starts_with(at));
        match tree {
            Tree::Object(members) if inside => {
                for (name, value) in members {
                    at.push(name.clone());
                    self.json(value, free, at);
                    at.pop();
                }
            }
            Tree::Array(items) if inside => {
                for (number, item) in items.iter().enumerate() {
                    at.push(number.to_string());
                    if let Some(item) = item {
                        self.json(item, free, at);
                    }
                    at.pop();
                }
            }
            whole if at.is_empty() => self.fix("body", whole),
            whole => self.fix(pointer(at), whole),
        }
    }
}

impl fmt::Display for Latitude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "stays as it is, and nothing may be added to it:")?;
        for stated in &self.fixed {
            writeln!(f, "  {stated}")?;
        }
        write!(f, "may be anything, or be left out:")?;
        if self.free.is_empty() {
            write!(f, "\n  nothing")?;
        }
        for stated in &self.free {
            write!(f, "\n  {stated}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Stated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = |text: &str| Shown::new(text).limit_bytes(VALUE_LIMIT_BYTES).to_string();
        match &self.value {
            Some(value) => write!(f, "{}: {}", cut(&self.place), cut(value)),
            None => write!(f, "{}: (not there now)", cut(&self.place)),
        }
    }
}
