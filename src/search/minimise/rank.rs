//! The order of preference among failing cases.
//!
//! Size comes first ([`Schedule::size`](crate::world::schedule::Schedule::size)). Cases of equal size compare in this
//! order:
//!
//! 1. fewer faults begun, then fewer lost, late and doubled messages: of two schedules of one size, the one with more
//!    ordinary steps says more, because anybody can add an operation and nobody can order a fault; then fewer
//!    operations with a consistency level of their own;
//! 2. fewer nodes named, then lower keys and clients;
//! 3. a smaller cluster, then a lower N, R, W;
//! 4. fewer free steps;
//! 5. less [severe](severity) words;
//! 6. smaller numbers;
//! 7. the first in the order of schedules themselves: step by step, operations before what goes wrong between them,
//!    lower labels, clients, keys and nodes first.
//!
//! No two different cases are equal in this order, so there is one least case, and every way down should end there.

use std::cmp::Ordering;

use super::Case;
use crate::id::{ClientId, Key, NodeSet};
use crate::model::{Action, Level};
use crate::world::schedule::{Exception, Fate, Operation, Step};

/// The rank of a case: lower is better. Cases of one rank are told apart by their steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Rank {
    size: usize,
    faults: usize,
    exceptions: usize,
    levels: usize,
    nodes: usize,
    keys: Key,
    clients: ClientId,
    cluster: [u8; 4],
    free: usize,
    severity: u64,
    values: u64,
}

impl Rank {
    pub(super) fn of(case: &Case) -> Self {
        let cluster = case.cluster;
        let mut rank = Self {
            size: 0,
            faults: 0,
            exceptions: 0,
            levels: 0,
            nodes: 0,
            keys: Key(0),
            clients: ClientId(0),
            cluster: [cluster.nodes, cluster.n, cluster.r, cluster.w],
            free: 0,
            severity: 0,
            values: 0,
        };
        let mut nodes = NodeSet::EMPTY;
        for step in &case.schedule.steps {
            nodes = nodes.or(step.nodes());
            rank.size += step.size();
            rank.severity += severity(step);
            rank.values += values(step);
            match step {
                Step::Operation(operation) => {
                    rank.exceptions += operation.exceptions.len();
                    rank.levels += usize::from(operation.level != Level::Default);
                    rank.keys = rank.keys.max(operation.key);
                    rank.clients = rank.clients.max(operation.client);
                }
                fault if fault.size() > 0 => rank.faults += 1,
                _ => rank.free += 1,
            }
        }
        rank.nodes = nodes.len();
        rank
    }
}

/// Whether a case comes before another one.
pub(super) fn precedes(a: &Case, b: &Case) -> bool {
    compare(a, b) == Ordering::Less
}

/// The total order.
pub(crate) fn compare(a: &Case, b: &Case) -> Ordering {
    a.rank().cmp(&b.rank()).then_with(|| a.schedule.cmp(&b.schedule))
}

/// How severe a step is, to compare cases that are otherwise equal.
///
/// From the worst: a lost disk, a crash, a pause, a cut, a cut in one direction, a lost message, a suspicion. A *late*
/// message is worse than a lost one, and a *doubled* one (or one that is both) is worse still, though networks delay
/// and double messages more often. A lost message has no further consequences, so a story that says `late` says that
/// the arrival matters.
fn severity(step: &Step) -> u64 {
    match step {
        Step::Operation(Operation { action, blind, exceptions, .. }) => {
            let action = match action {
                Action::Get => 0,
                Action::Put => 1,
                Action::Delete => 2,
            };
            let fates = exceptions.iter().map(|Exception { fate, .. }| match fate {
                Fate::Lost => 1,
                Fate::Late => 2,
                Fate::Doubled => 3,
                Fate::Twice => 4,
            });
            action + u64::from(*blind) + fates.sum::<u64>()
        }
        Step::Wipe { .. } => 7,
        Step::Crash { .. } => 6,
        Step::Pause { .. } => 5,
        Step::Cut { side, other } => 3 + 2 * (side.len() * other.len()) as u64,
        Step::CutOneWay { from, to } => 2 + (from.len() * to.len()) as u64,
        Step::Skew { .. } | Step::Suspect { .. } => 1,
        _ => 0,
    }
}

/// The sum of the numbers in a step.
fn values(step: &Step) -> u64 {
    match step {
        Step::Operation(operation) => {
            operation.exceptions.iter().map(|exception| u64::from(exception.name.attempt)).sum()
        }
        Step::Arrive { name, .. } => u64::from(name.attempt),
        Step::Tick { ms } => u64::from(*ms),
        Step::Skew { ms, .. } => 2 * u64::from(ms.unsigned_abs()) + u64::from(*ms < 0),
        _ => 0,
    }
}
