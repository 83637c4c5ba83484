//! A plugin's time: what it ran itself, not what it stood in line for on a busy machine.
//!
//! Sixty-four agents on two cores make any plugin wait; one that loops runs. Where the system does not tell what a
//! thread ran, the time of the wall counts.

use std::time::{Duration, Instant};

/// Longest time by the wall, in limits: a plugin that hardly gets to run must not hold its caller for ever.
const MOST_WAITING: u32 = 20;

/// Measures one call, on the thread that makes it.
pub struct Stopwatch {
    began: Instant,
    ran: Option<Duration>,
}

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { began: Instant::now(), ran: thread_time() }
    }

    /// What is left of a limit; `None` where it is used up.
    pub(crate) fn left(&self, limit: Duration) -> Option<Duration> {
        left(self.ran(), self.began.elapsed(), limit)
    }

    /// What this thread has run since the start.
    #[must_use]
    pub fn ran(&self) -> Duration {
        match (self.ran, thread_time()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.began.elapsed(),
        }
    }
}

fn left(ran: Duration, waited: Duration, limit: Duration) -> Option<Duration> {
    if waited >= limit * MOST_WAITING { None } else { limit.checked_sub(ran).filter(|left| !left.is_zero()) }
}

/// What this thread has run so far.
#[cfg(unix)]
fn thread_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

#[cfg(not(unix))]
fn thread_time() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_not_running_but_not_for_ever() {
        let ms = Duration::from_millis;
        for (ran, waited, rest) in [
            (0, 0, Some(100)),
            (40, 40, Some(60)),
            (99, 1_500, Some(1)),
            (100, 100, None),
            (250, 250, None),
            (0, 1_999, Some(100)),
            (0, 2_000, None),
        ] {
            assert_eq!(left(ms(ran), ms(waited), ms(100)), rest.map(ms), "{ran} {waited}");
        }
    }

    #[test]
    fn a_thread_that_works_uses_its_time_up() {
        let watch = Stopwatch::start();
        let began = Instant::now();
        while watch.left(Duration::from_millis(5)).is_some() {
            assert!(began.elapsed() < Duration::from_secs(60));
        }
    }
}
