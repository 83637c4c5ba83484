//! JSON read strictly: what one parser accepts, every parser reads the same.
//!
//! `serde_json` does the parsing (and refuses lone surrogates, trailing text and numbers out of range); this adds
//! what it forgives: duplicate keys, of which services take the first or the last as they please, and deep nesting.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use thiserror::Error;

/// Deepest nesting of arrays and objects.
const MAX_DEPTH: usize = 64;

/// Why a text is not strict JSON.
#[derive(Debug, Error)]
#[error("not strict JSON: {0}")]
pub struct StrictJsonError(#[from] serde_json::Error);

/// Parses a JSON text (RFC 8259) as I-JSON asks (RFC 7493, sections 2.1 and 2.3).
///
/// # Errors
/// Names the problem with its line and column.
pub fn parse_strict(text: &str) -> Result<Value, StrictJsonError> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0 }.deserialize(&mut parser)?;
    parser.end()?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!("nesting deeper than {MAX_DEPTH}")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("key `{}` occurs twice", crate::Shown::new(&key))));
            }
            let value = entries.next_value_seed(inner)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_json_is_read_as_every_parser_reads_it() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        for good in ["{}", "[1,-2,3.5,null,true]", r#"{"a":{"a":1}}"#, r#""\ud83d\ude00""#, &deep(64)] {
            assert!(parse_strict(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "{",
            "{} {}",
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[{"b":{"c":1,"c":1}}]"#,
            r#""\ud83d""#,
            r#""\ude00""#,
            "1e999",
            "NaN",
            "[1,]",
            "{'a':1}",
            "\u{feff}{}",
            "01",
            &deep(65),
            "/*x*/1",
        ] {
            assert!(parse_strict(bad).is_err(), "{bad}");
        }
    }
}
