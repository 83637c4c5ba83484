//! Chance that can be repeated: everything random here comes from a seed and the name of what it is for.

use portcullis_model::Hasher;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// A source of chance.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of one purpose under a seed.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let hash = Hasher::new("portcullis/probe/v1").field(&seed.to_be_bytes()).field(purpose.as_bytes()).finish();
        Self(ChaCha8Rng::from_seed(*hash.as_bytes()))
    }

    /// A whole number below a bound; 0 where the bound is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { self.0.random_range(0..bound) }
    }

    /// A whole number between two, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        if least >= most { least } else { self.0.random_range(least..=most) }
    }

    /// A number from 0 to 1, 1 left out.
    pub(crate) fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of a list.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// The generator itself, for distributions.
    pub(crate) fn generator(&mut self) -> &mut ChaCha8Rng {
        &mut self.0
    }
}
