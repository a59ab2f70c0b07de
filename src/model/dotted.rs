//! The textbook's clock: a dot, and the context it was written with.
//!
//! A version vector with one event set apart is a *dotted version vector* (Preguiça, Baquero, Almeida, Fonte and
//! Gonçalves, "Dotted version vectors: logical clocks for optimistic replication", arXiv 1011.5808). Because the dot
//! is apart, one server can stamp two concurrent writes without ordering them: `n1.1` and `n1.2`, neither in the past
//! of the other. There the past is a version vector. Here it is a [`DotSet`], which may have gaps, an idea of the
//! predecessor vectors with exceptions of Malkhi and Terry ("Concise version vectors in WinFS", DISC 2005). So a
//! client can join a version's dot into its context without claiming what it never saw.
//!
//! Not modelled: pruning. The past of a version is as long as its history has actors and gaps.

use std::cmp::Ordering;
use std::fmt;

use crate::model::{Causality, Dot, DotSet};

/// The clock of a version: which event it is, and what its writer had seen.
///
/// `a < b` iff `b`'s writer had seen `a`: `a.dot ∈ b.past`. If only stores mint dots, each once, and pasts are what
/// clients have seen, this *is* happened-before, no more and no less.
///
/// Clocks that no correct store makes still compare, and never as ordered: one dot with two pasts is one name for
/// two things, and incomparable; so are two versions that each claim to follow the other.
///
/// ```
/// use quorate::id::{Actor, NodeId};
/// use quorate::model::{Causality, Dot, DotSet, Dotted};
///
/// let dot = |counter| Dot { actor: Actor::first(NodeId(1)), counter };
/// let first = Dotted { dot: dot(1), past: DotSet::new() };
/// let blind = Dotted { dot: dot(2), past: DotSet::new() };
/// assert!(first.partial_cmp(&blind).is_none(), "one server, two writers, no order");
///
/// let mut seen = DotSet::new();
/// first.cover(&mut seen);
/// let next = Dotted { dot: dot(3), past: seen };
/// assert_eq!(next.to_string(), "n1.3 after {n1:1}");
/// assert!(first < next);
/// assert!(blind.partial_cmp(&next).is_none());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Dotted {
    /// The event.
    pub dot: Dot,
    /// What its writer had seen, without the dot itself.
    pub past: DotSet,
}

impl Dotted {
    /// A version whose writer had seen nothing.
    #[must_use]
    pub const fn blind(dot: Dot) -> Self {
        Self { dot, past: DotSet::new() }
    }
}

impl PartialOrd for Dotted {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self.dot == other.dot {
            return (self.past == other.past).then_some(Ordering::Equal);
        }
        let precedes = |a: &Self, b: &Self| !b.past.is_empty() && b.past.contains(a.dot);
        match (precedes(self, other), precedes(other, self)) {
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            _ => None,
        }
    }
}

impl Causality for Dotted {
    type Context = DotSet;

    #[inline]
    fn cover(&self, context: &mut DotSet) {
        context.join(&self.past);
        context.insert(self.dot);
    }

    #[inline]
    fn rank(&self, other: &Self) -> Ordering {
        self.dot.cmp(&other.dot).then_with(|| self.past.rank(&other.past))
    }

    #[inline]
    fn dot(&self) -> Option<Dot> {
        Some(self.dot)
    }
}

impl fmt::Display for Dotted {
    /// `n1.2 after {n1:1}`, or `n1.2` if its writer had seen nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.past.is_empty() {
            write!(f, "{}", self.dot)
        } else {
            write!(f, "{} after {}", self.dot, self.past)
        }
    }
}

impl fmt::Debug for Dotted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
