//! What is wrong, and under which demands: what a shrunk failure must go on showing.
//!
//! A symptom is made once, when a failure is confirmed. The minimiser, the exhaustive search below its result and the
//! search for a smaller cluster all ask the same question of their candidates: is it still shown? The checker of
//! certificates asks by its own means, for it is the second opinion.

use crate::judge::{Breakage, Demands, Finding, Stance, Subject};
use crate::model::Cluster;
use crate::search::minimise::Case;

/// See the [module](self).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Symptom {
    /// What is broken.
    pub breakage: Breakage,
    /// What runs were judged on when it was found.
    pub demands: Demands,
}

impl Symptom {
    /// This breakage, under these demands.
    #[must_use]
    pub const fn new(breakage: Breakage, demands: Demands) -> Self {
        Self { breakage, demands }
    }

    /// The demands that judge only this symptom on a cluster. An owed guarantee is judged only where the protocol claims
    /// it.
    #[must_use]
    pub fn demands_on(&self, subject: &dyn Subject, cluster: Cluster) -> Demands {
        let Self { breakage, demands } = *self;
        let owed_elsewhere = |guarantee| {
            demands.stance(guarantee) == Stance::Owed && !subject.claims(cluster).claims(guarantee)
        };
        match breakage {
            Breakage::Guarantee(guarantee) if owed_elsewhere(guarantee) => Demands::NOTHING,
            Breakage::Guarantee(guarantee) => demands.only(guarantee),
            _ => demands.of_nothing(),
        }
    }

    /// How a case shows it, in one run; `None` if it does not. (Nondeterminism takes two runs to see: see
    /// [`minimise`](crate::search::minimise::minimise).)
    #[must_use]
    pub fn shown_by(&self, subject: &dyn Subject, case: &Case) -> Option<Finding> {
        let mut runner =
            subject.runner(case.cluster, case.schedule.keys(), self.demands_on(subject, case.cluster));
        runner.run(&case.schedule).finding.filter(|finding| finding.breakage == self.breakage)
    }
}
