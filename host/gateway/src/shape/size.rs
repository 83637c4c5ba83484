//! What is large: worth moving off a worker of the runtime.

use serde_json::Value;

/// Places up to which an answer is small: well under a millisecond of work.
const SMALL_PLACES: usize = 2_000;
/// Bytes up to which a text is small.
const SMALL_BYTES: usize = 128 * 1024;

/// Whether a body of this length is large.
pub(super) fn is_long(bytes: usize) -> bool {
    bytes > SMALL_BYTES
}

/// Whether an answer has many places or long strings; looks at no more of it than that takes.
pub(super) fn is_large(value: &Value) -> bool {
    let (mut places, mut bytes) = (0, 0);
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        places += 1;
        match value {
            Value::String(text) => bytes += text.len(),
            Value::Array(items) => {
                if items.len() > SMALL_PLACES {
                    return true;
                }
                open.extend(items);
            }
            Value::Object(members) => {
                if members.len() > SMALL_PLACES {
                    return true;
                }
                open.extend(members.values());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        if places > SMALL_PLACES || bytes > SMALL_BYTES {
            return true;
        }
    }
    false
}
