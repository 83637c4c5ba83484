//! Where a plugin runs: on the caller's own thread once it has shown that it is quick, apart and with low priority
//! until then.
//!
//! Moving a call off a worker of the runtime costs more than most plugins take to describe a request. A plugin that is
//! slow, if only once, goes back to the start, so one that never returns holds a worker for one wall time limit in
//! [`TRUSTED`] calls at most. Does not bound the time itself: that is the sandbox's work.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{panic, thread};

/// Quick calls in a row after which a plugin runs on the caller's thread.
const TRUSTED: u32 = 64;

/// What is quick. A worker may be held this long without anybody noticing.
const QUICK: Duration = Duration::from_millis(1);

/// How much lower the priority of a thread is on which a plugin runs apart: enough that two plugins in endless loops
/// on a machine of two cores leave the others' calls their time.
const LOWER: i32 = 10;

/// How one plugin has behaved so far.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    quick_in_a_row: AtomicU32,
}

impl Pace {
    /// Runs a plugin where it belongs. Within a runtime, on a worker of a multi-threaded one.
    pub(crate) fn run<T: Send>(&self, plugin: impl FnOnce() -> T + Send) -> T {
        let began = Instant::now();
        let quick_in_a_row = self.quick_in_a_row.load(Ordering::Relaxed);
        let done =
            if quick_in_a_row >= TRUSTED { plugin() } else { tokio::task::block_in_place(|| apart(plugin)) };
        if began.elapsed() > QUICK {
            self.quick_in_a_row.store(0, Ordering::Relaxed);
        } else if quick_in_a_row < TRUSTED {
            self.quick_in_a_row.fetch_add(1, Ordering::Relaxed);
        }
        done
    }
}

/// Runs on a thread of its own. Where none can be started, on this one.
fn apart<T: Send>(plugin: impl FnOnce() -> T + Send) -> T {
    let mut plugin = Some(plugin);
    let on_its_own = thread::scope(|scope| {
        let plugin = &mut plugin;
        let run = move || {
            // On Linux a priority is a thread's, and giving some up is always allowed.
            #[cfg(target_os = "linux")]
            if let Err(error) = rustix::process::nice(LOWER) {
                tracing::debug!(%error, "a plugin runs with the host's own priority");
            }
            plugin.take().map(|plugin| plugin())
        };
        let thread = thread::Builder::new().name("plugin".to_owned()).spawn_scoped(scope, run).ok()?;
        thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
    });
    match (on_its_own, plugin) {
        (Some(done), _) => done,
        (None, Some(plugin)) => plugin(),
        // Either the thread took it and answered, or it is still here.
        (None, None) => unreachable!("a plugin ran and answered nothing"),
    }
}
