//! Says something once in a while, however often it happens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A bound on how often something is said.
#[derive(Debug)]
pub(crate) struct Seldom {
    since: Instant,
    pause: Duration,
    /// Milliseconds since `since` before which nothing more is said.
    quiet_until_ms: AtomicU64,
}

impl Seldom {
    pub(crate) fn every(pause: Duration) -> Self {
        Self { since: Instant::now(), pause, quiet_until_ms: AtomicU64::new(0) }
    }

    /// Whether it is time to say it. One of several who ask at once is told so.
    pub(crate) fn now(&self) -> bool {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let now = ms(self.since.elapsed());
        let until = self.quiet_until_ms.load(Ordering::Relaxed);
        let next = now.saturating_add(ms(self.pause)).max(1);
        now >= until && self.quiet_until_ms.compare_exchange(until, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_said_at_once_and_then_not_for_a_while() {
        let seldom = Seldom::every(Duration::from_secs(3600));
        assert!(seldom.now());
        assert!(!seldom.now());
        let often = Seldom::every(Duration::ZERO);
        assert!(often.now());
    }
}
