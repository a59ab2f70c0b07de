//! Parts, each stored once, and beside them what steps did with them.

use rustc_hash::FxHashMap;

use super::transition_cache::Outcomes;
use crate::id::NodeId;
use crate::judge::memory::{SessionsMemory, StampsMemory};
use crate::world::components::{ClientsPart, EnvironmentPart, InTransit, NodePart, RecordPart};
use crate::world::held_messages::InFlight;
use crate::world::system::System;

/// The number of a part, in the order in which parts were met.
pub(super) type Id = u32;

/// Parts of one sort. Their prints and their most-read data (`G`) lie close together, because the tables outgrow the
/// processor's caches.
pub(super) struct Interner<T, G = ()> {
    parts: Vec<T>,
    glances: Vec<G>,
    prints: Vec<u64>,
    by_identity: FxHashMap<u64, Id>,
}

impl<T, G> Interner<T, G> {
    fn new() -> Self {
        Self { parts: Vec::new(), glances: Vec::new(), prints: Vec::new(), by_identity: FxHashMap::default() }
    }

    /// The number of a part; parts of one identity share it. The part's print is hashed with those of the others.
    pub(super) fn number(&mut self, part: T, identity: u64, of: impl FnOnce(&T) -> (u64, G)) -> Id {
        *self.by_identity.entry(identity).or_insert_with(|| {
            let (print, glance) = of(&part);
            self.parts.push(part);
            self.glances.push(glance);
            self.prints.push(print);
            (self.parts.len() - 1) as Id
        })
    }

    #[inline]
    pub(super) fn part(&self, id: Id) -> &T {
        &self.parts[id as usize]
    }

    /// The most-read data of a part.
    #[inline]
    pub(super) fn glance(&self, id: Id) -> &G {
        &self.glances[id as usize]
    }

    #[inline]
    pub(super) fn print(&self, id: Id) -> u64 {
        self.prints[id as usize]
    }
}

/// The clients, with what the judges remember of operations and sessions.
pub(super) struct Clients<S: System> {
    pub(super) world: ClientsPart<S::Client>,
    pub(super) memory: SessionsMemory,
}

/// The environment, with what the judges remember of stamps.
pub(super) struct Environment<S: System> {
    pub(super) world: EnvironmentPart,
    pub(super) memory: StampsMemory<S::Clock>,
}

/// The most-read data of the notes on an operation.
#[derive(Clone, Copy)]
pub(super) struct Course {
    pub(super) is_open: bool,
    pub(super) coordinator: Option<NodeId>,
}

impl Course {
    pub(super) fn of(record: &RecordPart) -> Self {
        Self { is_open: record.is_open(), coordinator: record.coordinator() }
    }
}

/// The most parts (some hundred bytes to two thousand each) and outcomes: a hundred mebibytes together at most.
const MOST_PARTS: usize = 1 << 15;
const MOST_OUTCOMES: usize = 1 << 18;

/// All parts and outcomes met so far.
pub(super) struct Tables<S: System> {
    pub(super) clients: Interner<Clients<S>>,
    pub(super) environments: Interner<Environment<S>>,
    pub(super) nodes: Interner<NodePart<S::Node>>,
    pub(super) records: Interner<RecordPart, Course>,
    pub(super) messages: Interner<InTransit<S::Body>, InFlight>,
    pub(super) outcomes: Outcomes,
}

impl<S: System> Tables<S> {
    pub(super) fn new() -> Self {
        Self {
            clients: Interner::new(),
            environments: Interner::new(),
            nodes: Interner::new(),
            records: Interner::new(),
            messages: Interner::new(),
            outcomes: Outcomes::default(),
        }
    }

    /// Whether the tables hold so much that it is time to forget.
    pub(super) fn is_full(&self) -> bool {
        let parts = self.clients.parts.len()
            + self.environments.parts.len()
            + self.nodes.parts.len()
            + self.records.parts.len()
            + self.messages.parts.len();
        parts >= MOST_PARTS || self.outcomes.len() >= MOST_OUTCOMES
    }
}
