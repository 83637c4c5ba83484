//! Work that takes a while, done where a runtime's other tasks do not wait for it.
//!
//! Does not bound the work; each user of it has a bound of its own.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Does the work, letting the other tasks of this worker move to another one where it is `large`.
pub(crate) fn apart<T>(large: bool, work: impl FnOnce() -> T) -> T {
    // Outside a runtime, and in one of a single thread, there is nothing to move to.
    let movable = Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if large && movable { tokio::task::block_in_place(work) } else { work() }
}
