//! Passes that make two changes at once, for cases that are already small.
//!
//! A case can be stuck where no single change helps. To leave one operation out, another may have to go through another
//! node; to lose a message instead of cutting a node off, the operation may have to come later. Two changes at once can
//! get out. There are as many pairs as there are changes squared, so pairs are tried last, and only on small cases.
//!
//! Not here: three changes at once. The exhaustive search finds what needs them.

use std::iter::once;

use itertools::{Itertools, iproduct};

use super::Case;
use super::edits::{
    at_level, end_of, faults, give, messages, neighbours_exchanged, nodes_exchanged,
    nodes_exchanged_for_a_while, operations, parts_left_out, through_other_nodes, without_exception,
    without_free_steps, without_trouble,
};
use super::pass::{Candidates, Pass};
use crate::id::{ClientId, MAX_CLIENTS, NodeId, NodeSet};
use crate::model::{Action, Level, MessageKind};
use crate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};

/// Cases up to this size count as small.
const SMALL: usize = 8;

/// Cases up to this size count as very small: passes that try other faults and moves try only these.
const VERY_SMALL: usize = 5;

/// Some pairs are tried only on clusters of up to this many nodes; larger clusters have too many.
const FEW_NODES: u8 = 4;

/// Leaves out one counted step, one exception or all free steps; then changes one word of an operation, or the order of
/// two steps.
pub(super) struct LeftOut;

impl Pass for LeftOut {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        if case.schedule.size() > SMALL {
            return Box::new(std::iter::empty());
        }
        let bare = once(without_free_steps(case)).filter(move |bare| bare != case);
        let shorter = parts_left_out(case).into_iter().chain(bare);
        Box::new(shorter.flat_map(|shorter| reworded(&shorter)))
    }
}

/// Makes one message of any operation lost or late, in place of another exception or of a fault. Two steps may change
/// places with it, or an operation may go through another node.
pub(super) struct Rerouted;

impl Pass for Rerouted {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        if case.schedule.size() > VERY_SMALL {
            return Box::new(std::iter::empty());
        }
        let one_less = if case.schedule.size() > 3 { parts_left_out(case) } else { Vec::new() };
        let moved = once(case.clone()).chain(one_less).flat_map(|case| exceptions_moved(&case));
        Box::new(moved.chain(faults(case).flat_map(move |fault| fault_spared(case, fault))))
    }
}

/// Every change of one word of one operation, up or down in rank, and every exchange of two neighbouring steps.
fn reworded(case: &Case) -> Vec<Case> {
    let known = case.schedule.operations().map(|operation| operation.client).unique().collect_vec();
    let unknown = (1..=MAX_CLIENTS as u16).map(ClientId).find(|client| !known.contains(client));
    let mut changed = neighbours_exchanged(case);
    for at in operations(case) {
        let mut change = |edit: &dyn Fn(&mut Operation)| {
            changed.push(case.edited(|schedule| {
                if let Step::Operation(operation) = &mut schedule.steps[at] {
                    edit(operation);
                }
            }));
        };
        case.cluster.node_ids().for_each(|via| change(&|operation| operation.via = via));
        for action in [Action::Get, Action::Put, Action::Delete] {
            change(&|operation| operation.action = action);
        }
        change(&|operation| operation.blind = operation.action.is_write());
        known.iter().chain(&unknown).for_each(|&client| change(&|operation| operation.client = client));
        if let Some(unknown) = unknown {
            changed.push(by_another_from(case, at, unknown));
        }
    }
    changed.retain(|changed| changed != case);
    changed
}

/// Gives every operation from this place on to another client.
fn by_another_from(case: &Case, at: usize, client: ClientId) -> Case {
    case.edited(|schedule| {
        for step in &mut schedule.steps[at..] {
            if let Step::Operation(operation) = step {
                operation.client = client;
            }
        }
    })
}

/// Moves each exception to any message of any operation, lost or late.
fn exceptions_moved(case: &Case) -> Vec<Case> {
    let mut moved = Vec::new();
    for at in operations(case) {
        let exceptions =
            case.schedule.steps[at].operation().map_or(0, |operation| operation.exceptions.len());
        for gone in 0..exceptions {
            let without = without_exception(case, at, gone);
            for without in once(without.clone()).chain(neighbours_exchanged(&without)) {
                moved.extend(with_one_exception(&without));
            }
        }
    }
    moved
}

/// Makes any one message of any operation lost or late.
fn with_one_exception(case: &Case) -> Vec<Case> {
    const KINDS: [MessageKind; 4] =
        [MessageKind::Request, MessageKind::Ask, MessageKind::Answer, MessageKind::Repair];
    iproduct!([Fate::Lost, Fate::Late], messages(case, &KINDS), operations(case))
        .map(|(fate, name, place)| case.edited(|s| give(s, place, Exception { name, fate })))
        .collect()
}

/// Replaces a fault by one lost message to any node, and drops the free steps except ticks. In place of a wrong clock,
/// time passes as well.
fn fault_spared(case: &Case, fault: usize) -> Vec<Case> {
    let steps = case.schedule.steps.iter().enumerate();
    let kept =
        steps.filter(|(at, step)| *at != fault && (step.size() > 0 || matches!(step, Step::Tick { .. })));
    let peaceful: Schedule = kept.map(|(_, step)| step.clone()).collect();
    let wrong_clock = matches!(case.schedule.steps[fault], Step::Skew { .. });
    let mut spared = Vec::new();
    let bare = case.with(peaceful);
    let nodes = case.cluster.node_ids().collect_vec();
    for (bare, node) in iproduct!(once(bare.clone()).chain(moved(&bare)), nodes) {
        let name = MessageName { kind: MessageKind::Ask, replica: Some(node), attempt: 0 };
        let lost = Exception { name, fate: Fate::Lost };
        spared.extend(operations(&bare).into_iter().map(|place| bare.edited(|s| give(s, place, lost))));
    }
    if wrong_clock {
        spared = spared.iter().flat_map(with_time).collect();
    }
    spared
}

/// Lets time pass, before any step or at the end.
fn with_time(case: &Case) -> Vec<Case> {
    let places = 0..=case.schedule.steps.len();
    places.map(|place| case.edited(|s| s.steps.insert(place, Step::Tick { ms: 1 }))).collect()
}

/// Every move of one operation to another coordinator, and every exchange of two neighbouring steps.
fn moved(case: &Case) -> Vec<Case> {
    let mut moved = neighbours_exchanged(case);
    moved.extend(through_other_nodes(case));
    moved
}

/// Merges two nodes and ends a fault early: one of the two may have been spared the fault.
pub(super) struct MergedAndEnded;

impl Pass for MergedAndEnded {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        if case.schedule.size() > VERY_SMALL {
            return Box::new(std::iter::empty());
        }
        let ends = case.schedule.steps.iter().filter_map(end_of).unique().collect_vec();
        let pairs = case.schedule.nodes().iter().collect_vec().into_iter().array_combinations();
        Box::new(pairs.flat_map(move |[low, high]| {
            let merged = case.edited(|s| s.rename_nodes(|node| if node == high { low } else { node }));
            let places = 0..=merged.schedule.steps.len();
            iproduct!(places, ends.clone())
                .map(|(place, end)| merged.edited(|s| s.steps.insert(place, end)))
                .collect_vec()
        }))
    }
}

/// Replaces a lasting fault by the lost messages it stands for: those that coordinators send and the fault stops. Two
/// nodes may have to change places as well, because a cut stops more messages than these.
pub(super) struct Unpacked;

impl Pass for Unpacked {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        if case.schedule.size() > SMALL {
            return Box::new(std::iter::empty());
        }
        let unpacked = faults(case).filter_map(|fault| unpacked(case, fault));
        Box::new(unpacked.flat_map(|case| {
            let exchanged = nodes_exchanged_for_a_while(&case);
            once(case).chain(exchanged)
        }))
    }
}

fn unpacked(case: &Case, fault: usize) -> Option<Case> {
    let steps = &case.schedule.steps;
    let end = end_of(&steps[fault])?;
    let blocks = |from: NodeId, to: NodeId| match &steps[fault] {
        Step::Cut { side, other } => {
            side.contains(from) && other.contains(to) || other.contains(from) && side.contains(to)
        }
        Step::CutOneWay { from: of, to: there } => of.contains(from) && there.contains(to),
        Step::Suspect { at, whom } => (*at, *whom) == (from, to),
        Step::Pause { node } | Step::Crash { node } => *node == to,
        _ => false,
    };
    let until = steps[fault..].iter().position(|step| *step == end).map_or(steps.len(), |at| fault + at);
    let mut lost = Vec::new();
    for (at, operation) in (fault..until).filter_map(|at| Some((at, steps[at].operation()?))) {
        for replica in case.cluster.node_ids().filter(|replica| blocks(operation.via, *replica)) {
            let name = MessageName { kind: MessageKind::Ask, replica: Some(replica), attempt: 0 };
            lost.push((at, Exception { name, fate: Fate::Lost }));
        }
    }
    Some(case.edited(|schedule| {
        lost.into_iter().for_each(|(at, lost)| give(schedule, at, lost));
        if until < schedule.steps.len() {
            schedule.steps.remove(until);
        }
        schedule.steps.remove(fault);
    }))
}

/// Changes the levels of two operations and clears their exceptions; or leaves something out, and does this to one
/// operation. An operation need not wait for a replica it could not reach, and can wait for one that another operation
/// must not miss.
pub(super) struct Levels;

impl Pass for Levels {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        const LEVELS: [Level; 4] = [Level::Default, Level::One, Level::Quorum, Level::All];
        if case.schedule.size() > SMALL {
            return Box::new(std::iter::empty());
        }
        let pairs = operations(case).into_iter().array_combinations();
        let of_pairs = iproduct!(pairs, LEVELS, LEVELS)
            .map(|([a, b], of_a, of_b)| at_level(&at_level(case, a, of_a), b, of_b));
        let shorter = parts_left_out(case).into_iter();
        let shorter = shorter.flat_map(|case| {
            let exchanged = nodes_exchanged(&case);
            once(case).chain(exchanged)
        });
        let of_shorter = shorter.flat_map(|shorter| {
            let each = iproduct!(operations(&shorter), LEVELS);
            each.map(|(at, level)| at_level(&shorter, at, level)).collect_vec()
        });
        Box::new(of_pairs.chain(of_shorter))
    }
}

/// Exchanges two nodes in a part of the schedule, and moves one operation to another coordinator.
pub(super) struct ExchangedAndMoved;

impl Pass for ExchangedAndMoved {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        if case.schedule.size() > VERY_SMALL || case.cluster.nodes > FEW_NODES {
            return Box::new(std::iter::empty());
        }
        Box::new(nodes_exchanged_for_a_while(case).flat_map(|case| through_other_nodes(&case)))
    }
}

/// Replaces several lost messages of one operation by one cut in one direction. The cut may replace the other
/// exceptions as well, and an operation need not wait for the replicas that are cut off.
pub(super) struct OneCut;

impl Pass for OneCut {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        Box::new(operations(case).into_iter().flat_map(|at| {
            let Some(operation) = case.schedule.steps[at].operation() else { return Vec::new() };
            let lost = operation.exceptions.iter().filter(|exception| exception.fate == Fate::Lost);
            let to: NodeSet = lost
                .filter(|exception| exception.name.kind == MessageKind::Ask)
                .filter_map(|exception| exception.name.replica)
                .collect();
            if to.len() < 2 {
                return Vec::new();
            }
            let cut = Step::CutOneWay { from: NodeSet::only(operation.via), to };
            let cut_off = case.edited(|schedule| {
                if let Step::Operation(operation) = &mut schedule.steps[at] {
                    operation.exceptions.retain(|e| e.name.kind != MessageKind::Ask || e.fate != Fate::Lost);
                }
                schedule.steps.insert(at, cut);
            });
            let healed = cut_off.edited(|schedule| schedule.steps.insert(at + 2, Step::Heal));
            let alone = cut_off.edited(|schedule| {
                for step in &mut schedule.steps {
                    if let Step::Operation(operation) = step {
                        operation.exceptions.clear();
                    }
                }
            });
            let at_one = operations(&alone).into_iter().map(|place| at_level(&alone, place, Level::One));
            at_one.collect_vec().into_iter().chain([alone, cut_off, healed]).collect()
        }))
    }
}

/// Replaces everything that goes wrong by one lost disk: the node then lacks what it did not get or has forgotten. An
/// operation may have to go through another node.
pub(super) struct OneWipe;

impl Pass for OneWipe {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let bare = without_trouble(case);
        let dearer = case.schedule.size() > bare.schedule.size() + 1;
        if case.schedule.size() > SMALL || !dearer {
            return Box::new(std::iter::empty());
        }
        let places = 1..bare.schedule.steps.len();
        let wiped = iproduct!(places, case.cluster.node_ids().collect_vec())
            .map(move |(place, node)| bare.edited(|s| s.steps.insert(place, Step::Wipe { node })));
        Box::new(wiped.flat_map(|wiped| {
            let elsewhere = through_other_nodes(&wiped);
            once(wiped).chain(elsewhere)
        }))
    }
}

/// Replaces several messages lost between the same two nodes, whatever their operations, by one fault: one node
/// suspects the other, or a cut in one direction.
pub(super) struct OneLink;

impl Pass for OneLink {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let lost = case.schedule.operations().flat_map(lost_on);
        let links = lost.counts().into_iter().filter(|(_, count)| *count > 1).map(|(link, _)| link).sorted();
        Box::new(links.flat_map(|link| one_fault_for(case, link)))
    }
}

/// The links, from sender to receiver, that lose messages of an operation, once for each message.
fn lost_on(operation: &Operation) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
    let lost = operation.exceptions.iter().filter(|exception| exception.fate == Fate::Lost);
    lost.filter_map(|exception| link_of(operation, exception))
}

/// The sender and the receiver of a message, if both are nodes.
fn link_of(operation: &Operation, exception: &Exception) -> Option<(NodeId, NodeId)> {
    let (via, replica) = (operation.via, exception.name.replica?);
    match exception.name.kind {
        MessageKind::Ask | MessageKind::Repair => Some((via, replica)),
        MessageKind::Answer | MessageKind::Repaired => Some((replica, via)),
        _ => None,
    }
}

fn one_fault_for(case: &Case, (from, to): (NodeId, NodeId)) -> Vec<Case> {
    let is_lost_here = |operation: &Operation, exception: &Exception| {
        exception.fate == Fate::Lost && link_of(operation, exception) == Some((from, to))
    };
    let bare = case.edited(|schedule| {
        for step in &mut schedule.steps {
            let Step::Operation(operation) = step else { continue };
            let kept = operation.exceptions.iter().filter(|exception| !is_lost_here(operation, exception));
            operation.exceptions = kept.cloned().collect();
        }
    });
    let (at, whom) = (from, to);
    let cut = Step::CutOneWay { from: NodeSet::only(from), to: NodeSet::only(to) };
    let instead = [Step::Suspect { at, whom }, cut];
    let first = case.schedule.steps.iter().position(|step| {
        step.operation()
            .is_some_and(|operation| operation.exceptions.iter().any(|e| is_lost_here(operation, e)))
    });
    let begun = |fault| bare.edited(|schedule| schedule.steps.insert(first.unwrap_or(0), fault));
    instead.map(begun).to_vec()
}
