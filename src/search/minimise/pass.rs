//! The trait that all passes implement, and the order in which they run.

use super::descent::Descent;
use super::{Case, canonical_names, delete, merge, simplify_operation, two_edits, weaken_fault};
use crate::world::schedule::Schedule;

/// Candidates, made one at a time.
pub(super) type Candidates<'c> = Box<dyn Iterator<Item = Case> + 'c>;

/// One way of making a case smaller or plainer.
pub(super) trait Pass: Sync {
    /// The cases to try in place of this one. A pass need not check that they are better.
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c>;

    /// Tries the candidates. A pass overrides this if its next candidate depends on the last answer.
    fn run(&self, descent: &mut Descent<'_>) {
        descent.attempt_all(|case| self.candidates(case));
    }
}

/// All passes, in order: those that throw away most run first.
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
    &canonical_names::LeastNames,
    &canonical_names::Exchange,
    &canonical_names::Order,
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
    /// The same cluster with this schedule.
    pub(super) fn with(&self, schedule: Schedule) -> Self {
        Self { cluster: self.cluster, schedule }
    }

    /// A copy of the case with its schedule edited.
    pub(super) fn edited(&self, edit: impl FnOnce(&mut Schedule)) -> Self {
        let mut case = self.clone();
        edit(&mut case.schedule);
        case
    }
}
