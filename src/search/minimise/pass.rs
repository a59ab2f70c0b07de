//! The one trait behind which all passes stand, and their order.

use super::descent::Descent;
use super::{Case, delete, merge, names, simplify_operation, two_edits, weaken_fault};
use crate::world::schedule::Schedule;

/// Candidates, made one at a time.
pub(super) type Candidates<'c> = Box<dyn Iterator<Item = Case> + 'c>;

/// One way of making a case smaller or plainer.
pub(super) trait Pass: Sync {
    /// What could be tried instead of a case. Whether a candidate is better at all is not asked here.
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c>;

    /// Tries them. A pass that asks what to try next only after each answer writes this itself.
    fn run(&self, descent: &mut Descent<'_>) {
        descent.attempt_all(|case| self.candidates(case));
    }
}

/// All passes, in the order in which they pay: first what throws away most.
pub(super) const ALL: &[&dyn Pass] = &[
    &delete::WholeKinds,
    &delete::Chunks,
    &delete::ExceptionChunks,
    &delete::Intervals,
    &delete::Singles,
    &merge::Merge,
    &weaken_fault::WeakenFault,
    &simplify_operation::SimplifyOperation,
    &simplify_operation::Elsewhere,
    &simplify_operation::Ordinary,
    &names::LeastNames,
    &names::Exchange,
    &names::Order,
    &two_edits::LeftOut,
    &two_edits::Rerouted,
    &two_edits::MergedAndEnded,
    &two_edits::OneCut,
    &two_edits::OneLink,
    &two_edits::OneWipe,
    &two_edits::Unpacked,
    &two_edits::Levels,
    &two_edits::ExchangedAndMoved,
];

impl Case {
    /// The same cluster, and this schedule instead.
    pub(super) fn with(&self, schedule: Schedule) -> Self {
        Self { cluster: self.cluster, schedule }
    }

    /// The same case, with this done to its schedule.
    pub(super) fn edited(&self, edit: impl FnOnce(&mut Schedule)) -> Self {
        let mut case = self.clone();
        edit(&mut case.schedule);
        case
    }
}
