//! Other names for the same schedule: its normal form, and renamings.
//!
//! [`Schedule::normalised`] changes only what no run can tell. The renamings change a name wherever it occurs; the
//! caller must know whether the run is still the same.
//!
//! Not done: anything that needs to know the protocol, such as dropping the loss of a message that is never
//! sent, or giving the least names to clients, keys and nodes (whose order decides ties and the places of
//! keys). The minimiser tries that, and keeps what still fails.

use super::schedule::{Schedule, Step};
use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::Action;
use crate::op_set::OpSet;

impl Schedule {
    /// The same run in its plainest words. Where a person may write a thing in several ways:
    ///
    /// - **operations are numbered from 1**, and references follow. The order of the labels stays, since it may
    ///   decide a tie; if labels rise along the schedule, they become the ordinals and need not be printed;
    /// - **exceptions** are sorted by name, each name once. An exception that names no message is dropped: no such
    ///   message is ever sent;
    /// - **`arrive` and `timeout` of an operation not yet invoked** are dropped: it has no message on its way, and no
    ///   waiting coordinator;
    /// - **a cut with an empty side** is dropped: it separates no nodes. In any other cut in both directions the side
    ///   with the least node comes first: the cut is the same from both;
    /// - **a blind read** is a read: a read carries no context that it could leave out.
    #[must_use]
    pub fn normalised(&self) -> Self {
        let mut invoked = OpSet::new();
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let idle = match step {
                Step::Operation(operation) => {
                    invoked.insert(operation.op);
                    false
                }
                Step::Arrive { op, name } => !name.is_possible() || !invoked.contains(*op),
                Step::Timeout { op } => !invoked.contains(*op),
                Step::Cut { side, other } => side.is_empty() || other.is_empty(),
                Step::CutOneWay { from, to } => from.is_empty() || to.is_empty(),
                _ => false,
            };
            if !idle {
                steps.push(plainest(step.clone()));
            }
        }
        let mut schedule = Self { steps };
        schedule.sort_exceptions();
        let labels: Vec<OpId> = invoked.iter().collect();
        schedule.rename_operations(|op| {
            labels.binary_search(&op).map_or(op, |position| OpId(position as u16 + 1))
        });
        schedule
    }

    /// Gives operations other labels, and changes every reference with them.
    pub fn rename_operations(&mut self, rename: impl Fn(OpId) -> OpId) {
        for step in &mut self.steps {
            match step {
                Step::Operation(operation) => operation.op = rename(operation.op),
                Step::Arrive { op, .. } | Step::Timeout { op } => *op = rename(*op),
                _ => {}
            }
        }
    }

    /// Gives clients other names. Two clients may become one.
    pub fn rename_clients(&mut self, rename: impl Fn(ClientId) -> ClientId) {
        for step in &mut self.steps {
            if let Step::Operation(operation) = step {
                operation.client = rename(operation.client);
            }
        }
    }

    /// Gives keys other names. Two keys may become one.
    pub fn rename_keys(&mut self, rename: impl Fn(Key) -> Key) {
        for step in &mut self.steps {
            if let Step::Operation(operation) = step {
                operation.key = rename(operation.key);
            }
        }
    }

    /// Gives nodes other names: coordinators, the replicas of named messages, both sides of cuts, and whatever a fault
    /// befalls. Two nodes may become one; if two messages of an operation so become one, the first one's fate is kept.
    pub fn rename_nodes(&mut self, rename: impl Fn(NodeId) -> NodeId) {
        let rename_all = |nodes: &mut NodeSet| *nodes = nodes.iter().map(&rename).collect();
        for step in &mut self.steps {
            match step {
                Step::Operation(operation) => {
                    operation.via = rename(operation.via);
                    for exception in &mut operation.exceptions {
                        exception.name.replica = exception.name.replica.map(&rename);
                    }
                    operation.sort_exceptions();
                }
                Step::Arrive { name, .. } => name.replica = name.replica.map(&rename),
                Step::Cut { side: a, other: b } | Step::CutOneWay { from: a, to: b } => {
                    rename_all(a);
                    rename_all(b);
                }
                Step::Suspect { at, whom } => {
                    *at = rename(*at);
                    *whom = rename(*whom);
                }
                Step::Pause { node }
                | Step::Crash { node }
                | Step::Restart { node }
                | Step::Wipe { node }
                | Step::Skew { node, .. }
                | Step::Wake { node } => *node = rename(*node),
                Step::Timeout { .. } | Step::Heal | Step::Trust | Step::Tick { .. } => {}
            }
        }
    }
}

/// A step in its plainest form.
fn plainest(mut step: Step) -> Step {
    match &mut step {
        Step::Operation(operation) => {
            operation.blind &= operation.action != Action::Get;
            operation.exceptions.retain(|exception| exception.name.is_possible());
        }
        Step::Cut { side, other } if other.iter().lt(side.iter()) => std::mem::swap(side, other),
        _ => {}
    }
    step
}
