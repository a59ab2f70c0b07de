//! The clock of last-write-wins: a total order, and no concurrency.
//!
//! Every two versions are ordered, so one survives and there are no siblings; the loser is lost silently. The order
//! agrees with causality only while each write's timestamp exceeds those that its writer has seen; skewed clocks
//! break that. The context carries the greatest timestamp seen, so a protocol *can* keep that rule.

use std::cmp::Ordering;
use std::fmt;

use crate::id::OpId;
use crate::model::{Causality, Context, Dot};

/// The clock of a version under last-write-wins: the greater supersedes the lesser, by timestamp, then a delete
/// over a put, then by operation.
///
/// ```
/// use quorate::id::OpId;
/// use quorate::model::LastWrite;
///
/// let put = LastWrite { timestamp: 7, deleted: false, op: OpId(9) };
/// let delete = LastWrite { timestamp: 7, deleted: true, op: OpId(1) };
/// assert!(put < delete, "at the same instant the delete wins");
/// assert_eq!(delete.to_string(), "t7 delete o1");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LastWrite {
    /// When it was stamped, by the clock of the node that did; from 1.
    pub timestamp: u64,
    /// Whether it is a delete.
    pub deleted: bool,
    /// The write, so that no two clocks are equal.
    pub op: OpId,
}

impl Causality for LastWrite {
    type Context = Latest;

    #[inline]
    fn cover(&self, context: &mut Latest) {
        context.join(&Latest(self.timestamp));
    }

    #[inline]
    fn rank(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    /// None: the whole clock is the version's identity.
    #[inline]
    fn dot(&self) -> Option<Dot> {
        None
    }

    #[inline]
    fn timestamp(&self) -> Option<u64> {
        Some(self.timestamp)
    }
}

impl fmt::Display for LastWrite {
    /// `t7 put o3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.deleted { "delete" } else { "put" };
        write!(f, "t{} {verb} {}", self.timestamp, self.op)
    }
}

impl fmt::Debug for LastWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a client of last-write-wins has seen: the greatest timestamp, or 0 before it has seen any.
///
/// ```
/// use quorate::model::{Context, Latest};
///
/// let mut seen = Latest(7);
/// seen.join(&Latest(3));
/// assert_eq!(seen, Latest(7));
/// assert!(Latest::default().is_empty());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Latest(pub u64);

impl Context for Latest {
    #[inline]
    fn join(&mut self, other: &Self) {
        self.0 = self.0.max(other.0);
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Latest {
    /// `{t7}`, or `{}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() { f.write_str("{}") } else { write!(f, "{{t{}}}", self.0) }
    }
}

impl fmt::Debug for Latest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
