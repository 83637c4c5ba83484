//! What time it is, as a seam: tests own their clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch.
pub type TimestampMs = u64;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now_ms(&self) -> TimestampMs;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> TimestampMs {
        // A clock before 1970 reads as the far future: every approval is then expired, none is eternal.
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(TimestampMs::MAX, |d| TimestampMs::try_from(d.as_millis()).unwrap_or(TimestampMs::MAX))
    }
}
