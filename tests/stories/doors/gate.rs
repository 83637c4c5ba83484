//! A service that keeps its answers until it is allowed to give them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::tap::{Tap, ok};

/// The service, and the word that lets it answer.
pub(crate) fn gate() -> (Tap, Arc<AtomicBool>) {
    let open = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&open);
    let tap = Tap::answering(move |_| {
        while !seen.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
        ok(r#"{"object":"list","data":[]}"#)
    });
    (tap, open)
}
