//! Where a plugin runs: on the caller's own thread, and apart with low priority once it was slow.
//!
//! Moving a call off a worker of the runtime costs more than most plugins take to describe a request. A plugin that was
//! slow has to be quick [`PROBATION`] times in a row before it runs on a worker again, so one that never returns holds
//! a worker once, for one wall time limit. Does not bound the time itself: that is the sandbox's work.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{io, panic, thread};

use portcullis_sandbox::Stopwatch;

/// Quick calls in a row after which a slow plugin runs on the caller's thread again.
const PROBATION: u32 = 16;

/// What is quick, in time that the plugin ran: on a busy machine all would be slow by the wall, and moving them would
/// make it busier.
const QUICK: Duration = Duration::from_millis(10);

/// Name of such a thread.
const APART: &str = "plugin";

/// How much lower the priority of a thread is on which a plugin runs apart: enough that two plugins in endless loops
/// on a machine of two cores leave the others' calls their time.
#[cfg(target_os = "linux")]
const LOWER: i32 = 10;

/// How one plugin has behaved so far.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Quick calls that it still owes.
    owed: AtomicU32,
}

impl Pace {
    /// Runs a plugin where it belongs. Within a runtime, on a worker of a multi-threaded one.
    ///
    /// # Errors
    /// When a thread is needed and cannot be started.
    pub(crate) fn run<T: Send>(&self, plugin: impl FnOnce() -> T + Send) -> io::Result<T> {
        let owed = self.owed.load(Ordering::Relaxed);
        let timed = || {
            let watch = Stopwatch::start();
            (plugin(), watch.ran())
        };
        let (done, ran) = if owed == 0 { timed() } else { tokio::task::block_in_place(|| apart(timed))? };
        if ran > QUICK {
            self.owed.store(PROBATION, Ordering::Relaxed);
        } else if owed > 0 {
            // Another call may have been slow meanwhile; then what it owes stands.
            let paid = self.owed.compare_exchange(owed, owed - 1, Ordering::Relaxed, Ordering::Relaxed);
            tracing::trace!(?paid, "a slow plugin was quick");
        }
        Ok(done)
    }
}

/// Runs on a thread of its own.
fn apart<T: Send>(plugin: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(APART.to_owned()).spawn_scoped(scope, || {
            yield_to_others();
            plugin()
        })?;
        Ok(thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
    })
}

/// On Linux a priority is a thread's, and giving some of it up is always allowed.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(LOWER) {
        tracing::debug!(%error, "a plugin runs with the host's own priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran_apart(pace: &Pace, time: Duration) -> bool {
        let plugin = || {
            let watch = Stopwatch::start();
            while watch.ran() < time {
                std::hint::spin_loop();
            }
            thread::current().name() == Some(APART)
        };
        pace.run(plugin).unwrap()
    }

    #[test]
    fn a_slow_plugin_runs_apart_until_it_was_quick_for_a_while() {
        let pace = Pace::default();
        assert!(!ran_apart(&pace, Duration::ZERO));
        assert!(!ran_apart(&pace, QUICK * 2));
        let mut apart = 0;
        while ran_apart(&pace, Duration::ZERO) {
            apart += 1;
        }
        assert_eq!(apart, PROBATION);
    }
}
