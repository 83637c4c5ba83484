//! JSON Schemas read for one keyword each. What a call does not need is passed over unread, so that it does not pay for
//! the length of a schema, nor for its depth.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A keyword of interest.
pub(crate) trait Keyword {
    const NAME: &'static str;
}

/// `properties`.
pub(crate) struct Properties;

/// `default`.
pub(crate) struct DefaultValue;

impl Keyword for Properties {
    const NAME: &'static str = "properties";
}

impl Keyword for DefaultValue {
    const NAME: &'static str = "default";
}

/// A schema, of which only what keyword `K` says is of interest.
pub(crate) struct Only<K, T>(Option<T>, PhantomData<K>);

impl<K, T> Only<K, T> {
    /// What the keyword says, where it is there.
    pub(crate) fn found(self) -> Option<T> {
        self.0
    }
}

impl<'de, K: Keyword, T: Deserialize<'de>> Deserialize<'de> for Only<K, T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Self(None, PhantomData))
    }
}

impl<'de, K: Keyword, T: Deserialize<'de>> Visitor<'de> for Only<K, T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a schema")
    }

    /// `true` and `false` are schemas, too.
    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(keyword) = map.next_key::<String>()? {
            if keyword == K::NAME {
                self.0 = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(self)
    }
}

/// The members of an object, in their order.
pub(crate) struct Entries<T>(pub(crate) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Self(Vec::new()))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(entry) = map.next_entry()? {
            self.0.push(entry);
        }
        Ok(self)
    }
}
