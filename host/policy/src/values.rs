//! JSON as Cedar values: what Cedar can hold, and a list of what it cannot.
//!
//! What cannot be held is left out and named, and a call of which a rule reads such a thing never goes unattended. That
//! covers null: services take it for absent or for a value, as they please, and a rule cannot know.

use cedar_policy::RestrictedExpression as Expression;
use serde_json::{Number, Value};

use crate::reads::Need;
use crate::shape::Shape;

/// Most values in all that rules read of one call.
const MAX_VALUES: usize = 10_000;
/// Most bytes of text in all of them.
const MAX_TEXT_BYTES: usize = 1 << 20;
/// Digits behind the point of a Cedar decimal.
const DECIMAL_PLACES: usize = 4;
/// Largest whole number up to which a float is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Something that a rule reads and Cedar cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unheld {
    /// Where it stands in the context.
    pub(crate) path: Vec<String>,
    /// Why, without quoting it.
    pub(crate) why: &'static str,
}

/// Converts, and keeps the list.
#[derive(Debug)]
pub(crate) struct Values {
    unheld: Vec<Unheld>,
    path: Vec<String>,
    values: usize,
    text_bytes: usize,
}

impl Default for Values {
    fn default() -> Self {
        Self { unheld: Vec::new(), path: Vec::new(), values: MAX_VALUES, text_bytes: MAX_TEXT_BYTES }
    }
}

impl Values {
    /// What could not be held.
    pub(crate) fn into_unheld(self) -> Vec<Unheld> {
        self.unheld
    }

    /// Something under this name cannot be held.
    pub(crate) fn cannot(&mut self, name: &str, why: &'static str) {
        self.path.push(name.to_owned());
        self.complain(why);
        self.path.pop();
    }

    fn complain(&mut self, why: &'static str) {
        // A thousand complaints say no more than the first few.
        if self.unheld.len() < 16 {
            self.unheld.push(Unheld { path: self.path.clone(), why });
        }
    }

    /// A value under a name.
    pub(crate) fn named(&mut self, name: &str, value: &Value, need: &Need, shape: &Shape) -> Option<Expression> {
        self.path.push(name.to_owned());
        let held = self.value(value, need, shape);
        self.path.pop();
        held
    }

    fn value(&mut self, value: &Value, need: &Need, shape: &Shape) -> Option<Expression> {
        let Some(left) = self.values.checked_sub(1) else {
            self.complain("is one of too many values");
            return None;
        };
        self.values = left;
        match (value, need) {
            (Value::Null, _) => {
                self.complain("is null");
                None
            }
            // Nobody looks at it, only whether it is there.
            (_, Need::Presence) | (Value::Array(_), Need::Fields(_)) => Some(Expression::new_bool(true)),
            (Value::Bool(value), _) => Some(Expression::new_bool(*value)),
            (Value::Number(number), _) => self.number(number, shape),
            (Value::String(text), _) => self.text(text),
            (Value::Array(items), Need::Whole) => {
                let held: Option<Vec<Expression>> =
                    items.iter().map(|item| self.named("[]", item, need, shape.item())).collect();
                Some(Expression::new_set(held?))
            }
            (Value::Object(members), _) => {
                let mut held = Vec::new();
                for (name, value) in members {
                    let Some(inner) = need.of(name) else { continue };
                    match self.named(name, value, inner, shape.field(name)) {
                        Some(value) => held.push((name.clone(), value)),
                        // A value that is looked at as a whole is there whole or not at all.
                        None if *need == Need::Whole => return None,
                        None => {}
                    }
                }
                let record = Expression::new_record(held);
                if record.is_err() {
                    self.complain("has a field twice");
                }
                record.ok()
            }
        }
    }

    /// A text.
    fn text(&mut self, text: &str) -> Option<Expression> {
        let Some(left) = self.text_bytes.checked_sub(text.len()) else {
            self.complain("is too long a text");
            return None;
        };
        self.text_bytes = left;
        Some(Expression::new_string(text.to_owned()))
    }

    /// Texts under names, each name with a set of them.
    pub(crate) fn texts(&mut self, name: &str, pairs: &[(String, String)], need: &Need) -> Option<Expression> {
        let mut all = serde_json::Map::new();
        for (key, value) in pairs {
            if let Value::Array(values) = all.entry(key.clone()).or_insert_with(|| Value::Array(Vec::new())) {
                values.push(Value::from(value.as_str()));
            }
        }
        self.named(name, &Value::Object(all), need, &Shape::Any)
    }

    fn number(&mut self, number: &Number, shape: &Shape) -> Option<Expression> {
        let held = match (shape.is_decimal(), number.as_i64(), number.as_f64()) {
            (true, Some(whole), _) => decimal(&format!("{whole}.0")),
            (false, Some(whole), _) => Some(Expression::new_long(whole)),
            (_, None, _) if number.is_u64() => None,
            #[expect(clippy::cast_possible_truncation, reason = "within what is exact")]
            (false, None, Some(float)) if *shape == Shape::Long && float.fract() == 0.0 && float.abs() < EXACT => {
                Some(Expression::new_long(float as i64))
            }
            (_, None, Some(float)) if float.abs() < EXACT => places(float).and_then(|text| decimal(&text)),
            _ => None,
        };
        if held.is_none() {
            self.complain("is a number too large or too fine");
        }
        held
    }
}

/// A float as Cedar writes decimals, if it has at most four places.
fn places(float: f64) -> Option<String> {
    let text = format!("{float}");
    let text = if text.contains('.') { text } else { format!("{text}.0") };
    let (_, fraction) = text.split_once('.')?;
    (fraction.len() <= DECIMAL_PLACES).then_some(text)
}

/// Cedar's `decimal` runs from -922337203685477.5808 to 922337203685477.5807.
fn decimal(text: &str) -> Option<Expression> {
    let whole = text.split('.').next().and_then(|whole| whole.parse::<i64>().ok())?;
    (whole.unsigned_abs() < 922_337_203_685_477).then(|| Expression::new_decimal(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cedar_policy::Context;
    use serde_json::json;

    /// The value as Cedar writes it, or why it cannot be held.
    fn held(text: &str, shape: &Shape) -> Result<Value, String> {
        let mut values = Values::default();
        let value: Value = serde_json::from_str(text).unwrap();
        let held = values.named("v", &value, &Need::Whole, shape);
        match held {
            Some(held) if values.unheld.is_empty() => {
                let context = Context::from_pairs([("v".to_owned(), held)]).unwrap();
                Ok(context.to_json_value().unwrap()["v"].clone())
            }
            _ => Err(format!("{} {}", values.unheld[0].path.join("."), values.unheld[0].why)),
        }
    }

    fn number(text: &str) -> Value {
        json!({"__extn": {"fn": "decimal", "arg": text}})
    }

    #[test]
    fn a_number_is_held_exactly_or_not_at_all() {
        for (text, shape, expected) in [
            ("4096", Shape::Any, json!(4096)),
            ("9223372036854775807", Shape::Any, json!(i64::MAX)),
            ("-9223372036854775808", Shape::Long, json!(i64::MIN)),
            ("4096.0", Shape::Long, json!(4096)),
            ("4096.0", Shape::Any, number("4096.0")),
            ("0.7", Shape::Any, number("0.7")),
            ("-0.0001", Shape::Decimal, number("-0.0001")),
            ("1", Shape::Decimal, number("1.0")),
            ("1e3", Shape::Any, number("1000.0")),
            ("922337203685476.5", Shape::Decimal, number("922337203685476.5")),
        ] {
            assert_eq!(held(text, &shape), Ok(expected), "{text}");
        }
        for (text, shape) in [
            ("9223372036854775808", Shape::Any),
            ("18446744073709551615", Shape::Long),
            ("-9223372036854775809", Shape::Any),
            ("1e300", Shape::Any),
            ("0.00001", Shape::Any),
            ("1e-5", Shape::Decimal),
            ("0.12345", Shape::Decimal),
            ("922337203685478", Shape::Decimal),
            ("9007199254740993.0", Shape::Long),
        ] {
            assert_eq!(held(text, &shape), Err("v is a number too large or too fine".to_owned()), "{text}");
        }
    }

    #[test]
    fn null_is_held_nowhere_it_is_read() {
        assert_eq!(held("null", &Shape::Any).unwrap_err(), "v is null");
        assert_eq!(held(r#"{"a":[1,null]}"#, &Shape::Any).unwrap_err(), "v.a.[] is null");
        let mut values = Values::default();
        let fields = Need::Fields([("a".to_owned(), Need::Whole)].into());
        let value = json!({"a": 1, "b": null, "c": 1e300});
        assert!(values.named("v", &value, &fields, &Shape::Any).is_some());
        assert_eq!(values.unheld, [], "what nobody reads makes nobody wait");
    }

    #[test]
    fn what_is_too_much_is_not_held() {
        let many = format!("[{}]", vec!["1"; MAX_VALUES].join(","));
        assert_eq!(held(&many, &Shape::Any).unwrap_err(), "v.[] is one of too many values");
        let fitting = format!("[{}]", vec!["1"; MAX_VALUES - 1].join(","));
        assert!(held(&fitting, &Shape::Any).is_ok());
        let long = format!("\"{}\"", "x".repeat(MAX_TEXT_BYTES + 1));
        assert_eq!(held(&long, &Shape::Any).unwrap_err(), "v is too long a text");
        assert!(held(&format!("\"{}\"", "x".repeat(MAX_TEXT_BYTES)), &Shape::Any).is_ok());
    }
}
