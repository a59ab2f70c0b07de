//! A history while it is read: whole, or one part for each key once it is too long for the ids of one history.
//!
//! Operation ids have 16 bits, and judging needs memory that grows with the square of the operations; no judgement
//! reaches from one key to another. So a long history is split by key while it is read, and each part is a history of
//! its own, with its own names.

use std::collections::BTreeMap;

use super::MAX_OPERATIONS;
use super::ids::Ids;
use crate::id::{ClientId, Key, OpId};
use crate::world::history::{Completion, Event, History, Names, Tombstones};

/// See the [module](self).
pub(super) struct Parts {
    /// What store it was; no events.
    pub(super) store: History,
    /// One, or one for each key.
    histories: Vec<History>,
    /// Whether there is one for each key.
    by_key: bool,
    /// How many operations each has.
    operations: Vec<usize>,
    /// The faults of the store: every part has them.
    faults: Vec<Event>,
}

impl Parts {
    /// The whole history of a store, still empty.
    pub(super) fn whole(store: History) -> Self {
        let histories = vec![store.clone()];
        Self { store, histories, by_key: false, operations: vec![0], faults: Vec::new() }
    }

    /// Whether operations of these keys stand in one history.
    pub(super) fn are_one(&self, one: Key, other: Key) -> bool {
        !self.by_key || one == other
    }

    /// The history that a key belongs to.
    pub(super) fn of(&mut self, key: Key) -> &mut History {
        let at = self.index(key);
        while self.histories.len() <= at {
            let events = self.faults.clone();
            self.histories.push(History { events, ..self.store.clone() });
            self.operations.push(0);
        }
        &mut self.histories[at]
    }

    fn index(&self, key: Key) -> usize {
        if self.by_key { key.index() } else { 0 }
    }

    /// Whether no id is left for an operation of this key.
    pub(super) fn are_full(&self, key: Key) -> bool {
        self.operations.get(self.index(key)).is_some_and(|count| *count == MAX_OPERATIONS)
    }

    /// An id for an operation of this key.
    pub(super) fn next(&mut self, key: Key) -> OpId {
        let at = self.index(key);
        self.of(key);
        self.operations[at] += 1;
        OpId::at(self.operations[at] - 1)
    }

    /// Adds a fault of the store.
    pub(super) fn fault(&mut self, fault: &Event) {
        self.faults.push(fault.clone());
        self.histories.iter_mut().for_each(|history| history.events.push(fault.clone()));
    }

    /// All events, key after key if there is a part for each.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.histories.iter().flat_map(|history| &history.events)
    }

    /// Every part, with its key if it has one.
    pub(super) fn each(&mut self) -> impl Iterator<Item = (Option<Key>, &mut History)> {
        let by_key = self.by_key;
        self.histories.iter_mut().enumerate().map(move |(at, part)| (by_key.then(|| Key::at(at)), part))
    }

    /// Splits one history into one for each key. Returns the new id of every operation, by its old one.
    pub(super) fn split(&mut self) -> Vec<OpId> {
        let whole = std::mem::take(&mut self.histories);
        let mut moved = Vec::new();
        (self.by_key, self.operations) = (true, Vec::new());
        self.faults.clear();
        for history in whole {
            let History { events, names, .. } = history;
            moved = vec![(Key::at(0), OpId::at(0)); names.operations.len()];
            let mut names = names.operations.into_iter();
            for event in events {
                match event {
                    Event::Fault(_) => self.fault(&event),
                    Event::Invoke(mut of) => {
                        let old = of.op;
                        of.op = self.next(of.key);
                        moved[old.index()] = (of.key, of.op);
                        of.context = within(of.key, of.context.iter(), &moved).collect();
                        let history = self.of(of.key);
                        history.names.operations.extend(names.next());
                        history.events.push(Event::Invoke(of));
                    }
                    Event::Complete(mut of) => {
                        let (key, op) = moved[of.op.index()];
                        of.op = op;
                        self.complete(key, of, &moved);
                    }
                }
            }
        }
        moved.into_iter().map(|(_, op)| op).collect()
    }

    fn complete(&mut self, key: Key, mut of: Completion, moved: &[(Key, OpId)]) {
        if let Some(seen) = &mut of.observation {
            let stray = |op: &&OpId| moved[op.index()].0 != key;
            let strays: Vec<OpId> = seen.values.iter().filter(stray).copied().collect();
            for stray in strays {
                let (key, op) = moved[stray.index()];
                let written = self.of(key).names.operations.get(op.index());
                let value = written.and_then(|(_, value)| value.clone()).unwrap_or_default();
                seen.fabricated.push(value);
            }
            seen.resolved = seen.resolved.and_then(|op| within(key, [op], moved).next());
            seen.values = within(key, std::mem::take(&mut seen.values), moved).collect();
            if let Tombstones::These(deletes) = &mut seen.tombstones {
                *deletes = within(key, std::mem::take(deletes), moved).collect();
            }
        }
        self.of(key).events.push(Event::Complete(of));
    }

    /// The histories, with the names that their ids stand for.
    pub(super) fn finish(mut self, ids: Ids) -> Vec<History> {
        let Ids::Named { keys, nodes, clients } = ids else { return self.histories };
        if !self.by_key {
            for history in &mut self.histories {
                let names = &mut history.names;
                (names.keys, names.nodes, names.clients) =
                    (keys.names.clone(), nodes.names.clone(), clients.names.clone());
            }
            return self.histories;
        }
        let named = self.histories.iter_mut().zip(keys.names);
        for (history, key) in named {
            let operations = std::mem::take(&mut history.names.operations);
            let clients = clients_of(history, &clients.names);
            history.names = Names { keys: vec![key], nodes: nodes.names.clone(), clients, operations };
        }
        self.histories.retain(|history| history.events.iter().any(|event| matches!(event, Event::Invoke(_))));
        self.histories
    }
}

/// The operations among these that belong to one key, by their new ids.
fn within(
    key: Key,
    ops: impl IntoIterator<Item = OpId>,
    moved: &[(Key, OpId)],
) -> impl Iterator<Item = OpId> {
    ops.into_iter().map(|op| moved[op.index()]).filter(move |(of, _)| *of == key).map(|(_, op)| op)
}

/// Gives the one key of a history and its clients the first ids. Returns the clients' names.
fn clients_of(history: &mut History, names: &[String]) -> Vec<String> {
    let mut known: BTreeMap<ClientId, ClientId> = BTreeMap::new();
    let mut called = Vec::new();
    for event in &mut history.events {
        if let Event::Invoke(of) = event {
            of.key = Key::at(0);
            of.client = *known.entry(of.client).or_insert_with(|| {
                called.push(names[of.client.index()].clone());
                ClientId::at(called.len() - 1)
            });
        }
    }
    called
}
