//! Fingerprints: states as numbers, the same on every machine.
//!
//! A search that compares states only by fingerprint takes two states for one if they collide. So the hasher mixes
//! well, at about one multiplication a word. It is our own: a library's hasher may change its results with its
//! version, and with them the counts that tests have pinned.
//!
//! Not covered: whoever chooses states so that they collide.

use std::hash::{Hash, Hasher};

/// Odd, with half its bits set: the fractional part of the golden ratio.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
/// The multiplier of PCG's streams.
const FACTOR: u64 = 0xd120_2a9c_5d05_5a6d;

/// Both halves of the product, folded: every bit of both factors reaches every bit.
#[inline]
const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// Hashes its input, in order.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprinter(u64);

impl Default for Fingerprinter {
    fn default() -> Self {
        Self(SEED)
    }
}

impl Hasher for Fingerprinter {
    #[inline]
    fn finish(&self) -> u64 {
        fold(self.0 ^ SEED, FACTOR)
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        // A product with zero would forget all earlier words; the rotated term keeps them.
        self.0 = fold(self.0 ^ word, FACTOR) ^ self.0.rotate_left(23);
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    #[inline]
    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

/// The fingerprint of one thing.
#[inline]
pub fn fingerprint<T: Hash + ?Sized>(thing: &T) -> u64 {
    let mut hasher = Fingerprinter::default();
    thing.hash(&mut hasher);
    hasher.finish()
}

/// Hashes things in any order, each as often as it occurs.
#[inline]
pub fn hash_unordered<H: Hasher, T: Hash>(things: impl Iterator<Item = T>, state: &mut H) {
    let (mut sum, mut count) = (0_u64, 0_u64);
    for thing in things {
        sum = sum.wrapping_add(fingerprint(&thing));
        count += 1;
    }
    (sum, count).hash(state);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn small_numbers_do_not_collide() {
        let prints: BTreeSet<u64> =
            (0..300_u64).flat_map(|a| (0..300_u64).map(move |b| fingerprint(&(a, b)))).collect();
        assert_eq!(prints.len(), 90_000);
        let halves: BTreeSet<u32> = prints.iter().map(|print| *print as u32).collect();
        assert!(halves.len() > 89_980, "of 90,000 random words about one pair collides: {}", halves.len());
    }

    #[test]
    fn order_matters_only_where_it_should() {
        assert_ne!(fingerprint(&[1, 2]), fingerprint(&[2, 1]));
        let unordered = |things: &[u8]| {
            let mut hasher = Fingerprinter::default();
            hash_unordered(things.iter(), &mut hasher);
            hasher.finish()
        };
        assert_eq!(unordered(&[1, 2, 2]), unordered(&[2, 1, 2]));
        assert_ne!(unordered(&[1, 2, 2]), unordered(&[1, 1, 2]));
        assert_ne!(unordered(&[]), unordered(&[0]));
    }
}
