//! Random streams that are the same on every machine and in every version.
//!
//! The generator is xoshiro256++, whose output `rand_xoshiro` documents as portable. This module makes numbers below a
//! bound by itself, because `rand` does not promise to keep its own way.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A random stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeededRng(Xoshiro256PlusPlus);

impl SeededRng {
    /// The stream of one schedule of a search: a function of the search's seed and the schedule's number.
    #[must_use]
    pub fn of(seed: u64, number: u64) -> Self {
        // Spread, so that neighbouring numbers give unrelated streams (splitmix64's constant).
        Self(Xoshiro256PlusPlus::seed_from_u64(
            seed.rotate_left(32) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        ))
    }

    /// A number below the bound; 0 if the bound is 0.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(bound)) >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    #[inline]
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Whether something happens that has a chance of `per_mille` in a thousand.
    #[inline]
    pub fn happens(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of these items. There must be at least one.
    #[inline]
    pub fn one_of<'a, T>(&mut self, these: &'a [T]) -> &'a T {
        &these[self.below(these.len() as u32) as usize]
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_is_pinned() {
        let mut rng = SeededRng::of(1, 2);
        let drawn: Vec<u32> = (0..8).map(|_| rng.below(1000)).collect();
        assert_eq!(drawn, PINNED);
    }

    /// Checked against the published algorithm, written out in another language.
    const PINNED: [u32; 8] = [520, 7, 927, 216, 533, 493, 904, 543];
}
