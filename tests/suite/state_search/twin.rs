//! A second model of the textbook's store, for a second model checker: stateright.
//!
//! It shares nothing with the first but the paper. A version is its dot and the dots it follows; a replica holds those
//! that no other one follows; a coordinator answers at the first R or W replies, and sends each replica what it lacks
//! of what a read has merged. What a node says to itself is no message. Whatever is on its way may arrive next.
//!
//! States are kept as plainly as can be: sets are sets, and what an operation has seen is written down beside it, as
//! the first model's ghosts do.
//!
//! Not modelled: faults, deletes, blind writes, more than one key.

#![allow(dead_code, unreachable_pub)]

use std::collections::{BTreeMap, BTreeSet};

use stateright::{Model, Property};

/// Node and count.
type Dot = (u8, u8);
/// Writes that were seen, each with its dot.
type Seen = BTreeMap<Dot, u8>;
/// Versions none of which follows another.
type Held = BTreeSet<Version>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    op: u8,
    dot: Dot,
    past: Seen,
}

/// The bounds of a world.
#[derive(Clone, Copy, Debug)]
pub struct Twin {
    pub n: u8,
    pub r: u8,
    pub w: u8,
    pub clients: u8,
    pub operations: usize,
    /// Whether it is judged that reads are fresh. Then what a read owes is part of the state.
    pub judges: bool,
}

#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct World {
    ops: Vec<Op>,
    /// By client: what it has seen; none: it was never told anything.
    contexts: Vec<Option<Seen>>,
    nodes: Vec<Node>,
    network: BTreeSet<Message>,
    stale: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Op {
    client: u8,
    put: bool,
    via: u8,
    open: bool,
    /// Of a write: what its client had seen.
    past: Seen,
    /// Of a read: what the replicas had seen whose answers have arrived.
    shown: BTreeMap<u8, Seen>,
    /// Of a read under way: the writes acknowledged before it.
    due: BTreeSet<u8>,
}

#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
struct Node {
    held: Held,
    minted: u8,
    tasks: BTreeMap<u8, Task>,
}

/// An operation at its coordinator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Task {
    version: Option<Version>,
    slots: BTreeMap<u8, Slot>,
    answered: bool,
}

#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
struct Slot {
    replied: bool,
    known: Held,
    repairing: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Message {
    Request { op: u8, context: Option<Seen> },
    Store { op: u8, to: u8, version: Version },
    Stored { op: u8, from: u8 },
    Fetch { op: u8, to: u8 },
    Shown { op: u8, from: u8, held: Held },
    Repair { op: u8, to: u8, versions: Held },
    Repaired { op: u8, from: u8 },
    Reply { op: u8, shown: Held, token: Seen, counted: BTreeSet<u8> },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    Invoke { client: u8, put: bool, via: u8 },
    Deliver(Message),
}

fn insert(held: &mut Held, version: &Version) {
    if held.iter().any(|other| other.dot == version.dot || other.past.contains_key(&version.dot)) {
        return;
    }
    held.retain(|other| !version.past.contains_key(&other.dot));
    held.insert(version.clone());
}

/// All that one has seen who has seen these.
fn closure(held: &Held) -> Seen {
    held.iter()
        .flat_map(|version| version.past.clone().into_iter().chain([(version.dot, version.op)]))
        .collect()
}

fn missing(merged: &Held, known: &Held) -> Held {
    let seen = closure(known);
    merged.iter().filter(|version| !seen.contains_key(&version.dot)).cloned().collect()
}

impl World {
    fn invoke(&mut self, twin: &Twin, client: u8, put: bool, via: u8) {
        let context = self.contexts[usize::from(client)].clone().filter(|_| put);
        let acknowledged = self.ops.iter().enumerate().filter(|(_, op)| op.put && !op.open);
        let due = acknowledged.map(|(i, _)| i as u8).filter(|_| twin.judges && !put).collect();
        let past = context.clone().unwrap_or_default();
        let op = self.ops.len() as u8;
        self.ops.push(Op { client, put, via, open: true, past, shown: BTreeMap::new(), due });
        self.network.insert(Message::Request { op, context });
    }

    fn deliver(&mut self, twin: &Twin, message: &Message) {
        self.network.remove(message);
        match message.clone() {
            Message::Request { op, context } => self.coordinate(twin, op, context),
            Message::Store { op, to, version } => {
                insert(&mut self.nodes[usize::from(to)].held, &version);
                self.network.insert(Message::Stored { op, from: to });
            }
            Message::Fetch { op, to } => {
                let held = self.nodes[usize::from(to)].held.clone();
                self.network.insert(Message::Shown { op, from: to, held });
            }
            Message::Stored { op, from } => self.replied(twin, op, from, None),
            Message::Shown { op, from, held } => self.replied(twin, op, from, Some(&held)),
            Message::Repair { op, to, versions } => {
                versions.iter().for_each(|version| insert(&mut self.nodes[usize::from(to)].held, version));
                self.network.insert(Message::Repaired { op, from: to });
            }
            Message::Repaired { op, from } => self.repaired(op, from),
            Message::Reply { op, shown, token, .. } => self.answer(op, &shown, token),
        }
    }

    fn coordinate(&mut self, twin: &Twin, op: u8, context: Option<Seen>) {
        let Op { put, via, .. } = self.ops[usize::from(op)];
        let node = &mut self.nodes[usize::from(via)];
        let version = put.then(|| {
            node.minted += 1;
            Version { op, dot: (via, node.minted), past: context.unwrap_or_default() }
        });
        let slots = (0..twin.n).map(|replica| (replica, Slot::default())).collect();
        node.tasks.insert(op, Task { version: version.clone(), slots, answered: false });
        for to in (0..twin.n).filter(|to| *to != via) {
            self.network.insert(match &version {
                Some(version) => Message::Store { op, to, version: version.clone() },
                None => Message::Fetch { op, to },
            });
        }
        let node = &mut self.nodes[usize::from(via)];
        version.iter().for_each(|version| insert(&mut node.held, version));
        let held = node.held.clone();
        self.replied(twin, op, via, version.is_none().then_some(&held));
    }

    /// A replica has answered: to a read, with what it holds.
    fn replied(&mut self, twin: &Twin, op: u8, from: u8, held: Option<&Held>) {
        let Op { put, via, .. } = self.ops[usize::from(op)];
        if let Some(held) = held {
            self.ops[usize::from(op)].shown.insert(from, closure(held));
        }
        let Some(task) = self.nodes[usize::from(via)].tasks.get_mut(&op) else { return };
        let Some(slot) = task.slots.get_mut(&from) else { return };
        slot.replied = true;
        held.into_iter().flatten().for_each(|version| insert(&mut slot.known, version));
        let counted: BTreeSet<u8> =
            task.slots.iter().filter(|(_, slot)| slot.replied).map(|(node, _)| *node).collect();
        let mut merged = Held::new();
        for version in task.slots.values().filter(|slot| slot.replied).flat_map(|slot| &slot.known) {
            insert(&mut merged, version);
        }
        let enough = counted.len() >= usize::from(if put { twin.w } else { twin.r });
        if enough && !task.answered {
            task.answered = true;
            let written = task.version.iter().cloned().collect();
            let token = closure(if put { &written } else { &merged });
            self.network.insert(Message::Reply { op, shown: merged.clone(), token, counted });
        }
        if task.answered && !put {
            self.repair(op, via, &merged);
        }
        self.forget(op, via);
    }

    fn repair(&mut self, op: u8, via: u8, merged: &Held) {
        let Some(task) = self.nodes[usize::from(via)].tasks.get_mut(&op) else { return };
        let mut own = None;
        for (&to, slot) in task.slots.iter_mut().filter(|(_, slot)| slot.replied) {
            let versions = missing(merged, &slot.known);
            if versions.is_empty() {
                continue;
            }
            versions.iter().for_each(|version| insert(&mut slot.known, version));
            slot.repairing = to != via;
            if to == via {
                own = Some(versions);
            } else {
                self.network.insert(Message::Repair { op, to, versions });
            }
        }
        let held = &mut self.nodes[usize::from(via)].held;
        own.iter().flatten().for_each(|version| insert(held, version));
    }

    fn repaired(&mut self, op: u8, from: u8) {
        let via = self.ops[usize::from(op)].via;
        if let Some(task) = self.nodes[usize::from(via)].tasks.get_mut(&op) {
            task.slots.entry(from).and_modify(|slot| slot.repairing = false);
        }
    }

    /// A write that is answered, and a read that has every reply, is forgotten.
    fn forget(&mut self, op: u8, via: u8) {
        let put = self.ops[usize::from(op)].put;
        let over = |task: &Task| task.answered && (put || task.slots.values().all(|slot| slot.replied));
        self.nodes[usize::from(via)].tasks.retain(|other, task| *other != op || !over(task));
    }

    fn answer(&mut self, op: u8, shown: &Held, token: Seen) {
        let record = &mut self.ops[usize::from(op)];
        record.open = false;
        let seen: BTreeSet<u8> = closure(shown).into_values().collect();
        self.stale |= !record.put && !record.due.is_subset(&seen);
        record.due.clear();
        self.contexts[usize::from(record.client)].get_or_insert_default().extend(token);
    }
}

impl Model for Twin {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let nodes = vec![Node::default(); usize::from(self.n)];
        vec![World { nodes, contexts: vec![None; usize::from(self.clients)], ..World::default() }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        actions.extend(world.network.iter().cloned().map(Action::Deliver));
        if world.ops.len() >= self.operations {
            return;
        }
        for client in
            (0..self.clients).filter(|client| !world.ops.iter().any(|op| op.open && op.client == *client))
        {
            for put in [false, true] {
                actions.extend((0..self.n).map(|via| Action::Invoke { client, put, via }));
            }
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut world = world.clone();
        match action {
            Action::Invoke { client, put, via } => world.invoke(self, client, put, via),
            Action::Deliver(message) => world.deliver(self, &message),
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("fresh", |_, world: &World| !world.stale)]
    }
}
