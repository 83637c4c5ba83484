//! Times, and two ways of doing a thing measured turn by turn.
//!
//! Medians only: on a shared machine a mean says what the neighbours did.

use std::time::Duration;

/// Times of one thing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn extend(&mut self, other: Samples) {
        self.0.extend(other.0);
    }

    /// The time that so many of a hundred stay under, in microseconds.
    pub(crate) fn percentile_us(&self, of_hundred: usize) -> f64 {
        let mut times = self.0.clone();
        times.sort_unstable();
        let at = (times.len() * of_hundred / 100).min(times.len().saturating_sub(1));
        times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    }

    pub(crate) fn median_us(&self) -> f64 {
        self.percentile_us(50)
    }

    pub(crate) fn worst_us(&self) -> f64 {
        self.percentile_us(100)
    }
}

/// Ours and the baseline, in rounds: neighbours that come and go meet both.
#[derive(Debug, Default)]
pub(crate) struct Duel {
    pub(crate) ours: Samples,
    pub(crate) theirs: Samples,
    ratios: Vec<f64>,
}

impl Duel {
    pub(crate) fn round(&mut self, ours: Samples, theirs: Samples) {
        self.ratios.push(ours.median_us() / theirs.median_us());
        self.ours.extend(ours);
        self.theirs.extend(theirs);
    }

    /// The median round, and the rounds between which half of all lie.
    pub(crate) fn ratio(&mut self) -> (f64, f64, f64) {
        self.ratios.sort_by(f64::total_cmp);
        let at = |of_four: usize| self.ratios.get(self.ratios.len() * of_four / 4).copied().unwrap_or(f64::NAN);
        (at(2), at(1), at(3))
    }
}
