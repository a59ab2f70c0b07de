//! What a run is judged on.

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::judge::verdict::Stance;
use crate::model::Claims;

/// A stance towards each guarantee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demands {
    stances: [Stance; Guarantee::COUNT],
    /// Whether a run is judged on its reads at rest even if no judged guarantee needs them.
    at_rest: bool,
    /// Whether nobody can look inside the judged system.
    history_alone: bool,
}

impl Demands {
    /// Nothing is judged.
    pub const NOTHING: Self =
        Self { stances: [Stance::Ignored; Guarantee::COUNT], at_rest: false, history_alone: false };

    /// Judges the claimed guarantees as owed, and ignores the rest.
    #[must_use]
    pub fn of_claims(claims: &Claims) -> Self {
        Self::NOTHING.with(claims.set(), Stance::Owed)
    }

    /// Expects these guarantees too, though nobody claims them; facts of the run still excuse. A guarantee that is
    /// judged already keeps its stance.
    #[must_use]
    pub fn expecting(self, guarantees: GuaranteeSet) -> Self {
        let unclaimed = guarantees.iter().filter(|guarantee| !self.judges(*guarantee)).collect();
        self.with(unclaimed, Stance::Expected)
    }

    /// Demands these guarantees outright.
    #[must_use]
    pub fn demanding(self, guarantees: GuaranteeSet) -> Self {
        self.with(guarantees, Stance::Demanded)
    }

    /// Ignores these guarantees; runs stay as long as before.
    #[must_use]
    pub fn without(mut self, guarantees: GuaranteeSet) -> Self {
        self.at_rest = self.at_rest();
        guarantees.iter().for_each(|guarantee| self.stances[guarantee.index()] = Stance::Ignored);
        self
    }

    /// Judges only this guarantee, with its stance. A run that was brought to quiescence before still is.
    #[must_use]
    pub fn only(self, guarantee: Guarantee) -> Self {
        let mut one = self.of_nothing();
        one.stances[guarantee.index()] = self.stance(guarantee);
        one
    }

    /// Judges nothing, on runs as long as before.
    #[must_use]
    pub fn of_nothing(self) -> Self {
        Self { at_rest: self.at_rest(), history_alone: self.history_alone, ..Self::NOTHING }
    }

    /// Adds reads at rest, even if no guarantee needs them.
    #[must_use]
    pub const fn through_rest(self) -> Self {
        Self { at_rest: true, ..self }
    }

    /// Whether a run goes on at rest, reading every key until nothing is left to repair.
    #[must_use]
    pub const fn at_rest(&self) -> bool {
        self.at_rest || self.judges(Guarantee::Convergence) || self.judges(Guarantee::Durable)
    }

    /// Combines both: each guarantee takes the stricter stance.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (held, other) in self.stances.iter_mut().zip(other.stances) {
            *held = (*held).max(other);
        }
        self.at_rest |= other.at_rest;
        self.history_alone |= other.history_alone;
        self
    }

    /// Keeps the guarantees that a history alone can judge, and judges them from it.
    #[must_use]
    pub fn of_history_only(mut self) -> Self {
        self.history_alone = true;
        for guarantee in Guarantee::ALL.into_iter().filter(|guarantee| !guarantee.is_of_history()) {
            self.stances[guarantee.index()] = Stance::Ignored;
        }
        self
    }

    /// Whether everything is judged from the history alone, because nobody can look inside.
    #[must_use]
    pub const fn are_of_history_only(&self) -> bool {
        self.history_alone
    }

    /// The stance towards a guarantee.
    #[inline]
    #[must_use]
    pub const fn stance(&self, guarantee: Guarantee) -> Stance {
        self.stances[guarantee.index()]
    }

    /// All stances, by [`Guarantee::index`].
    #[must_use]
    pub const fn stances(&self) -> [Stance; Guarantee::COUNT] {
        self.stances
    }

    /// Whether a guarantee is judged at all.
    #[inline]
    #[must_use]
    pub const fn judges(&self, guarantee: Guarantee) -> bool {
        !matches!(self.stance(guarantee), Stance::Ignored)
    }

    /// The guarantees that are judged.
    #[must_use]
    pub fn judged(&self) -> GuaranteeSet {
        Guarantee::ALL.into_iter().filter(|guarantee| self.judges(*guarantee)).collect()
    }

    fn with(mut self, guarantees: GuaranteeSet, stance: Stance) -> Self {
        for guarantee in guarantees.iter() {
            let held = &mut self.stances[guarantee.index()];
            *held = (*held).max(stance);
        }
        self
    }
}
