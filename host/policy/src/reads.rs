//! What a rule reads of the context, found in Cedar's own JSON form of it.
//!
//! Only what some rule reads is built: what no rule reads can neither cost time nor make a call wait. The answer errs to
//! the side of more: any use of `context` that is not a plain chain of fields counts as reading all of it.

use std::collections::BTreeMap;

use serde_json::Value;

/// How much of a value is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Need {
    /// Only whether it is there.
    Presence,
    /// Some fields of it.
    Fields(BTreeMap<String, Need>),
    /// All of it.
    Whole,
}

impl Default for Need {
    fn default() -> Self {
        Self::Fields(BTreeMap::new())
    }
}

impl Need {
    /// Adds a path with what is needed at its end.
    fn add(&mut self, path: &[&str], end: &Self) {
        match (path, &mut *self) {
            (_, Self::Whole) => {}
            ([], _) => self.merge(end),
            ([first, rest @ ..], Self::Fields(fields)) => {
                fields.entry((*first).to_owned()).or_insert(Self::Presence).add(rest, end);
            }
            (_, Self::Presence) => {
                *self = Self::default();
                self.add(path, end);
            }
        }
    }

    /// Makes it cover another.
    pub(crate) fn merge(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Whole, _) | (_, Self::Presence) => {}
            (_, Self::Whole) => *self = Self::Whole,
            (Self::Presence, Self::Fields(_)) => *self = other.clone(),
            (Self::Fields(mine), Self::Fields(theirs)) => {
                for (name, need) in theirs {
                    mine.entry(name.clone()).or_insert(Self::Presence).merge(need);
                }
            }
        }
    }

    /// Whether it reads what stands at a path, or anything over or under it.
    pub(crate) fn touches(&self, path: &[String]) -> bool {
        match (self, path) {
            (Self::Whole, _) | (_, []) => true,
            (Self::Presence, _) => false,
            (Self::Fields(fields), [first, rest @ ..]) => fields.get(first).is_some_and(|need| need.touches(rest)),
        }
    }

    /// The beginning of a path that rules name themselves: what lies under it may be named by an agent.
    pub(crate) fn named<'a>(&self, path: &'a [String]) -> &'a [String] {
        let (mut need, mut named) = (self, 0);
        for name in path {
            let Self::Fields(fields) = need else { break };
            let Some(next) = fields.get(name) else { break };
            (need, named) = (next, named + 1);
        }
        path.get(..named).unwrap_or(path)
    }

    /// What is read of one field; `None` where nothing is.
    pub(crate) fn of(&self, field: &str) -> Option<&Self> {
        match self {
            Self::Presence => None,
            Self::Fields(fields) => fields.get(field),
            Self::Whole => Some(self),
        }
    }
}

/// What one rule mentions.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Of the context.
    pub(crate) context: Need,
    /// First fields of `principal` and `resource`, with which of the two.
    pub(crate) attributes: Vec<(&'static str, String)>,
    /// Entities by type and id.
    pub(crate) entities: Vec<(String, String)>,
    /// Types behind `is`.
    pub(crate) types: Vec<String>,
}

impl Reads {
    /// Reads a rule in its JSON form.
    pub(crate) fn of(rule: &Value) -> Self {
        let mut reads = Self::default();
        reads.walk(rule);
        reads
    }

    fn walk(&mut self, node: &Value) {
        if let Some(path) = chain(node, "context") {
            return self.context.add(&path, &Need::Whole);
        }
        match node {
            Value::Object(members) => {
                if let (Some(kind), Some(id)) = (text(node, "type"), text(node, "id")) {
                    self.entities.push((kind.to_owned(), id.to_owned()));
                }
                for (key, value) in members {
                    self.member(key, value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            _ => {}
        }
    }

    fn member(&mut self, key: &str, value: &Value) {
        match key {
            "has" if self.presence(value) => return,
            "entity_type" => self.types.extend(value.as_str().map(str::to_owned)),
            "." | "has" => {
                for root in ["principal", "resource"] {
                    let on_root = value.get("left").and_then(|left| chain(left, root)).is_some_and(|p| p.is_empty());
                    let first = value.get("attr").and_then(|attr| attr.as_str().or_else(|| attr.get(0)?.as_str()));
                    if let (true, Some(first)) = (on_root, first) {
                        self.attributes.push((root, first.to_owned()));
                    }
                }
            }
            _ => {}
        }
        self.walk(value);
    }

    /// `context.a has b`, or `has b.c`.
    fn presence(&mut self, has: &Value) -> bool {
        let Some(mut path) = has.get("left").and_then(|left| chain(left, "context")) else { return false };
        match has.get("attr") {
            Some(Value::String(name)) => path.push(name),
            Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
                path.extend(names.iter().filter_map(Value::as_str));
            }
            _ => return false,
        }
        self.context.add(&path, &Need::Presence);
        true
    }
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// The fields of `context.a.b`, where an expression is nothing but that.
fn chain<'a>(expression: &'a Value, root: &str) -> Option<Vec<&'a str>> {
    let object = expression.as_object().filter(|object| object.len() == 1)?;
    if let Some(variable) = object.get("Var") {
        return (variable.as_str() == Some(root)).then(Vec::new);
    }
    let access = object.get(".")?.as_object().filter(|access| access.len() == 2)?;
    let mut path = chain(access.get("left")?, root)?;
    path.push(access.get("attr")?.as_str()?);
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cedar_policy::Policy;

    fn context(condition: &str) -> Need {
        let text = format!("permit (principal, action, resource) when {{ {condition} }};");
        Reads::of(&Policy::parse(None, text).unwrap().to_json().unwrap()).context
    }

    fn tree(paths: &[(&[&str], Need)]) -> Need {
        let mut need = Need::default();
        for (path, end) in paths {
            need.add(path, end);
        }
        need
    }

    #[test]
    fn a_chain_of_fields_reads_its_end_and_has_reads_whether_it_is_there() {
        for (condition, expected) in [
            ("true", tree(&[])),
            ("resource.effect == \"read\"", tree(&[])),
            ("context.bodyBytes > 3", tree(&[(&["bodyBytes"], Need::Whole)])),
            ("context has body", tree(&[(&["body"], Need::Presence)])),
            ("context.body has n", tree(&[(&["body", "n"], Need::Presence)])),
            ("context has body.n.m", tree(&[(&["body", "n", "m"], Need::Presence)])),
            ("context[\"body\"][\"a b\"] == 1", tree(&[(&["body", "a b"], Need::Whole)])),
            (
                "context.body has n && context.body.n > 1 || context.body has m",
                tree(&[(&["body", "n"], Need::Whole), (&["body", "m"], Need::Presence)]),
            ),
            ("context.body.n > 1 && context.body has m", {
                tree(&[(&["body", "m"], Need::Presence), (&["body", "n"], Need::Whole)])
            }),
        ] {
            assert_eq!(context(condition), expected, "{condition}");
        }
    }

    #[test]
    fn any_other_use_reads_all_of_it() {
        for condition in [
            "context == {}",
            "[context].contains({})",
            "{\"a\": context}.a has b",
            "(if true then context else {\"body\": 1}) has body",
            "(if true then context else {\"body\": 1}).body == 1",
        ] {
            assert_eq!(context(condition), Need::Whole, "{condition}");
        }
        for condition in
            ["context.body == {}", "{\"a\": context.body}.a has b", "(if true then context.body else {}) has x"]
        {
            assert_eq!(context(condition), tree(&[(&["body"], Need::Whole)]), "{condition}");
        }
    }
}
