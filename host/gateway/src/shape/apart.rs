//! Where a large answer is worked on: off the runtime's other tasks.
//!
//! Does not bound the work; each user of it has a bound of its own.

use serde_json::Value;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Places up to which an answer is small: well under a millisecond of work.
const SMALL_PLACES: usize = 2_000;
/// Bytes up to which a text is small.
const SMALL_BYTES: usize = 128 * 1024;

/// Does the work, letting the other tasks of this worker move to another one where it is `large`.
pub(super) fn apart<T>(large: bool, work: impl FnOnce() -> T) -> T {
    // Outside a runtime, and in one of a single thread, there is nothing to move to.
    let movable = Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if large && movable { tokio::task::block_in_place(work) } else { work() }
}

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
