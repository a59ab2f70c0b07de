//! What a clock must be able to say.
//!
//! A plain vector clock confuses two things that are separate here. The **clock** of a version says what the version
//! is and what it follows; the **context** of a client says what the client has seen. Contexts have a least upper
//! bound: seeing two things is seeing both. Clocks of single versions need none: two writes need not have a third
//! that is exactly both together.
//!
//! | clock | context | what it gets wrong |
//! |---|---|---|
//! | [`VectorClock`](crate::model::VectorClock) | itself | a counter covers every earlier one, seen or not |
//! | [`Dotted`](crate::model::Dotted) | [`DotSet`](crate::model::DotSet) | nothing, at the price of recording gaps |
//! | [`LastWrite`](crate::model::LastWrite) | [`Latest`](crate::model::Latest) | it orders everything, concurrent writes too |
//!
//! Not here: who mints a clock, and from what. The protocol decides that, and most often gets it wrong there; a clock
//! is only as true as the context it was stamped with.

use std::cmp::Ordering;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use crate::model::Dot;

/// What a client has seen: a join-semilattice, with the empty context at its bottom.
///
/// `join` is commutative, associative and idempotent, and `Default` is its neutral element.
pub trait Context: Clone + PartialEq + Eq + Hash + Default + Debug + Display + Send + Sync + 'static {
    /// Adds all that the other context has seen.
    fn join(&mut self, other: &Self);

    /// Whether nothing was seen: a put with this context is blind.
    fn is_empty(&self) -> bool;
}

/// The clock of one version. `PartialOrd` is the causal order of the store: `a < b` iff `b` supersedes `a`.
pub trait Causality:
    Clone + PartialEq + Eq + Hash + PartialOrd + Debug + Display + Send + Sync + 'static
{
    /// What a client has seen, in this clock's terms.
    type Context: Context;

    /// Adds to `context` what a reader of this version has seen: its past and itself.
    fn cover(&self, context: &mut Self::Context);

    /// A total order for canonical form only, unrelated to causality: it sorts siblings, so that equal sets of
    /// them are equal values. Two clocks rank equal iff they are equal.
    fn rank(&self, other: &Self) -> Ordering;

    /// The event that this version is, if the clock separates it from the past; none if the whole clock is the
    /// version's identity.
    fn dot(&self) -> Option<Dot>;

    /// When the version was written, if the clock says so. It goes before the timestamp that the protocol stamps beside
    /// the clock, so the two never contradict each other.
    fn timestamp(&self) -> Option<u64> {
        None
    }

    /// Whether the two name the same event: equal dots or, without dots, equal clocks.
    fn same_event(&self, other: &Self) -> bool {
        match (self.dot(), other.dot()) {
            (None, None) => self == other,
            (mine, theirs) => mine == theirs,
        }
    }
}
