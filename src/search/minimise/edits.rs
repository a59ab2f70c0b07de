//! Changes of a case that mean something: the words in which passes speak.
//!
//! A pass chooses among these edits and orders them; two edits at once are one edit of another's result. Each gives a
//! new case and leaves the old one alone. What refers to a part that is taken away goes with it: an arrival goes with
//! the message that is late.
//!
//! Not here: edits that only one pass makes.

use itertools::{Itertools, iproduct};

use super::Case;
use crate::id::{ClientId, NodeId, OpId};
use crate::model::{Level, MessageKind};
use crate::world::schedule::{Exception, MessageName, Schedule, Step};

/// Steps of schedules up to this length are moved anywhere; of longer ones, past one other.
pub(super) const MOVED_ANYWHERE: usize = 12;

/// The places of the operations.
pub(super) fn operations(case: &Case) -> Vec<usize> {
    case.schedule.steps.iter().positions(|step| step.operation().is_some()).collect()
}

/// The places of the faults.
pub(super) fn faults(case: &Case) -> impl Iterator<Item = usize> + '_ {
    case.schedule.steps.iter().positions(|step| step.size() > 0 && step.operation().is_none())
}

/// The cases without one counted step, or without one exception.
pub(super) fn parts_left_out(case: &Case) -> Vec<Case> {
    let mut shorter = Vec::new();
    for (at, step) in case.schedule.steps.iter().enumerate().rev() {
        if step.size() > 0 {
            shorter.push(case.edited(|schedule| drop(schedule.steps.remove(at))));
        }
        let exceptions = step.operation().map_or(0, |operation| operation.exceptions.len());
        shorter.extend((0..exceptions).map(|gone| without_exception(case, at, gone)));
    }
    shorter
}

/// The case without one exception of the operation at this place, and without that message's arrival.
pub(super) fn without_exception(case: &Case, at: usize, gone: usize) -> Case {
    case.edited(|schedule| {
        let Some(Step::Operation(operation)) = schedule.steps.get_mut(at) else { return };
        let (op, name) = (operation.op, operation.exceptions.remove(gone).name);
        schedule.steps.retain(|step| *step != Step::Arrive { op, name });
    })
}

/// The case without its free steps: ends of faults, arrivals, ticks.
pub(super) fn without_free_steps(case: &Case) -> Case {
    case.edited(|schedule| schedule.steps.retain(|step| step.size() > 0))
}

/// The step that ends a fault.
pub(super) fn end_of(step: &Step) -> Option<Step> {
    match *step {
        Step::Cut { .. } | Step::CutOneWay { .. } => Some(Step::Heal),
        Step::Suspect { .. } => Some(Step::Trust),
        Step::Pause { node } | Step::Crash { node } => Some(Step::Restart { node }),
        _ => None,
    }
}

/// Only the operations, without exceptions.
pub(super) fn without_trouble(case: &Case) -> Case {
    case.edited(|schedule| {
        schedule.steps.retain(|step| step.operation().is_some());
        for step in &mut schedule.steps {
            if let Step::Operation(operation) = step {
                operation.exceptions.clear();
            }
        }
    })
}

/// Makes the writes of one client blind, or of all clients if none is given.
pub(super) fn blind(case: &Case, client: Option<ClientId>) -> Case {
    case.edited(|schedule| {
        for step in &mut schedule.steps {
            match step {
                Step::Operation(operation) if client.is_none_or(|client| client == operation.client) => {
                    operation.blind = operation.action.is_write();
                }
                _ => {}
            }
        }
    })
}

/// Makes one write blind.
pub(super) fn blind_at(case: &Case, at: usize) -> Case {
    case.edited(|schedule| {
        if let Step::Operation(operation) = &mut schedule.steps[at] {
            operation.blind = operation.action.is_write();
        }
    })
}

/// Gives an operation an exception, in place of any it has for the same message.
pub(super) fn give(schedule: &mut Schedule, place: usize, exception: Exception) {
    if let Some(Step::Operation(operation)) = schedule.steps.get_mut(place) {
        operation.exceptions.retain(|old| old.name != exception.name);
        operation.exceptions.push(exception);
        operation.exceptions.sort_unstable();
    }
}

/// Sets the level of one operation and clears its exceptions.
pub(super) fn at_level(case: &Case, at: usize, level: Level) -> Case {
    case.edited(|schedule| {
        if let Step::Operation(operation) = &mut schedule.steps[at] {
            operation.level = level;
            operation.exceptions.clear();
        }
    })
}

/// Every move of one operation to another coordinator.
pub(super) fn through_other_nodes(case: &Case) -> Vec<Case> {
    let mut moved = Vec::new();
    for (at, via) in iproduct!(operations(case), case.cluster.node_ids().collect_vec()) {
        moved.push(case.edited(|schedule| {
            if let Step::Operation(operation) = &mut schedule.steps[at] {
                operation.via = via;
            }
        }));
    }
    moved.retain(|moved| moved != case);
    moved
}

/// Every exchange of two neighbouring steps, with the operations numbered in order.
pub(super) fn neighbours_exchanged(case: &Case) -> Vec<Case> {
    let exchanged = |at: usize| {
        case.edited(|schedule| {
            schedule.steps.swap(at - 1, at);
            numbered_in_order(schedule);
        })
    };
    (1..case.schedule.steps.len()).map(exchanged).collect()
}

/// Every exchange of two nodes throughout the schedule.
pub(super) fn nodes_exchanged(case: &Case) -> Vec<Case> {
    let pairs = case.cluster.node_ids().collect_vec().into_iter().array_combinations();
    pairs.map(|[a, b]| case.edited(|schedule| exchange(schedule, a, b))).collect()
}

fn exchange(schedule: &mut Schedule, a: NodeId, b: NodeId) {
    schedule.rename_nodes(|node| match node {
        node if node == a => b,
        node if node == b => a,
        node => node,
    });
}

/// Every exchange of two nodes within a run of steps. Runs of several steps are tried only in short schedules: there
/// are as many runs as steps squared.
pub(super) fn nodes_exchanged_for_a_while(case: &Case) -> impl Iterator<Item = Case> + use<> {
    let length = case.schedule.steps.len();
    let most = if length <= MOVED_ANYWHERE { length } else { 1 };
    let runs = (1..=most).rev().flat_map(move |run| (0..=length - run).map(move |from| from..from + run));
    let pairs = case.cluster.node_ids().collect_vec().into_iter().array_combinations().collect_vec();
    let case = case.clone();
    iproduct!(runs, pairs).map(move |(run, [a, b])| {
        case.edited(|schedule| {
            let of_run = schedule.steps[run.clone()].iter().filter_map(Step::operation);
            let labels = of_run.map(|operation| operation.op).collect_vec();
            for (at, step) in schedule.steps.iter_mut().enumerate() {
                let refers = step.refers_to().is_some_and(|label| labels.contains(&label));
                let inside = run.contains(&at) && step.refers_to().is_none();
                if inside || refers {
                    let mut alone = Schedule::from(vec![step.clone()]);
                    exchange(&mut alone, a, b);
                    alone.steps.pop().into_iter().for_each(|renamed| *step = renamed);
                }
            }
        })
    })
}

/// Numbers the operations in order.
pub(super) fn numbered_in_order(schedule: &mut Schedule) {
    let labels = schedule.operations().map(|operation| operation.op).collect_vec();
    schedule.rename_operations(|op| place(&labels, op).map_or(op, OpId::at));
}

pub(super) fn place<T: PartialEq + Copy>(list: &[T], wanted: T) -> Option<usize> {
    list.iter().position(|one| *one == wanted)
}

/// The messages of these kinds that an operation may send: each kind that goes to a replica, once for each node.
pub(super) fn messages(case: &Case, kinds: &[MessageKind]) -> Vec<MessageName> {
    let nodes = case.cluster.node_ids().collect_vec();
    let of = |kind: &MessageKind| {
        let kind = *kind;
        let replicas =
            if kind.is_of_client() { vec![None] } else { nodes.iter().copied().map(Some).collect() };
        replicas.into_iter().map(move |replica| MessageName { kind, replica, attempt: 0 }).collect_vec()
    };
    kinds.iter().flat_map(of).collect()
}
