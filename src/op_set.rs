//! Sets of operations: the currency of the oracle.
//!
//! What a context covers, what a replica has taken in, what a read showed: all are sets of writes. They are
//! joined and compared at every message, so a set of the first 128 operations lives inline, in two words,
//! and only a longer history spills to the heap.

use std::fmt;

use smallvec::SmallVec;

use crate::id::OpId;

const WORD: usize = u64::BITS as usize;

/// A set of operations, one bit each.
///
/// Equal sets are equal values: no trailing zero word is kept.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpSet {
    words: SmallVec<[u64; 2]>,
}

/// By copying words: what `derive` would do clones them one by one, at several times the cost.
impl Clone for OpSet {
    #[inline]
    fn clone(&self) -> Self {
        Self { words: SmallVec::from_slice(&self.words) }
    }

    #[inline]
    fn clone_from(&mut self, other: &Self) {
        self.words.clear();
        self.words.extend_from_slice(&other.words);
    }
}

impl OpSet {
    /// No operation.
    #[must_use]
    pub const fn new() -> Self {
        Self { words: SmallVec::new_const() }
    }

    /// Just this operation.
    #[must_use]
    pub fn only(op: OpId) -> Self {
        let mut set = Self::new();
        set.insert(op);
        set
    }

    /// Adds an operation; says whether it is new.
    #[inline]
    pub fn insert(&mut self, op: OpId) -> bool {
        let (word, bit) = (op.index() / WORD, 1 << (op.index() % WORD));
        while self.words.len() <= word {
            self.words.push(0);
        }
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        new
    }

    /// Takes an operation out.
    pub fn remove(&mut self, op: OpId) {
        if let Some(word) = self.words.get_mut(op.index() / WORD) {
            *word &= !(1 << (op.index() % WORD));
            self.trim();
        }
    }

    /// Whether the operation is in it.
    #[inline]
    #[must_use]
    pub fn contains(&self, op: OpId) -> bool {
        self.words.get(op.index() / WORD).is_some_and(|word| word >> (op.index() % WORD) & 1 == 1)
    }

    /// Adds all of another set.
    #[inline]
    pub fn join(&mut self, other: &Self) {
        let (mine, theirs) = (self.words.len(), other.words.len());
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
        if mine < theirs {
            self.words.extend_from_slice(&other.words[mine..]);
        }
    }

    /// Keeps what is also in the other.
    pub fn intersect(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
        self.trim();
    }

    /// Takes all of another set out.
    #[inline]
    pub fn subtract(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= !theirs;
        }
        self.trim();
    }

    /// This set without the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.subtract(other);
        rest
    }

    /// Both together.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.join(other);
        both
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.intersect(other);
        both
    }

    /// Whether the two share an operation.
    #[inline]
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(mine, theirs)| mine & theirs != 0)
    }

    /// Whether all of this set is in the other.
    #[inline]
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.words.len() <= other.words.len()
            && self.words.iter().zip(&other.words).all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// How many operations.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Empties it, keeping its room.
    pub fn clear(&mut self) {
        self.words.clear();
    }

    /// The operations, in order.
    pub fn iter(&self) -> impl Iterator<Item = OpId> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0)
                .map(move |rest| OpId::at(i * WORD + rest.trailing_zeros() as usize))
        })
    }

    #[inline]
    fn trim(&mut self) {
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }
}

impl FromIterator<OpId> for OpSet {
    fn from_iter<I: IntoIterator<Item = OpId>>(ops: I) -> Self {
        let mut set = Self::new();
        ops.into_iter().for_each(|op| {
            set.insert(op);
        });
        set
    }
}

impl Extend<OpId> for OpSet {
    fn extend<I: IntoIterator<Item = OpId>>(&mut self, ops: I) {
        ops.into_iter().for_each(|op| {
            self.insert(op);
        });
    }
}

impl fmt::Display for OpSet {
    /// `{o1 o4}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, op) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{op}")?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for OpSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quickcheck::quickcheck;

    use super::*;

    fn set(ops: &BTreeSet<u16>) -> OpSet {
        ops.iter().map(|&op| OpId(op % 300 + 1)).collect()
    }

    fn twin(ops: &BTreeSet<u16>) -> BTreeSet<OpId> {
        ops.iter().map(|&op| OpId(op % 300 + 1)).collect()
    }

    quickcheck! {
        fn behaves_as_its_dumb_twin(a: BTreeSet<u16>, b: BTreeSet<u16>) -> bool {
            let (s, t) = (set(&a), set(&b));
            let (p, q) = (twin(&a), twin(&b));
            s.or(&t).iter().eq(p.union(&q).copied())
                && s.and(&t).iter().eq(p.intersection(&q).copied())
                && s.minus(&t).iter().eq(p.difference(&q).copied())
                && s.is_subset(&t) == p.is_subset(&q)
                && s.meets(&t) != p.is_disjoint(&q)
                && s.len() == p.len()
                && s.is_empty() == p.is_empty()
        }

        fn equal_sets_are_equal_values(a: BTreeSet<u16>, b: BTreeSet<u16>) -> bool {
            let mut there_and_back = set(&a).or(&set(&b));
            there_and_back.subtract(&set(&b));
            there_and_back.join(&set(&a));
            there_and_back == set(&a)
        }
    }
}
