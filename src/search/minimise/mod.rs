//! Shrinking: from a failing schedule to the shortest one there is.
//!
//! A schedule is a value, and every part of a schedule is a schedule; so shrinking is a walk downhill over values,
//! with one question asked of each: *does it still fail in the same way?* Downhill is one total order, that of
//! [`Rank`]: a candidate is only looked at if it is lower, and each lower one that still fails is taken. Ranks
//! cannot fall for ever, so the walk ends.
//!
//! The candidates come from **passes**, each a small value behind the one trait `Pass`:
//!
//! | folder of equals | what it tries |
//! |---|---|
//! | `delete` | whole kinds of trouble, whole keys and clients, halves and quarters (Zeller's ddmin), single steps, intervals of faults, single messages |
//! | `merge` | two nodes, two clients, two keys become one |
//! | `soften` | a fault becomes a milder one, or a message that is lost; numbers become smaller |
//! | `plainer` | one operation: another action, client, key, coordinator; its messages' fates, or those of another operation; an ordinary operation instead of a fault |
//! | `names` | the least names of nodes, clients and keys, and the least order of steps |
//! | `pairs` | of small cases: two changes at once |
//!
//! They run in this order until a whole round changes nothing. Whatever the way there, the last round has then run
//! every candidate of every pass from the schedule that is returned, and each of them passed: the result is
//! *1-minimal*, and [`Minimal::one_minimal`] says so. Whether something shorter exists further away, only
//! [`exhaust`](crate::search::schedules) can tell.
//!
//! Everything is deterministic, and no candidate is run twice.
//!
//! No pass changes the cluster: it belongs to the question. Who wants to see the failure on a smaller one asks for that
//! (`smaller_cluster`).
//!
//! Not covered: a property that answers differently for the same case (the result is then only what was answered).

mod delete;
mod descent;
mod merge;
mod names;
mod pass;
mod rank;
mod simplify_operation;
mod smaller_cluster;
mod still_fails;
mod two_edits;
mod weaken_fault;

use std::fmt;

use crate::judge::{Breakage, Demands, Finding, Subject};
use crate::model::Cluster;
use crate::search::random::Faults;
use crate::world::schedule::Schedule;

use descent::Descent;
pub use rank::Rank;
pub(crate) use rank::compare;
pub use smaller_cluster::on_a_smaller_cluster;
pub(super) use smaller_cluster::on_smaller_clusters;
use still_fails::StillFails;
pub(crate) use still_fails::sole_demand;

/// What is shrunk: a schedule, and the cluster it runs on.
///
/// As a schedule does, it prints as its text: the cluster, and after a blank line the steps.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Case {
    /// The nodes and the quorums.
    pub cluster: Cluster,
    /// What happens.
    pub schedule: Schedule,
}

impl Case {
    /// Where it stands in the order of preference.
    #[must_use]
    pub fn rank(&self) -> Rank {
        Rank::of(self)
    }

    /// Whether every node that it names is there.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let all = crate::id::NodeSet::first(usize::from(self.cluster.nodes));
        self.cluster.validate().is_ok() && self.schedule.nodes().minus(all).is_empty()
    }
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

/// What shrinking comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Minimal {
    /// The least case that was found.
    pub case: Case,
    /// How many cases were run.
    pub runs: u32,
    /// Whether every single deletion and simplification of it was run, and passes. It is not where the case given
    /// did not fail in the first place, or where [`MOST_RUNS`] were not enough.
    pub one_minimal: bool,
}

/// A failure of a protocol, shrunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MinimisedFailure {
    /// The least case that was found.
    pub minimal: Minimal,
    /// What is wrong with it. None: the case given does not break what it was said to break.
    pub finding: Option<Finding>,
    /// What else was broken by cases met on the way, each with the least case that was met: failures of their own,
    /// not shrunk.
    pub others: Vec<(Breakage, Case)>,
}

/// Shrinking never runs more cases than this. A schedule of some hundred steps takes some hundred runs.
pub const MOST_RUNS: u32 = 100_000;

/// Shrinks a case for as long as the user's own property still fails. A case that does not fail is given back.
///
/// ```
/// use quorate::model::Cluster;
/// use quorate::search::minimise::{Case, minimise_with};
///
/// let schedule = "put c1 k1 via n1\ncrash n2\nput c3 k2 via n2 (to n1 late)\nget c2 k1 via n3".parse()?;
/// let case = Case { cluster: Cluster::default(), schedule };
/// // Whatever the property is; here: two clients are at work.
/// let minimal = minimise_with(case, &mut |case| {
///     let first = case.schedule.operations().next().map(|operation| operation.client);
///     case.schedule.operations().any(|operation| Some(operation.client) != first)
/// });
/// assert_eq!(minimal.case.schedule.to_string(), "get c1 k1 via n1\nget c2 k1 via n1");
/// assert!(minimal.one_minimal);
/// # Ok::<(), quorate::world::schedule_text::BadText>(())
/// ```
pub fn minimise_with(case: Case, still_fails: &mut dyn FnMut(&Case) -> bool) -> Minimal {
    let mut descent = Descent::new(case, still_fails);
    if !descent.begins() {
        return descent.end(false);
    }
    loop {
        let before = descent.improvements();
        pass::ALL.iter().for_each(|pass| pass.run(&mut descent));
        if descent.improvements() == before {
            let complete = !descent.is_spent();
            return descent.end(complete);
        }
    }
}

/// Shrinks a failure of a protocol, which breaks one thing and must go on breaking the same.
///
/// The cluster is held, and so are the kinds of fault: what comes out is about the cluster that was asked for, and
/// no fault goes wrong in it that was not to occur. A guarantee is judged alone, with the stance that the demands have
/// towards it.
pub fn minimise(
    subject: &dyn Subject,
    demands: &Demands,
    case: Case,
    breakage: Breakage,
    kinds: Faults,
) -> MinimisedFailure {
    let mut still_fails = StillFails::new(subject, demands, &case, breakage);
    let mut minimal = minimise_with(case, &mut |case| {
        kinds.covers(Faults::of(&case.schedule)) && still_fails.still_breaks(case)
    });
    minimal.runs = still_fails.runs();
    let finding = still_fails.finding(&minimal.case);
    MinimisedFailure { minimal, finding, others: still_fails.others() }
}

/// What one of the passes would try instead of a case; none: there are no more passes. For shrinkers that cannot ask
/// whether a candidate fails, and are asked for the next one instead.
pub(super) fn candidates(case: &Case, pass: usize) -> Option<impl Iterator<Item = Case> + '_> {
    pass::ALL.get(pass).map(|pass| pass.candidates(case))
}
