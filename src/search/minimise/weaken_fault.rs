//! A pass that makes faults milder: a lost disk becomes a crash, a crash a pause, a pause a cut, a cut one lost
//! message.

use itertools::iproduct;

use super::Case;
use super::edits::{give, messages};
use super::pass::{Candidates, Pass};
use crate::id::{NodeId, NodeSet};
use crate::model::MessageKind;
use crate::world::schedule::{Exception, Fate, Step};

/// The kinds of message that are most often sent.
const OFTEN_SENT: [MessageKind; 6] = [
    MessageKind::Request,
    MessageKind::Reply,
    MessageKind::Ask,
    MessageKind::Answer,
    MessageKind::Repair,
    MessageKind::HandOff,
];

/// How many steps away from a fault the pass looks for a message whose loss would do as well.
const NEAR: usize = 3;

/// Weakens one fault or lowers one number at a time; see the [module](self).
pub(super) struct WeakenFault;

impl Pass for WeakenFault {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let steps = case.schedule.steps.iter().enumerate();
        Box::new(steps.flat_map(move |(at, step)| {
            let milder = milder(step, case);
            let milder = milder.into_iter().map(move |step| case.edited(|s| s.steps[at] = step));
            let fault = step.operation().is_none() && step.size() > 0;
            let instead = lost_instead(case, at).chain(another_instead(case, at));
            milder.chain(instead.filter(move |_| fault))
        }))
    }
}

/// The milder steps that could replace a step.
fn milder(step: &Step, case: &Case) -> Vec<Step> {
    let all = NodeSet::first(usize::from(case.cluster.nodes));
    let alone = |node| Step::Cut { side: NodeSet::only(node), other: all.minus(NodeSet::only(node)) };
    match *step {
        Step::Wipe { node } => vec![alone(node), Step::Pause { node }, Step::Crash { node }],
        Step::Crash { node } => vec![alone(node), Step::Pause { node }],
        Step::Pause { node } => vec![alone(node)],
        Step::Cut { side, other } => {
            let one_way = [(side, other), (other, side)].map(|(from, to)| Step::CutOneWay { from, to });
            let pairs = pairs(side, other)
                .into_iter()
                .map(|(a, b)| Step::Cut { side: NodeSet::only(a), other: NodeSet::only(b) });
            let suspicions = suspicions(side, other);
            let fewer = fewer(side, other).map(|(side, other)| Step::Cut { side, other });
            suspicions.chain(pairs).chain(fewer).chain(one_way).collect()
        }
        Step::CutOneWay { from, to } => {
            let fewer = fewer(from, to).map(|(from, to)| Step::CutOneWay { from, to });
            suspicions(from, to).chain(fewer).collect()
        }
        Step::Suspect { at, whom } => {
            let lower = pairs(all, all).into_iter().filter(|(a, b)| a != b && (*a, *b) < (at, whom));
            lower.map(|(at, whom)| Step::Suspect { at, whom }).collect()
        }
        Step::Skew { node, ms } => {
            let sizes = [ms.signum(), -ms.signum(), ms.abs(), ms / 2, ms - ms.signum()];
            let milder = |ms: &i32| *ms != 0;
            sizes.into_iter().filter(milder).map(|ms| Step::Skew { node, ms }).collect()
        }
        Step::Tick { ms } => [1, ms / 2, ms.saturating_sub(1)].map(|ms| Step::Tick { ms }).to_vec(),
        _ => Vec::new(),
    }
}

fn pairs(a: NodeSet, b: NodeSet) -> Vec<(NodeId, NodeId)> {
    a.iter().flat_map(|one| b.iter().map(move |other| (one, other))).collect()
}

/// Every suspicion of a node on one side by a node on the other side, both ways.
fn suspicions(a: NodeSet, b: NodeSet) -> impl Iterator<Item = Step> {
    let both_ways = pairs(a, b).into_iter().flat_map(|(a, b)| [(a, b), (b, a)]);
    both_ways.map(|(at, whom)| Step::Suspect { at, whom })
}

/// The two sides of a cut, with one node less on one of them.
fn fewer(a: NodeSet, b: NodeSet) -> impl Iterator<Item = (NodeSet, NodeSet)> {
    let from_a = a.iter().map(move |node| (a.minus(NodeSet::only(node)), b));
    let from_b = b.iter().map(move |node| (a, b.minus(NodeSet::only(node))));
    from_a.chain(from_b)
}

/// Replaces a fault by another fault of the schedule that ends at once: two faults may be needed only because the other
/// one could not happen here.
fn another_instead(case: &Case, at: usize) -> impl Iterator<Item = Case> + '_ {
    let others = case.schedule.steps.iter().enumerate().filter(move |(other, _)| *other != at);
    others.filter_map(move |(other, fault)| {
        let end = match *fault {
            Step::Crash { node } | Step::Pause { node } => Step::Restart { node },
            Step::Cut { .. } | Step::CutOneWay { .. } => Step::Heal,
            Step::Suspect { .. } => Step::Trust,
            _ => return None,
        };
        Some(case.edited(|schedule| {
            schedule.steps[at] = fault.clone();
            schedule.steps.remove(other);
            schedule.steps.insert(if other < at { at } else { at + 1 }, end);
        }))
    })
}

/// Replaces a fault by the loss or the delay of one message of a nearby operation.
fn lost_instead(case: &Case, at: usize) -> impl Iterator<Item = Case> + '_ {
    let steps = case.schedule.steps.iter().enumerate();
    let operations = steps.filter(|(_, step)| step.operation().is_some()).map(|(place, _)| place);
    let near = operations.filter(|place| place.abs_diff(at) <= NEAR).collect::<Vec<_>>();
    iproduct!(near, messages(case, &OFTEN_SENT), [Fate::Lost, Fate::Late]).map(move |(place, name, fate)| {
        case.edited(|schedule| {
            give(schedule, place, Exception { name, fate });
            schedule.steps.remove(at);
        })
    })
}
