//! What a protocol says of itself: what it claims in a configuration, why it does not claim the rest, and what it does
//! not look at.

use crate::guarantee::{Guarantee, GuaranteeSet};

/// For each guarantee: claimed, or the reason why not.
///
/// A claim says *owed in this configuration*. Facts of one run (a disk lost, a skewed clock) may excuse single
/// obligations; that is the judges' business.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claims {
    reasons: [Option<&'static str>; Guarantee::COUNT],
}

impl Claims {
    /// Everything is claimed.
    #[must_use]
    pub const fn everything() -> Self {
        Self { reasons: [None; Guarantee::COUNT] }
    }

    /// Claims nothing of these, for this reason.
    #[must_use]
    pub fn except(mut self, guarantees: &[Guarantee], reason: &'static str) -> Self {
        for guarantee in guarantees {
            self.reasons[guarantee.index()] = Some(reason);
        }
        self
    }

    /// As [`except`](Self::except), where the condition holds.
    #[must_use]
    pub fn except_if(self, condition: bool, guarantees: &[Guarantee], reason: &'static str) -> Self {
        if condition { self.except(guarantees, reason) } else { self }
    }

    /// Claims these after all.
    #[must_use]
    pub fn and(mut self, guarantees: &[Guarantee]) -> Self {
        for guarantee in guarantees {
            self.reasons[guarantee.index()] = None;
        }
        self
    }

    /// Whether it is claimed.
    #[must_use]
    pub const fn claims(&self, guarantee: Guarantee) -> bool {
        self.reasons[guarantee.index()].is_none()
    }

    /// Why it is not claimed; none if it is.
    #[must_use]
    pub const fn why_not(&self, guarantee: Guarantee) -> Option<&'static str> {
        self.reasons[guarantee.index()]
    }

    /// The claimed ones.
    #[must_use]
    pub fn set(&self) -> GuaranteeSet {
        Guarantee::ALL.into_iter().filter(|guarantee| self.claims(*guarantee)).collect()
    }
}

/// What a protocol does not look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Symmetry {
    /// What nodes and clients are called, where nodes stand in a preference list that has all of them, and in which
    /// order they were asked: nodes that change their places do the same in each other's. (That a coordinator's own
    /// copy goes first is no such look.)
    pub names: bool,
    /// Whatever comes after the client was answered: it repairs nothing then.
    pub late_replies: bool,
}

impl Symmetry {
    /// It may look at everything.
    pub const NONE: Self = Self { names: false, late_replies: false };
}
