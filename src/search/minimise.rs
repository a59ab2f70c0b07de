//! A stand-in for the minimiser, behind the same signatures.

use std::fmt;

use crate::check::{Breakage, Demands, Subject};
use crate::model::Cluster;
use crate::search::smaller::Smaller;
use crate::world::schedule::Schedule;

/// A schedule, and the cluster it runs on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Case {
    /// The cluster.
    pub cluster: Cluster,
    /// The schedule.
    pub schedule: Schedule,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cluster {}\n\n{}", self.cluster, self.schedule)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is left of a case.
#[derive(Clone, Debug)]
pub struct Minimal {
    /// The case.
    pub case: Case,
    /// How many candidates were tried.
    pub runs: u32,
    /// Whether no single step can be left out.
    pub one_minimal: bool,
}

/// A failure of a protocol, shrunk.
#[derive(Clone, Debug)]
pub struct MinimisedFailure {
    /// The least case that was found.
    pub minimal: Minimal,
}

/// The smallest case it finds that still fails.
pub fn minimise_with(case: Case, still_fails: &mut dyn FnMut(&Case) -> bool) -> Minimal {
    let cluster = case.cluster;
    let mut smaller = Smaller::than(case.schedule);
    let mut runs = 0;
    while let Some(schedule) = smaller.next() {
        runs += 1;
        let candidate = Case { cluster, schedule };
        if still_fails(&candidate) {
            smaller.adopt(candidate.schedule);
        }
    }
    Minimal { case: Case { cluster, schedule: smaller.base().clone() }, runs, one_minimal: true }
}

/// The smallest case it finds that still breaks the same.
pub fn minimise(
    subject: &dyn Subject,
    demands: &Demands,
    case: Case,
    breakage: Breakage,
) -> MinimisedFailure {
    let mut runner = subject.runner(case.cluster, 64, *demands);
    let minimal = minimise_with(case, &mut |case| {
        runner.run(&case.schedule).finding.is_some_and(|finding| finding.breakage == breakage)
    });
    MinimisedFailure { minimal }
}
