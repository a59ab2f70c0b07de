//! Shrinking: from a failing schedule to the smallest that the passes find.
//!
//! A schedule is a value, and every part of a schedule is a schedule. So the minimiser walks downhill over values, and
//! asks of each: *does it still fail in the same way?* [`Rank`] puts all cases in one order. The minimiser runs a
//! candidate only if it ranks lower, and takes every lower one that still fails. Ranks cannot fall for ever, so the
//! walk ends.
//!
//! The candidates come from **passes**, each a small value behind the one trait `Pass`:
//!
//! | module | what it tries |
//! |---|---|
//! | `delete` | kinds of trouble, keys, clients; halves, quarters (Zeller's ddmin); single steps, faults, messages |
//! | `merge` | two nodes, two clients or two keys as one |
//! | `weaken_fault` | a milder fault, or a lost or late message in place of a fault; smaller numbers |
//! | `simplify_operation` | other words or message fates for one operation; fates moved; an operation for a fault |
//! | `canonical_names` | the least names of nodes, clients and keys, and the least order of steps |
//! | `two_edits` | on small cases: two changes at once |
//!
//! The changes themselves are in `edits`: a pass chooses among them and orders them.
//!
//! The passes run in this order until a whole round changes nothing. The last round has then run every candidate of
//! every pass from the schedule that is returned, and each candidate passed. So the result is *1-minimal*, and
//! [`Minimal::one_minimal`] says so. Only [`exhaust`](crate::search::schedules) can tell whether something smaller
//! exists further away.
//!
//! Everything is deterministic, and no candidate is run twice.
//!
//! No pass changes the cluster, because it belongs to the question. To see the failure on a smaller cluster, call
//! [`on_a_smaller_cluster`].
//!
//! Not covered: a property that answers differently for the same case. The result is then only as good as its answers.

mod canonical_names;
mod delete;
mod descent;
mod edits;
mod merge;
mod pass;
mod rank;
mod simplify_operation;
mod smaller_cluster;
mod still_fails;
mod two_edits;
mod weaken_fault;

use std::fmt;

use crate::judge::{Breakage, Finding, Subject};
use crate::model::Cluster;
use crate::search::random::Faults;
use crate::search::symptom::Symptom;
use crate::world::schedule::Schedule;

use descent::Descent;
pub use rank::Rank;
pub(crate) use rank::compare;
pub use smaller_cluster::on_a_smaller_cluster;
pub(super) use smaller_cluster::on_smaller_clusters;
use still_fails::StillFails;

/// What is shrunk: a schedule, and the cluster it runs on.
///
/// A case prints as its text, as a schedule does: the cluster, a blank line, and the steps.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Case {
    /// The nodes and the quorums.
    pub cluster: Cluster,
    /// What happens.
    pub schedule: Schedule,
}

impl Case {
    /// The case's place in the order of preference.
    #[must_use]
    pub fn rank(&self) -> Rank {
        Rank::of(self)
    }

    /// Whether the cluster can be built, and has every node that the schedule names.
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

/// The result of shrinking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Minimal {
    /// The least case that was found.
    pub case: Case,
    /// How many cases were run.
    pub runs: u32,
    /// Whether every single deletion and simplification of the case was run and passed. False if the original case did
    /// not fail, or if [`MOST_RUNS`] runs were not enough.
    pub one_minimal: bool,
}

/// A failure of a protocol, shrunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MinimisedFailure {
    /// The least case that was found.
    pub minimal: Minimal,
    /// What is wrong with the case. `None` if the original case does not break what it was said to break.
    pub finding: Option<Finding>,
    /// The other failures that candidates showed, each with its least case. They are not shrunk.
    pub others: Vec<(Breakage, Case)>,
}

/// Shrinking runs at most this many cases. A schedule of some hundred steps takes some hundred runs.
pub const MOST_RUNS: u32 = 100_000;

/// Shrinks a case as long as the caller's property still fails. Returns the case unchanged if it does not fail.
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

/// Shrinks a failure of a protocol. Every smaller case must break the same thing.
///
/// The cluster stays the same, and only these kinds of fault may occur. So the result is about the cluster that was
/// asked for, and has no fault that was ruled out. A guarantee is judged alone, with the demands' stance towards it.
pub fn minimise(subject: &dyn Subject, symptom: Symptom, case: Case, kinds: Faults) -> MinimisedFailure {
    let mut still_fails = StillFails::new(subject, symptom, &case);
    let mut minimal = minimise_with(case, &mut |case| {
        kinds.covers(Faults::of(&case.schedule)) && still_fails.still_breaks(case)
    });
    minimal.runs = still_fails.runs();
    let finding = still_fails.finding(&minimal.case);
    MinimisedFailure { minimal, finding, others: still_fails.others() }
}

/// The candidates that one pass would try in place of a case; `None` if there is no such pass. For shrinkers that
/// cannot ask whether a candidate fails, because they are asked for the next one instead.
pub(super) fn candidates(case: &Case, pass: usize) -> Option<impl Iterator<Item = Case> + '_> {
    pass::ALL.get(pass).map(|pass| pass.candidates(case))
}
