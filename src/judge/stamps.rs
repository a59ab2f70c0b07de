//! The judges of stamps: siblings, one-dot-one-write, once-only, clock-order.
//!
//! Only these judges read the store's clocks, and they read them to judge them.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use crate::id::{Key, OpId};
use crate::model::{Causality, Siblings, VersionedValue};
use crate::world::ghosts::Ghosts;

/// The clock with which each write was first seen.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Stamps<C> {
    /// By operation.
    seen: Vec<Option<(Key, C)>>,
}

/// What is wrong with a version's stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadStamp<C> {
    /// The same event names another write too.
    AlsoNames(OpId),
    /// The write was stamped before, with this clock.
    Restamped(C),
    /// The store orders the version and that write differently from the truth.
    Misordered {
        /// That write.
        other: OpId,
        /// The order by the store's clocks.
        store: Option<Ordering>,
        /// The order by what the writers had seen.
        truth: Option<Ordering>,
    },
}

impl<C: Causality> BadStamp<C> {
    /// What is wrong with this version, for people.
    #[must_use]
    pub fn words(&self, version: &VersionedValue<C>) -> String {
        let a = version.op;
        match self {
            Self::AlsoNames(other) => format!("{a} and {other} are both {}", version.clock),
            Self::Restamped(first) => format!("{a} was stamped {first} and again {}", version.clock),
            Self::Misordered { other: b, store, truth } => {
                let says = |order: &Option<Ordering>| match order {
                    Some(Ordering::Less) => format!("{a} precedes {b}"),
                    Some(Ordering::Greater) => format!("{b} precedes {a}"),
                    Some(Ordering::Equal) => format!("{a} and {b} are the same"),
                    None => format!("{a} and {b} are concurrent"),
                };
                format!("by the clocks {}; by what their writers had seen {}", says(store), says(truth))
            }
        }
    }
}

impl<C: Causality> Stamps<C> {
    /// No stamps so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { seen: Vec::new() }
    }

    /// Forgets the run.
    pub fn reset(&mut self) {
        self.seen.clear();
    }

    /// How many writes were met.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.iter().flatten().count()
    }

    /// Whether no write was met.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Hashes the stamps that can matter to a later verdict: all of them.
    pub fn hash_future<H: Hasher>(&self, state: &mut H) {
        self.seen.hash(state);
    }

    /// Meets a version; returns whether its write is new. Notes a new write and, if `compared`, compares it with every
    /// other write of the key. Tells `report` what is wrong.
    pub fn meet(
        &mut self,
        version: &VersionedValue<C>,
        key: Key,
        ghosts: &Ghosts,
        compared: bool,
        mut report: impl FnMut(BadStamp<C>),
    ) -> bool {
        if let Some(Some((_, clock))) = self.seen.get(version.op.index()) {
            if !clock.same_event(&version.clock) {
                report(BadStamp::Restamped(clock.clone()));
            } else if compared && *clock != version.clock {
                // The same event with another past: its order must be right as well.
                self.compare(version, key, ghosts, report);
            }
            return false;
        }
        if compared {
            self.compare(version, key, ghosts, &mut report);
        }
        while self.seen.len() <= version.op.index() {
            self.seen.push(None);
        }
        self.seen[version.op.index()] = Some((key, version.clock.clone()));
        true
    }

    /// Compares the clock of a version with that of every other write of its key.
    fn compare(
        &self,
        version: &VersionedValue<C>,
        key: Key,
        ghosts: &Ghosts,
        mut report: impl FnMut(BadStamp<C>),
    ) {
        for (i, seen) in self.seen.iter().enumerate().filter(|(i, _)| *i != version.op.index()) {
            let Some((_, clock)) = seen.as_ref().filter(|(of, _)| *of == key) else { continue };
            let op = OpId::at(i);
            if clock.same_event(&version.clock) {
                report(BadStamp::AlsoNames(op));
                continue;
            }
            let store = version.clock.partial_cmp(clock);
            let truth = true_order(version.op, op, ghosts);
            if store != truth {
                report(BadStamp::Misordered { other: op, store, truth });
            }
        }
    }
}

impl<C: Causality> Default for Stamps<C> {
    fn default() -> Self {
        Self::new()
    }
}

/// How two writes are ordered by what their writers had seen.
#[must_use]
pub fn true_order(a: OpId, b: OpId, ghosts: &Ghosts) -> Option<Ordering> {
    if ghosts.of_write(b).superseded.contains(a) {
        Some(Ordering::Less)
    } else if ghosts.of_write(a).superseded.contains(b) {
        Some(Ordering::Greater)
    } else {
        None
    }
}

/// For each version of a set: whether it is missing from the set judged before.
pub type Unjudged = SmallVec<[bool; 16]>;

/// Which of these versions are not among those in `judged`, in the same order. (A version that is there twice, or out
/// of order, is judged again, which costs only time.)
#[must_use]
pub fn unjudged<C: Causality>(versions: &Siblings<C>, judged: &Siblings<C>) -> Unjudged {
    let mut judged = judged.iter();
    let is_new = |version| match judged.as_slice().iter().position(|old| old == version) {
        Some(at) => judged.nth(at).is_none(),
        None => true,
    };
    versions.iter().map(is_new).collect()
}

/// Two versions of a set that should not stand beside each other: the same event twice, or one before the other. Two
/// versions already found sound beside each other are not compared again.
#[must_use]
pub fn not_an_antichain<'v, C: Causality>(
    siblings: &'v Siblings<C>,
    new: &Unjudged,
) -> Option<(&'v VersionedValue<C>, &'v VersionedValue<C>)> {
    let versions = || siblings.iter().zip(new);
    versions().enumerate().find_map(|(i, (a, a_is_new))| {
        versions()
            .skip(i + 1)
            .filter(|(_, b_is_new)| *a_is_new || **b_is_new)
            .map(|(b, _)| (a, b))
            .find(|(a, b)| a.clock.same_event(&b.clock) || a.clock.partial_cmp(&b.clock).is_some())
    })
}
