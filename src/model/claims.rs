//! What a protocol says about itself: what it claims in a configuration, why it does not claim the rest, and what it
//! does not look at.

use crate::guarantee::{Guarantee, GuaranteeSet};

/// For each guarantee: claimed, or the reason why not.
///
/// A claim says *owed in this configuration*. Facts of one run (a lost disk, a skewed clock) may excuse single
/// obligations; the judges decide that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claims {
    reasons: [Option<&'static str>; Guarantee::COUNT],
}

impl Claims {
    /// Claims everything.
    #[must_use]
    pub const fn everything() -> Self {
        Self { reasons: [None; Guarantee::COUNT] }
    }

    /// Claims none of these, for this reason.
    #[must_use]
    pub fn except(mut self, guarantees: &[Guarantee], reason: &'static str) -> Self {
        for guarantee in guarantees {
            self.reasons[guarantee.index()] = Some(reason);
        }
        self
    }

    /// Like [`except`](Self::except), if the condition holds.
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

    /// Whether this guarantee is claimed.
    #[must_use]
    pub const fn claims(&self, guarantee: Guarantee) -> bool {
        self.reasons[guarantee.index()].is_none()
    }

    /// Why this guarantee is not claimed; none if it is.
    #[must_use]
    pub const fn why_not(&self, guarantee: Guarantee) -> Option<&'static str> {
        self.reasons[guarantee.index()]
    }

    /// The claimed guarantees.
    #[must_use]
    pub fn set(&self) -> GuaranteeSet {
        Guarantee::ALL.into_iter().filter(|guarantee| self.claims(*guarantee)).collect()
    }
}

/// What a protocol does not look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Symmetry {
    /// The names of nodes and clients, the places of nodes in a preference list that has all of them, and the order in
    /// which they were asked: nodes that swap places swap what they do. (It is no such look that a coordinator's own
    /// copy goes first.)
    pub names: bool,
    /// Replies that come after the client was answered: they cause no repair.
    pub late_replies: bool,
}

impl Symmetry {
    /// The protocol may look at everything.
    pub const NONE: Self = Self { names: false, late_replies: false };
}
