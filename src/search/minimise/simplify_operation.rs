//! Passes that simplify an operation.

use itertools::{Itertools, iproduct};

use smallvec::SmallVec;

use super::Case;
use super::edits::{give, messages, numbered_in_order, without_exception};
use super::pass::{Candidates, Pass};
use crate::id::OpId;
use crate::model::{Action, Level, MessageKind};
use crate::world::schedule::{Exception, Fate, MessageName, Operation, Step};

/// Changes one word of one operation: its action, client, key, coordinator, blindness or level; or one word of one of
/// its exceptions.
pub(super) struct SimplifyOperation;

impl Pass for SimplifyOperation {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let operations = operations(case);
        Box::new(operations.flat_map(move |(at, operation)| {
            let words = of_words(case, operation)
                .into_iter()
                .map(move |operation| case.edited(|s| s.steps[at] = Step::Operation(operation)));
            words.chain(of_exceptions(case, at, operation))
        }))
    }
}

/// Moves one exception of an operation, or all of them, to another operation.
pub(super) struct Elsewhere;

impl Pass for Elsewhere {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let places = operations(case).map(|(at, _)| at).collect_vec();
        let from = operations(case).filter(|(_, operation)| !operation.exceptions.is_empty());
        Box::new(from.flat_map(move |(at, operation)| {
            let others = places.clone().into_iter().filter(move |other| *other != at);
            others.flat_map(move |other| {
                let all = operation.exceptions.to_vec();
                let each = all.clone().into_iter().map(|exception| vec![exception]);
                each.chain([all]).map(move |moved| moved_to(case, at, other, &moved))
            })
        }))
    }
}

/// Replaces a fault or an exception by an ordinary operation: a copy of one that the schedule already has.
pub(super) struct Ordinary;

/// [`Ordinary`] tries only cases up to this size.
const ORDINARY_SIZE: usize = 6;

impl Pass for Ordinary {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        if case.schedule.size() > ORDINARY_SIZE {
            return Box::new(std::iter::empty());
        }
        let parts = 0..case.schedule.steps.len();
        let label = case.schedule.operations().map(|operation| operation.op.0).max().unwrap_or(0) + 1;
        let copies = operations(case).flat_map(move |(_, operation)| {
            let copy = Operation { op: OpId(label), exceptions: SmallVec::new(), ..operation.clone() };
            let blind = Operation { blind: copy.action.is_write(), ..copy.clone() };
            [copy, blind]
        });
        let copies = copies.dedup().collect_vec();
        let without = parts.flat_map(move |at| without_trouble(case, at));
        Box::new(without.flat_map(move |quieter| {
            let places = 0..=quieter.schedule.steps.len();
            let with = iproduct!(places, copies.clone()).map(move |(place, copy)| {
                quieter.edited(|schedule| {
                    schedule.steps.insert(place, Step::Operation(copy));
                    numbered_in_order(schedule);
                })
            });
            with.collect_vec()
        }))
    }
}

/// The cases without the fault at this place, or without one exception of the operation at this place.
fn without_trouble(case: &Case, at: usize) -> Vec<Case> {
    match &case.schedule.steps[at] {
        Step::Operation(operation) => {
            (0..operation.exceptions.len()).map(|gone| without_exception(case, at, gone)).collect()
        }
        fault if fault.size() > 0 => vec![case.edited(|schedule| drop(schedule.steps.remove(at)))],
        _ => Vec::new(),
    }
}

fn operations(case: &Case) -> impl Iterator<Item = (usize, &Operation)> {
    case.schedule.steps.iter().enumerate().filter_map(|(at, step)| Some((at, step.operation()?)))
}

/// The operation, with one word changed.
fn of_words(case: &Case, operation: &Operation) -> Vec<Operation> {
    let mut changed = Vec::new();
    let mut change = |edit: &dyn Fn(&mut Operation)| {
        let mut operation = operation.clone();
        edit(&mut operation);
        changed.push(operation);
    };
    for action in [Action::Get, Action::Put] {
        change(&|o| o.action = action);
    }
    change(&|o| o.blind = false);
    change(&|o| o.level = Level::Default);
    if !operation.exceptions.is_empty() {
        // It need not wait for a replica that it could not reach.
        change(&|o| {
            o.exceptions.clear();
            o.level = Level::One;
        });
    }
    for key in case.schedule.operations().map(|other| other.key).unique() {
        change(&|o| o.key = key);
    }
    for client in case.schedule.operations().map(|other| other.client).unique() {
        change(&|o| o.client = client);
        change(&|o| (o.client, o.blind) = (client, o.action.is_write()));
    }
    for via in case.cluster.node_ids() {
        change(&|o| o.via = via);
    }
    changed
}

/// The cases with one word of one exception changed. The arrivals of its message follow.
fn of_exceptions<'c>(
    case: &'c Case,
    at: usize,
    operation: &'c Operation,
) -> impl Iterator<Item = Case> + use<'c> {
    let exceptions = operation.exceptions.iter();
    exceptions.flat_map(move |&old| {
        let doubled = (old.fate == Fate::Twice).then_some(Fate::Doubled);
        let fates = [Fate::Lost, Fate::Late].into_iter().chain(doubled);
        let fates = fates.map(move |fate| Exception { fate, ..old });
        let names = other_names(case, old.name).into_iter().map(move |name| Exception { name, ..old });
        fates.chain(names).map(move |new| {
            case.edited(|schedule| {
                if let Step::Operation(operation) = &mut schedule.steps[at] {
                    operation.exceptions.retain(|exception| exception.name != old.name);
                }
                give(schedule, at, new);
                for step in &mut schedule.steps {
                    match step {
                        Step::Arrive { op, name } if *op == operation.op && *name == old.name => {
                            *name = new.name;
                        }
                        _ => {}
                    }
                }
            })
        })
    })
}

/// Other messages of the same operation: of another kind, another replica, or the first attempt.
fn other_names(case: &Case, name: MessageName) -> Vec<MessageName> {
    const KINDS: [MessageKind; 6] = [
        MessageKind::Request,
        MessageKind::Reply,
        MessageKind::Ask,
        MessageKind::Answer,
        MessageKind::Repair,
        MessageKind::Repaired,
    ];
    let first = MessageName { attempt: 0, ..name };
    let near = |other: &MessageName| {
        let of_client = other.replica.is_none() || name.replica.is_none();
        of_client || other.kind == name.kind || other.replica == name.replica
    };
    let others = messages(case, &KINDS).into_iter().filter(near);
    [first].into_iter().chain(others).filter(|other| *other != name).collect()
}

/// Moves exceptions from one operation to another. The arrivals of late messages follow.
fn moved_to(case: &Case, from: usize, to: usize, moved: &[Exception]) -> Case {
    case.edited(|schedule| {
        let label = |at: usize| schedule.steps[at].operation().map(|operation| operation.op);
        let (Some(old), Some(new)) = (label(from), label(to)) else { return };
        if let Step::Operation(operation) = &mut schedule.steps[from] {
            operation.exceptions.retain(|exception| !moved.contains(exception));
        }
        moved.iter().for_each(|exception| give(schedule, to, *exception));
        for step in &mut schedule.steps {
            match step {
                Step::Arrive { op, name } if *op == old && moved.iter().any(|e| e.name == *name) => *op = new,
                _ => {}
            }
        }
    })
}
