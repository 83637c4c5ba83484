//! What a service answered, whole, by kind.
//!
//! The kind follows the body first and its media type second: a service that names the wrong type loses no answer.
//! Does not shorten anything.

use portcullis_egress::ScrubbedResponse;
use portcullis_model::{ResultMode, Shown};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::size::is_long;
use crate::apart::apart;

/// Bytes of a service's media type that are kept.
const MAX_TYPE_BYTES: usize = 200;
/// Places of a JSON answer from which on it is given as the text that it is: each takes a hundred bytes or so of memory
/// once it is read, and sixteen such answers may be read at the same time.
const MAX_PLACES: usize = 250_000;
/// Kinds of media types that are not for reading, whatever their bytes look like.
const NOT_TEXT: [&str; 4] = ["image/", "audio/", "video/", "font/"];
/// Of those, the suffix of the ones that are (RFC 7303), such as `image/svg+xml`.
const XML: &str = "+xml";

/// The body of an answer, scrubbed and whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// No body.
    Empty,
    /// JSON. Keys stand as received; numbers too, as far as 64 bits hold them.
    // Written as text, since a document of the depth that can be read is too deep inside another one.
    Json(#[serde(with = "as_text")] Value),
    /// UTF-8 text, or JSON where the action declares text.
    Text(String),
    /// Neither. The bytes are not kept.
    Binary {
        /// Media type as the service says, made safe to show.
        content_type: String,
        /// How many there were.
        bytes: usize,
    },
}

impl Content {
    /// Sorts an answer. What is not as declared is given by its type, never garbled.
    #[must_use]
    pub fn of(response: &ScrubbedResponse, declared: ResultMode) -> Self {
        Self::sort(response.body(), response.content_type(), declared)
    }

    fn sort(body: &[u8], content_type: Option<&str>, declared: ResultMode) -> Self {
        if body.is_empty() {
            return Self::Empty;
        }
        let binary = || Self::Binary {
            content_type: Shown::new(content_type.unwrap_or("unknown")).limit_bytes(MAX_TYPE_BYTES).to_string(),
            bytes: body.len(),
        };
        let Ok(text) = std::str::from_utf8(body) else { return binary() };
        if declared != ResultMode::Text
            && places(text) <= MAX_PLACES
            // A byte order mark may be ignored (RFC 8259, section 8.1).
            && let Ok(value) =
                apart(is_long(text.len()), || serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)))
        {
            return Self::Json(value);
        }
        if content_type.is_some_and(is_not_text) { binary() } else { Self::Text(text.to_owned()) }
    }
}

/// About how many values a JSON text holds: never fewer than half of them.
fn places(text: &str) -> usize {
    text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

fn is_not_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    NOT_TEXT.iter().any(|prefix| kind.starts_with(prefix)) && !kind.ends_with(XML)
}

/// JSON as a string that holds its text.
mod as_text {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        serde_json::from_str(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(body: &str) -> Content {
        Content::sort(body.as_bytes(), Some("application/json"), ResultMode::Json)
    }

    #[test]
    fn an_answer_is_sorted_by_what_it_is_and_not_by_what_was_hoped() {
        let text = |body: &str| Content::Text(body.to_owned());
        assert_eq!(Content::sort(b"", Some("application/json"), ResultMode::Json), Content::Empty);
        assert_eq!(json("{\"a\":1}"), Content::Json(serde_json::json!({"a": 1})));
        assert_eq!(json("\u{feff}[]"), Content::Json(serde_json::json!([])));
        assert_eq!(json("<h1>502</h1>"), text("<h1>502</h1>"));
        assert_eq!(Content::sort(b"[]", Some("image/png"), ResultMode::Json), Content::Json(serde_json::json!([])));
        assert_eq!(Content::sort(b"[]", Some("application/json"), ResultMode::Text), text("[]"));
        assert_eq!(Content::sort(b"<svg/>", Some("image/svg+xml; charset=utf-8"), ResultMode::Json), text("<svg/>"));
        assert_eq!(Content::sort(b"a,b", Some("application/octet-stream"), ResultMode::Text), text("a,b"));
    }

    #[test]
    fn what_is_not_text_is_told_by_type_and_length() {
        let binary = |content_type: &str, bytes| Content::Binary { content_type: content_type.to_owned(), bytes };
        assert_eq!(Content::sort(b"\xff\xfe", None, ResultMode::Json), binary("unknown", 2));
        assert_eq!(Content::sort(b"RIFF", Some("audio/wav"), ResultMode::Text), binary("audio/wav", 4));
        let Content::Binary { content_type, .. } =
            Content::sort(b"\xff", Some(&"\u{202e}x".repeat(9_000)), ResultMode::Json)
        else {
            panic!("it is binary");
        };
        assert!(content_type.len() < 1_000 && !content_type.contains('\u{202e}'));
    }

    #[test]
    fn json_keeps_its_order_and_its_numbers() {
        let body = r#"{"z":1.0,"a":18446744073709551615,"m":-0.0,"e":1e-7}"#;
        let Content::Json(value) = json(body) else { panic!("it is JSON") };
        assert_eq!(value.to_string(), body);
        // A number that cannot be held is not rounded to another one: the answer stays as it was written.
        assert_eq!(json("[1e400]"), Content::Text("[1e400]".to_owned()));
    }

    #[test]
    fn whatever_can_be_read_can_be_kept_and_read_again() {
        let deepest = format!("{}1{}", "[".repeat(127), "]".repeat(127));
        for content in [
            Content::Empty,
            json(&deepest),
            json(&format!("[{deepest}]")),
            json("{\"b\":\"\\u0000\\\"\",\"a\":[1.5]}"),
            Content::Text("\0\u{202e}\"".to_owned()),
            Content::Binary { content_type: "a/b".to_owned(), bytes: 3 },
        ] {
            let text = serde_json::to_string(&content).unwrap();
            assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content);
        }
        assert!(matches!(json(&deepest), Content::Json(_)));
    }
}
