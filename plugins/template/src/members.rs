//! Members of a JSON object, each taken once: what is left at the end is what nobody knows.
//!
//! Read by hand and not derived, since derived code for the contract's types would be half of the component.

use portcullis_plugin::Value;
use serde_json::Map;

use crate::definition::NotADefinition;

/// What reading a part of a definition gives.
pub(crate) type Read<T> = Result<T, NotADefinition>;

/// The members that were not taken yet.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    /// Reads an object by taking its members, all of them: one that is not known is not passed over, since what it asks
    /// for would not be done.
    pub(crate) fn all<T>(value: Value, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let Value::Object(members) = value else { return Err(NotADefinition) };
        let mut members = Self(members);
        let whole = read(&mut members)?;
        if members.0.is_empty() { Ok(whole) } else { Err(NotADefinition) }
    }

    /// A member that may be left out.
    pub(crate) fn maybe<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Read<Option<T>> {
        self.0.swap_remove(name).map(read).transpose()
    }

    /// A member that must be there.
    pub(crate) fn take<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Read<T> {
        self.maybe(name, read)?.ok_or(NotADefinition)
    }

    /// A member that is text.
    pub(crate) fn text(&mut self, name: &str) -> Read<String> {
        self.take(name, text)
    }

    /// A member that is one of some words, and what each stands for.
    pub(crate) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Read<T> {
        let said = self.text(name)?;
        words.iter().find(|(word, _)| *word == said).map(|(_, meaning)| *meaning).ok_or(NotADefinition)
    }
}

/// Text.
pub(crate) fn text(value: Value) -> Read<String> {
    if let Value::String(text) = value { Ok(text) } else { Err(NotADefinition) }
}

/// `null`, or what it stands beside.
pub(crate) fn or_null<T>(read: impl FnOnce(Value) -> Read<T>) -> impl FnOnce(Value) -> Read<Option<T>> {
    move |value| if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

/// A list.
pub(crate) fn list<T>(read: impl Fn(Value) -> Read<T>) -> impl FnOnce(Value) -> Read<Vec<T>> {
    move |value| {
        let Value::Array(items) = value else { return Err(NotADefinition) };
        items.into_iter().map(read).collect()
    }
}

/// A pair of texts.
pub(crate) fn pair(value: Value) -> Read<(String, String)> {
    let pair: [String; 2] = list(text)(value)?.try_into().map_err(|_| NotADefinition)?;
    Ok(pair.into())
}
