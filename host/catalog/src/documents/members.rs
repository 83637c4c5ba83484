//! The members of one JSON object, taken by name: what is missing or of another kind is a problem, what nobody asked for
//! is a warning, and reading goes on after either.

use serde_json::{Map, Value};

use crate::documents::found::{Found, item, member};

/// An object that is being read.
pub(crate) struct Members<'a> {
    at: String,
    /// `None` where there is no object at all: said once, and not again for each member.
    map: Option<&'a Map<String, Value>>,
    asked: Vec<&'static str>,
}

impl<'a> Members<'a> {
    pub(crate) fn of(value: &'a Value, at: &str, problems: &mut Found) -> Self {
        let map = value.as_object();
        if map.is_none() {
            problems.add(at, "expected an object");
        }
        Self { at: at.to_owned(), map, asked: Vec::new() }
    }

    /// Where a member stands, whether or not it is there.
    pub(crate) fn place(&self, name: &str) -> String {
        member(&self.at, name)
    }

    /// `null` counts as left out.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.map?.get(name).filter(|value| !value.is_null())
    }

    fn required(&mut self, name: &'static str, problems: &mut Found) -> Option<&'a Value> {
        let value = self.get(name);
        if value.is_none() && self.map.is_some() {
            problems.add(self.place(name), "is missing");
        }
        value
    }

    pub(crate) fn object(&mut self, name: &'static str, problems: &mut Found) -> Option<&'a Value> {
        self.required(name, problems)
    }

    pub(crate) fn text(&mut self, name: &'static str, problems: &mut Found) -> String {
        let at = self.place(name);
        self.required(name, problems).and_then(|value| text(value, &at, problems)).unwrap_or_default()
    }

    pub(crate) fn text_if_given(&mut self, name: &'static str, problems: &mut Found) -> Option<String> {
        let at = self.place(name);
        self.get(name).and_then(|value| text(value, &at, problems))
    }

    /// One of these words, as what it stands for.
    pub(crate) fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)], problems: &mut Found) -> Option<T> {
        let value = self.required(name, problems)?;
        let known = words.iter().find(|(word, _)| value.as_str() == Some(word));
        if known.is_none() {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            problems.add(self.place(name), format!("expected {}", words.join(", ")));
        }
        known.map(|(_, meaning)| *meaning)
    }

    pub(crate) fn texts(&mut self, name: &'static str, problems: &mut Found) -> Vec<String> {
        let at = self.place(name);
        let items = self.list(name, problems).iter().enumerate();
        items.map(|(index, value)| text(value, &item(&at, index), problems).unwrap_or_default()).collect()
    }

    pub(crate) fn number(&mut self, name: &'static str, problems: &mut Found) -> u64 {
        let at = self.place(name);
        let number = self.required(name, problems).map(|value| (value.as_u64(), at));
        match number {
            Some((Some(number), _)) => number,
            Some((None, at)) => {
                problems.add(at, "expected a whole number");
                0
            }
            None => 0,
        }
    }

    pub(crate) fn flag(&mut self, name: &'static str, problems: &mut Found) -> bool {
        let at = self.place(name);
        match self.get(name) {
            None => false,
            Some(value) => value.as_bool().unwrap_or_else(|| {
                problems.add(at, "expected `true` or `false`");
                false
            }),
        }
    }

    pub(crate) fn list(&mut self, name: &'static str, problems: &mut Found) -> &'a [Value] {
        let value = self.required(name, problems);
        self.items(name, value, problems)
    }

    pub(crate) fn list_if_given(&mut self, name: &'static str, problems: &mut Found) -> &'a [Value] {
        let value = self.get(name);
        self.items(name, value, problems)
    }

    fn items(&self, name: &str, value: Option<&'a Value>, problems: &mut Found) -> &'a [Value] {
        match value {
            Some(Value::Array(items)) => items,
            Some(_) => {
                problems.add(self.place(name), "expected a list");
                &[]
            }
            None => &[],
        }
    }

    /// Names the members that nobody asked for.
    pub(crate) fn finish(self, warnings: &mut Found) {
        for name in self.map.into_iter().flat_map(Map::keys) {
            if !self.asked.contains(&name.as_str()) {
                warnings.add(member(&self.at, name), "is not known here, and nothing is done with it");
            }
        }
    }
}

fn text(value: &Value, at: &str, problems: &mut Found) -> Option<String> {
    let text = value.as_str();
    if text.is_none() {
        problems.add(at, "expected text");
    }
    text.map(str::to_owned)
}
