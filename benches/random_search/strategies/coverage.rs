//! Coverage of (disturbance × phase × role): of some candidates, the one that hits what was hit least so far.
//!
//! What is hit: a message of some kind to or from some role (the coordinator itself, a home replica, any other node)
//! that is lost, late or doubled; a cut that parts an operation's coordinator from a home replica; a node that stops,
//! loses its disk or is suspected in some role of the operation that follows; and each pair of such hits in two
//! operations on one key that follow each other.

use std::collections::BTreeMap;

use quorate::id::{Key, NodeSet};
use quorate::model::{Action, Cluster, MessageKind, preference_list};
use quorate::search::random::Shape;
use quorate::world::schedule::{Exception, Fate, Operation, Schedule, Step};

use super::Strategy;

/// How many candidates are drawn for one schedule.
const CANDIDATES: u64 = 4;
/// What is learnt is forgotten after so many schedules, so that a chunk of a campaign stands for itself.
const CHUNK: u64 = 64;

/// What disturbs an operation; of messages, in which phase.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Disturbance {
    Astray(Fate, MessageKind),
    Arrived(MessageKind),
    Cut,
    CutOneWay,
    Paused,
    Down,
    Wiped,
    Suspected,
    Skewed { behind: bool },
}

/// Whom it concerns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Client,
    Outsider,
    Coordinator,
    Replica,
    Both,
    /// Of a cut: with so many home replicas the coordinator can talk.
    With(u8),
}

/// One thing that can be hit.
type Cell = (Disturbance, Action, Role);

/// The strategy.
#[derive(Default)]
pub(super) struct Coverage {
    hits: BTreeMap<(Cell, Cell), u32>,
}

impl Strategy for Coverage {
    fn schedule(&mut self, shape: &Shape, seed: u64, number: u64) -> Schedule {
        if number.is_multiple_of(CHUNK) {
            self.hits.clear();
        }
        let candidates = (0..CANDIDATES).map(|candidate| {
            let schedule = shape.schedule(seed, number * CANDIDATES + candidate);
            let cells = cells(shape.cluster, &schedule);
            let new: u64 = cells
                .iter()
                .map(|cell| 1_000_000 >> (2 * self.hits.get(cell).copied().unwrap_or(0)).min(20))
                .sum();
            (new, cells, schedule)
        });
        let best = candidates.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let (_, cells, schedule) = best.expect("there are candidates");
        for cell in cells {
            *self.hits.entry(cell).or_default() += 1;
        }
        schedule
    }
}

/// A fault in force, and whom it concerns.
type Force = (Disturbance, NodeSet);

/// What a schedule hits, as pairs; a single hit is paired with itself.
fn cells(cluster: Cluster, schedule: &Schedule) -> Vec<(Cell, Cell)> {
    let mut in_force: Vec<Force> = Vec::new();
    let mut last: BTreeMap<Key, Vec<Cell>> = BTreeMap::new();
    let mut pairs = Vec::new();
    for step in &schedule.steps {
        let Some(operation) = step.operation() else {
            change(step, &mut in_force);
            continue;
        };
        let hit = hit(cluster, operation, &in_force);
        let earlier = last.insert(operation.key, hit.clone()).unwrap_or_default();
        pairs.extend(hit.iter().map(|cell| (*cell, *cell)));
        pairs.extend(hit.iter().flat_map(|cell| earlier.iter().map(move |old| (*old, *cell))));
        // These befall one moment, and not what comes after the next operation.
        in_force.retain(|(what, _)| !matches!(what, Disturbance::Wiped | Disturbance::Arrived(_)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// What one operation hits.
fn hit(cluster: Cluster, operation: &Operation, in_force: &[Force]) -> Vec<Cell> {
    let action = operation.action;
    let home = preference_list(cluster, operation.key, usize::from(cluster.n));
    let home: NodeSet = home.as_slice().iter().copied().collect();
    let role = |node| match (node == operation.via, home.contains(node)) {
        (false, false) => Role::Outsider,
        (true, false) => Role::Coordinator,
        (false, true) => Role::Replica,
        (true, true) => Role::Both,
    };
    let messages = operation.exceptions.iter().map(|Exception { name, fate }| {
        (Disturbance::Astray(*fate, name.kind), action, name.replica.map_or(Role::Client, role))
    });
    let mut hit: Vec<Cell> = messages.collect();
    for (what, nodes) in in_force {
        if *what == Disturbance::Cut {
            let with = if nodes.contains(operation.via) { *nodes } else { home.minus(*nodes) };
            hit.push((*what, action, Role::With(home.and(with).len() as u8)));
        } else {
            hit.extend(nodes.iter().map(|node| (*what, action, role(node))));
        }
    }
    hit.sort_unstable();
    hit.dedup();
    hit
}

/// What is in force after a step that is no operation.
fn change(step: &Step, in_force: &mut Vec<Force>) {
    use Disturbance::{Arrived, Cut, CutOneWay, Down, Paused, Skewed, Suspected, Wiped};
    let begun = match step {
        Step::Arrive { name, .. } => (Arrived(name.kind), name.replica.map_or(NodeSet::EMPTY, NodeSet::only)),
        Step::Cut { side, .. } => (Cut, *side),
        Step::CutOneWay { from, .. } => (CutOneWay, *from),
        Step::Pause { node } => (Paused, NodeSet::only(*node)),
        Step::Crash { node } => (Down, NodeSet::only(*node)),
        Step::Wipe { node } => (Wiped, NodeSet::only(*node)),
        Step::Suspect { whom, .. } => (Suspected, NodeSet::only(*whom)),
        Step::Skew { node, ms } => (Skewed { behind: *ms < 0 }, NodeSet::only(*node)),
        Step::Heal => return in_force.retain(|(what, _)| !matches!(what, Cut | CutOneWay)),
        Step::Trust => return in_force.retain(|(what, _)| *what != Suspected),
        Step::Restart { node } => {
            return in_force.retain(|(what, nodes)| !matches!(what, Paused | Down) || !nodes.contains(*node));
        }
        Step::Operation(_) | Step::Timeout { .. } | Step::Tick { .. } | Step::Wake { .. } => return,
    };
    in_force.push(begun);
}
