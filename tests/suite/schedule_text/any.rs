//! Any schedule that text and JSON can carry: every kind of step, labels with gaps and out of order.

use quickcheck::{Arbitrary, Gen};
use quorate::guarantee::Guarantee;
use quorate::id::{ClientId, Key, MAX_OPERATION, NodeId, NodeSet, OpId};
use quorate::model::{Action, Cluster, Level, MessageKind};
use quorate::world::scenario::Scenario;
use quorate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};

const KINDS: [MessageKind; 8] = [
    MessageKind::Request,
    MessageKind::Ask,
    MessageKind::Answer,
    MessageKind::Repair,
    MessageKind::Repaired,
    MessageKind::HandOff,
    MessageKind::HandedOff,
    MessageKind::Reply,
];

#[derive(Clone, Debug)]
pub(crate) struct AnySchedule(pub Schedule);

#[derive(Clone, Debug)]
pub(crate) struct AnyScenario(pub Scenario);

fn below(g: &mut Gen, bound: usize) -> usize {
    u32::arbitrary(g) as usize % bound
}

fn pick<T: Copy>(g: &mut Gen, of: &[T]) -> T {
    of[below(g, of.len())]
}

/// Mostly few nodes, so that names meet; sometimes all sixteen.
fn node(g: &mut Gen) -> NodeId {
    let bound = pick(g, &[3, 3, 3, 16]);
    NodeId::at(below(g, bound))
}

fn nodes(g: &mut Gen) -> NodeSet {
    (0..below(g, 4)).map(|_| node(g)).collect()
}

fn message(g: &mut Gen) -> MessageName {
    let kind = pick(g, &KINDS);
    let replica = (!matches!(kind, MessageKind::Request | MessageKind::Reply)).then(|| node(g));
    MessageName { kind, replica, attempt: pick(g, &[0, 0, 0, 1, 2, 255]) }
}

fn operation(g: &mut Gen, op: OpId) -> Step {
    let mut exceptions: Vec<Exception> = (0..below(g, 4))
        .map(|_| Exception {
            name: message(g),
            fate: pick(g, &[Fate::Late, Fate::Doubled, Fate::Twice, Fate::Lost]),
        })
        .collect();
    exceptions.sort();
    exceptions.dedup_by_key(|exception| exception.name);
    Step::Operation(Operation {
        op,
        action: pick(g, &[Action::Put, Action::Get, Action::Delete]),
        client: ClientId::at(below(g, 64)),
        key: Key::at(below(g, 64)),
        via: node(g),
        blind: bool::arbitrary(g),
        level: pick(g, &[Level::Default, Level::One, Level::Quorum, Level::All]),
        exceptions: exceptions.into(),
    })
}

/// Labels as a generator leaves them (the ordinals), as the deletion of lines does (gaps), or in any order.
fn labels(g: &mut Gen, count: usize) -> Vec<OpId> {
    let (gaps, order) = (bool::arbitrary(g), bool::arbitrary(g));
    let mut labels: Vec<OpId> = (1..=count as u16).map(OpId).collect();
    if gaps {
        let mut next = 0;
        for label in &mut labels {
            next += 1 + pick(g, &[0, 0, 1, 7]);
            *label = OpId(next);
        }
    }
    if order {
        for i in (1..count).rev() {
            labels.swap(i, below(g, i + 1));
        }
        labels.iter_mut().take(1).for_each(|label| *label = OpId(MAX_OPERATION));
    }
    labels
}

fn other_step(g: &mut Gen, labels: &[OpId]) -> Step {
    match below(g, if labels.is_empty() { 13 } else { 19 }) {
        0 => Step::Cut { side: nodes(g), other: nodes(g) },
        1 => Step::CutOneWay { from: nodes(g), to: nodes(g) },
        2 => Step::Heal,
        3 => Step::Pause { node: node(g) },
        4 => Step::Crash { node: node(g) },
        5 => Step::Restart { node: node(g) },
        6 => Step::Wipe { node: node(g) },
        7 => Step::Suspect { at: node(g), whom: node(g) },
        8 => Step::Trust,
        9 => Step::Skew { node: node(g), ms: i32::arbitrary(g) },
        10 => Step::Skew { node: node(g), ms: pick(g, &[0, 5, -5, i32::MIN, i32::MAX]) },
        11 => Step::Tick { ms: u32::arbitrary(g) },
        12 => Step::Wake { node: node(g) },
        13..=15 => Step::Timeout { op: pick(g, labels) },
        _ => Step::Arrive { op: pick(g, labels), name: message(g) },
    }
}

impl Arbitrary for AnySchedule {
    fn arbitrary(g: &mut Gen) -> Self {
        let length = below(g, g.size().max(1));
        let operations = below(g, length + 1);
        let labels = labels(g, operations);
        let mut steps: Vec<Step> = labels.iter().map(|op| operation(g, *op)).collect();
        for _ in operations..length {
            let place = below(g, steps.len() + 1);
            steps.insert(place, other_step(g, &labels));
        }
        Self(Schedule { steps })
    }

    /// One step less, with what refers to it.
    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let all = self.0.clone();
        Box::new((0..all.steps.len()).rev().map(move |gone| {
            let gone_op = all.steps[gone].operation().map(|operation| operation.op);
            let stays =
                |(i, step): &(usize, &Step)| *i != gone && (gone_op.is_none() || step.refers_to() != gone_op);
            Self(all.steps.iter().enumerate().filter(stays).map(|(_, step)| step.clone()).collect())
        }))
    }
}

impl Arbitrary for AnyScenario {
    fn arbitrary(g: &mut Gen) -> Self {
        let n = 1 + below(g, 16) as u8;
        let cluster =
            Cluster::new(n, 1 + below(g, n.into()) as u8, 1 + below(g, n.into()) as u8).on(pick(g, &[n, 16]));
        let AnySchedule(mut schedule) = AnySchedule::arbitrary(g);
        schedule.rename_nodes(|node| NodeId::at(node.index() % usize::from(cluster.nodes)));
        let protocol = pick(g, &["textbook", "as-seeded", "my change, 2nd try (draft)", "ü"]);
        let demands = (0..below(g, 3)).map(|_| pick(g, &Guarantee::ALL)).collect();
        Self(Scenario { demands, ..Scenario::new(protocol, cluster, schedule) })
    }
}
