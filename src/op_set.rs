//! Sets of operations: the currency of the oracle.
//!
//! What a context covers, what a replica has taken in, what a read showed: all are sets of writes. They are
//! joined and compared at every message, so the first 256 operations are four plain words, and only what a longer
//! history adds to them lies on the heap.

use std::fmt;

use crate::id::OpId;

const WORD: usize = u64::BITS as usize;

/// How many words lie inline.
const NEAR: usize = 4;

/// A set of operations, one bit each.
///
/// Equal sets are equal values: `far` never ends in a zero word, and is none rather than empty.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpSet {
    near: [u64; NEAR],
    far: Option<Box<Far>>,
}

/// The words beyond the inline ones.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Far {
    words: Vec<u64>,
}

impl Clone for OpSet {
    #[inline]
    fn clone(&self) -> Self {
        Self { near: self.near, far: self.far.clone() }
    }

    #[inline]
    fn clone_from(&mut self, other: &Self) {
        self.near = other.near;
        match (&mut self.far, &other.far) {
            (None, None) => {}
            (Some(mine), Some(theirs)) => mine.words.clone_from(&theirs.words),
            (mine, theirs) => mine.clone_from(theirs),
        }
    }
}

impl OpSet {
    /// No operation.
    #[must_use]
    pub const fn new() -> Self {
        Self { near: [0; NEAR], far: None }
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
        let (at, bit) = (op.index() / WORD, 1 << (op.index() % WORD));
        let word = match self.near.get_mut(at) {
            Some(word) => word,
            None => self.far_word(at - NEAR),
        };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Takes an operation out.
    pub fn remove(&mut self, op: OpId) {
        let (at, bit) = (op.index() / WORD, 1 << (op.index() % WORD));
        if let Some(word) = self.near.get_mut(at) {
            *word &= !bit;
        } else if let Some(word) = self.far.as_mut().and_then(|far| far.words.get_mut(at - NEAR)) {
            *word &= !bit;
            self.trim();
        }
    }

    /// Whether the operation is in it.
    #[inline]
    #[must_use]
    pub fn contains(&self, op: OpId) -> bool {
        let at = op.index() / WORD;
        let word = self.near.get(at).or_else(|| self.far().get(at - NEAR));
        word.is_some_and(|word| word >> (op.index() % WORD) & 1 == 1)
    }

    /// Adds all of another set.
    #[inline]
    pub fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.near.iter_mut().zip(&other.near) {
            *mine |= theirs;
        }
        if let Some(theirs) = &other.far {
            self.far.get_or_insert_default().join(theirs);
        }
    }

    /// Keeps what is also in the other.
    #[inline]
    pub fn intersect(&mut self, other: &Self) {
        for (mine, theirs) in self.near.iter_mut().zip(&other.near) {
            *mine &= theirs;
        }
        if let Some(far) = &mut self.far {
            far.words.truncate(other.far().len());
            far.words.iter_mut().zip(other.far()).for_each(|(mine, theirs)| *mine &= theirs);
            self.trim();
        }
    }

    /// Takes all of another set out.
    #[inline]
    pub fn subtract(&mut self, other: &Self) {
        for (mine, theirs) in self.near.iter_mut().zip(&other.near) {
            *mine &= !theirs;
        }
        if let Some(far) = &mut self.far {
            far.words.iter_mut().zip(other.far()).for_each(|(mine, theirs)| *mine &= !theirs);
            self.trim();
        }
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
        self.near.iter().zip(&other.near).any(|(mine, theirs)| mine & theirs != 0)
            || self.far().iter().zip(other.far()).any(|(mine, theirs)| mine & theirs != 0)
    }

    /// Whether all of this set is in the other.
    #[inline]
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.near.iter().zip(&other.near).all(|(mine, theirs)| mine & !theirs == 0)
            && self.far().len() <= other.far().len()
            && self.far().iter().zip(other.far()).all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// How many operations.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.words().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.near[0] | self.near[1] | self.near[2] | self.near[3] == 0 && self.far.is_none()
    }

    /// Empties it.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// The operations, in order.
    pub fn iter(&self) -> impl Iterator<Item = OpId> + '_ {
        self.words().enumerate().flat_map(|(i, word)| {
            std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0)
                .map(move |rest| OpId::at(i * WORD + rest.trailing_zeros() as usize))
        })
    }

    #[inline]
    fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.near.iter().chain(self.far()).copied()
    }

    #[inline]
    fn far(&self) -> &[u64] {
        self.far.as_ref().map_or(&[], |far| &far.words)
    }

    #[cold]
    fn far_word(&mut self, at: usize) -> &mut u64 {
        let words = &mut self.far.get_or_insert_default().words;
        if words.len() <= at {
            words.resize(at + 1, 0);
        }
        &mut words[at]
    }

    #[cold]
    fn trim(&mut self) {
        let Some(far) = &mut self.far else { return };
        let used = far.words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
        far.words.truncate(used);
        if used == 0 {
            self.far = None;
        }
    }
}

impl Far {
    #[cold]
    fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
        let mine = self.words.len().min(other.words.len());
        self.words.extend_from_slice(&other.words[mine..]);
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
