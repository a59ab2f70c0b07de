//! Parts, each kept once, and steps that were taken before, with what they did.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::check::memory::{SessionsMemory, StampsMemory};
use crate::id::{NodeId, OpId};
use crate::world::parts::{ClientsPart, EnvironmentPart, InTransit, NodePart, RecordPart};
use crate::world::schedule::MessageName;
use crate::world::system::System;

/// A part by the order in which it was met.
pub(super) type Id = u32;

/// Parts of one sort.
pub(super) struct Table<T> {
    parts: Vec<(T, u64)>,
    by_identity: FxHashMap<u64, Id>,
}

impl<T> Table<T> {
    fn new() -> Self {
        Self { parts: Vec::new(), by_identity: FxHashMap::default() }
    }

    /// The number of a part; two of one identity are one. Its print is hashed with those of the other parts.
    pub(super) fn number(&mut self, part: T, identity: u64, print: impl FnOnce(&T) -> u64) -> Id {
        *self.by_identity.entry(identity).or_insert_with(|| {
            let print = print(&part);
            self.parts.push((part, print));
            (self.parts.len() - 1) as Id
        })
    }

    #[inline]
    pub(super) fn part(&self, id: Id) -> &T {
        &self.parts[id as usize].0
    }

    #[inline]
    pub(super) fn print(&self, id: Id) -> u64 {
        self.parts[id as usize].1
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

/// A message, with what it is looked for by.
pub(super) struct Message<B> {
    pub(super) op: OpId,
    pub(super) name: MessageName,
    pub(super) to: Option<NodeId>,
    /// Whether it was doubled: then it is not lost, and not doubled again.
    pub(super) doubled: bool,
    pub(super) in_transit: InTransit<B>,
}

/// At which parts a step looked: for several of a sort, a fingerprint of their numbers; for none, 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Cause {
    /// The fingerprint of the step; of a delivery or a loss, the message.
    pub(super) what: u64,
    pub(super) nodes: u64,
    pub(super) records: u64,
    pub(super) environment: Id,
    pub(super) clients: Id,
}

/// What a step did: which parts stand where from then on.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Outcome {
    /// None: the one there was.
    pub(super) clients: Option<Id>,
    /// None: the one there was.
    pub(super) environment: Option<Id>,
    pub(super) nodes: SmallVec<[(u16, Id); 2]>,
    pub(super) records: SmallVec<[(u16, Id); 2]>,
    /// What was sent, or stayed on its way.
    pub(super) sent: SmallVec<[Id; 3]>,
}

/// So many parts, of some hundred bytes to two thousand, and so many outcomes take a hundred mebibytes at most.
const MOST_PARTS: usize = 1 << 15;
const MOST_OUTCOMES: usize = 1 << 18;

/// All that was met.
pub(super) struct Tables<S: System> {
    pub(super) clients: Table<Clients<S>>,
    pub(super) environments: Table<Environment<S>>,
    pub(super) nodes: Table<NodePart<S::Node>>,
    pub(super) records: Table<RecordPart>,
    pub(super) messages: Table<Message<S::Body>>,
    places: FxHashMap<Cause, u32>,
    outcomes: Vec<Outcome>,
}

impl<S: System> Tables<S> {
    pub(super) fn new() -> Self {
        Self {
            clients: Table::new(),
            environments: Table::new(),
            nodes: Table::new(),
            records: Table::new(),
            messages: Table::new(),
            places: FxHashMap::default(),
            outcomes: Vec::new(),
        }
    }

    /// What came of it before.
    #[inline]
    pub(super) fn outcome(&self, cause: &Cause) -> Option<&Outcome> {
        self.places.get(cause).map(|place| &self.outcomes[*place as usize])
    }

    /// Notes what came of it.
    pub(super) fn note(&mut self, cause: Cause, outcome: Outcome) {
        self.places.insert(cause, self.outcomes.len() as u32);
        self.outcomes.push(outcome);
    }

    /// Whether it is time to forget.
    pub(super) fn is_full(&self) -> bool {
        let parts = self.clients.parts.len()
            + self.environments.parts.len()
            + self.nodes.parts.len()
            + self.records.parts.len()
            + self.messages.parts.len();
        parts >= MOST_PARTS || self.outcomes.len() >= MOST_OUTCOMES
    }
}
