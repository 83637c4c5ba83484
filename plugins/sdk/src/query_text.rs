//! How a value reads in a query string, before the host percent-encodes it.

use serde_json::Value;

/// A value that can stand in a query pair.
pub trait QueryText {
    /// The text, not percent-encoded.
    fn query_text(&self) -> String;
}

impl QueryText for &str {
    fn query_text(&self) -> String {
        (*self).to_owned()
    }
}

/// A JSON string reads as its own characters, without quotes; anything else as its JSON text.
impl QueryText for &Value {
    fn query_text(&self) -> String {
        match self {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

macro_rules! as_displayed {
    ($($kind:ty),+) => {
        $(impl QueryText for $kind {
            fn query_text(&self) -> String {
                self.to_string()
            }
        })+
    };
}

as_displayed!(bool, i32, i64, u32, u64, usize, f64, String);
