//! Small worlds, and searches of them.

use quorate::guarantee::GuaranteeSet;
use quorate::judge::{Breakage, Demands, Subject};
use quorate::prelude::*;
use quorate::protocols;
use quorate::search::states::{Explored, Limits, Reductions, StateScope, explore};

/// A built-in protocol.
pub(crate) fn built_in(name: &str) -> &'static dyn Subject {
    protocols::find(name).unwrap_or_else(|| panic!("{name}")).subject
}

/// What it claims.
pub(crate) fn claimed(subject: &dyn Subject, cluster: Cluster) -> Demands {
    Demands::of_claims(&subject.claims(cluster))
}

/// One guarantee, whether it is claimed or not.
pub(crate) fn expected(guarantee: Guarantee) -> Demands {
    Demands::NOTHING.expecting(GuaranteeSet::only(guarantee))
}

/// A search with every reduction.
pub(crate) fn reduced(subject: &dyn Subject, demands: &Demands, scope: &StateScope) -> Explored {
    explore(subject, demands, scope, Reductions::ALL, Limits::default(), &())
}

/// A search with none.
pub(crate) fn plain(subject: &dyn Subject, demands: &Demands, scope: &StateScope) -> Explored {
    explore(subject, demands, scope, Reductions::NONE, Limits::default(), &())
}

/// What was found, and how deep.
pub(crate) fn verdict(explored: &Explored) -> (bool, Option<(u32, Breakage)>) {
    let found = explored.found.as_ref().map(|found| (found.depth, found.finding.breakage));
    (explored.complete, found)
}

/// What was found replays to the same failure, by its text, under a runner of schedules.
#[track_caller]
pub(crate) fn replays(subject: &dyn Subject, demands: &Demands, explored: &Explored) {
    let found = explored.found.as_ref().expect("something is found");
    let schedule = found.schedule.to_string().parse().unwrap_or_else(|bad| panic!("{bad}"));
    let mut runner = subject.runner(explored.scope.cluster, usize::from(explored.scope.keys), *demands);
    let trial = runner.run(&schedule);
    assert_eq!(trial.finding.as_ref(), Some(&found.finding), "{}:\n{schedule}", subject.name());
}
