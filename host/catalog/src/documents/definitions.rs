//! The schemas that parameters share: what each refers to, and the closure that an action takes along.
//!
//! Only `#/$defs/NAME` is a reference here (and a place inside such a one): an action's schema is put together from
//! parts, so that any other pointer would lead elsewhere than its author saw.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use portcullis_model::Shown;
use serde_json::{Map, Value};

use crate::documents::found::{Found, member};

/// Most bytes of shared schemas that one action may take along.
const MAX_CLOSURE_BYTES: usize = 512 << 10;

/// Shared schemas with what is known of each.
pub(crate) struct Definitions<'a> {
    known: BTreeMap<&'a str, Known<'a>>,
}

struct Known<'a> {
    schema: &'a Value,
    refers_to: BTreeSet<String>,
    bytes: usize,
}

impl<'a> Definitions<'a> {
    pub(crate) fn of(defs: &'a Map<String, Value>) -> Self {
        let known = |(name, schema): (&'a String, &'a Value)| {
            let refers_to = names_in(schema).into_iter().flatten().collect();
            (name.as_str(), Known { schema, refers_to, bytes: schema.to_string().len() })
        };
        Self { known: defs.iter().map(known).collect() }
    }

    /// What is wrong with the shared schemas themselves.
    pub(crate) fn check(&self, found: &mut Found) {
        for (name, known) in &self.known {
            let at = member("/$defs", name);
            if !known.schema.is_object() && !known.schema.is_boolean() {
                found.add(&at, "expected a JSON Schema");
            }
            self.check_references(known.schema, &at, found);
        }
    }

    /// What is wrong with the references of one schema.
    pub(crate) fn check_references(&self, schema: &Value, at: &str, found: &mut Found) {
        for name in names_in(schema) {
            match name {
                Ok(name) if self.known.contains_key(name.as_str()) => {}
                Ok(name) => found.add(at, format!("refers to `#/$defs/{}`, which is not there", Shown::new(&name))),
                Err(reference) => {
                    found.add(at, format!("refers to `{}`: expected `#/$defs/NAME`", Shown::new(&reference)));
                }
            }
        }
    }

    /// Everything that these schemas refer to, directly or not, by name in alphabetical order, so that one set of
    /// schemas has one text. References to nothing are passed over; they are named where they stand. `None` where it is
    /// too much for one action.
    pub(crate) fn closure<'s>(&self, schemas: impl IntoIterator<Item = &'s Value>) -> Option<Map<String, Value>> {
        let mut waiting: Vec<String> = schemas.into_iter().flat_map(names_in).flatten().collect();
        let mut reached: BTreeMap<&str, &Value> = BTreeMap::new();
        let mut bytes = 0;
        while let Some(name) = waiting.pop() {
            let Some((name, known)) = self.known.get_key_value(name.as_str()) else { continue };
            if reached.insert(name, known.schema).is_none() {
                bytes += known.bytes;
                if bytes > MAX_CLOSURE_BYTES {
                    return None;
                }
                waiting.extend(known.refers_to.iter().cloned());
            }
        }
        Some(reached.into_iter().map(|(name, schema)| (name.to_owned(), schema.clone())).collect())
    }
}

/// The names that a schema refers to; what is no such reference comes as it is. Data that looks like a reference counts
/// as one, as it does for whoever compiles the schema.
fn names_in(schema: &Value) -> BTreeSet<Result<String, String>> {
    let mut names = BTreeSet::new();
    collect(schema, &mut names);
    names
}

fn collect(value: &Value, names: &mut BTreeSet<Result<String, String>>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                names.insert(name_of(reference).ok_or_else(|| reference.clone()));
            }
            map.values().for_each(|inner| collect(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, names)),
        _ => {}
    }
}

/// `NAME` of `#/$defs/NAME` and `#/$defs/NAME/…`, unescaped (RFC 6901, sections 4 and 6).
pub(crate) fn name_of(reference: &str) -> Option<String> {
    let pointer = percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
    let name = pointer.strip_prefix("/$defs/")?.split('/').next()?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}
