//! Holding: a world in which every message waits until a step lets it arrive.
//!
//! So a search can look at every order in which messages may arrive. Nothing else differs: what is held is what a
//! schedule calls late, and a step that delivers it is the schedule's `arrive`. Hence a run in a world that holds is
//! the run of a schedule that names every message of it late, step for step.
//!
//! Here is also what such a search asks of a state: what may happen next, and whether two states are the same for all
//! that can still come.
//!
//! Not modelled: a message that is late and doubled. A schedule has no words for it, so no world that holds has it.

use std::hash::{Hash, Hasher};

use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::Address;
use crate::world::fingerprint::{fingerprint, hash_unordered};
use crate::world::schedule::MessageName;
use crate::world::simulation::Simulation;
use crate::world::system::System;

/// What can happen next in a world that holds.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Outlook {
    /// The messages that can arrive, sorted by operation and name.
    pub deliverable: Vec<InFlight>,
    /// Whether there is any message on its way, deliverable or not.
    pub in_flight: bool,
    /// How many operations were invoked.
    pub operations: usize,
    /// By client, as far as any was ever heard of: the operation it waits for.
    pub waiting: Vec<Option<OpId>>,
    /// The operations that are waited for and whose coordinator could stop waiting.
    pub running: Vec<OpId>,
    /// By client: the keys it has used.
    pub used: Vec<Vec<Key>>,
    /// The nodes that are down.
    pub down: NodeSet,
    /// Those that are paused.
    pub paused: NodeSet,
    /// Whether a cut is in force.
    pub is_cut: bool,
    /// By node: whom it takes for unreachable.
    pub suspects: Vec<NodeSet>,
}

/// Which nodes changed. A step changes one or two; to copy or hash all of them would be most of its cost.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Changes {
    /// Since the state became a copy of another.
    since_copied: NodeSet,
    /// Since their fingerprints were taken.
    since_printed: NodeSet,
    /// By node.
    prints: Vec<u64>,
}

impl Changes {
    /// All of so many nodes are new.
    pub(super) fn of_all(nodes: usize) -> Self {
        let all = NodeSet::first(nodes);
        Self { since_copied: all, since_printed: all, prints: vec![0; nodes] }
    }

    /// A node may change now.
    pub(super) fn mark(&mut self, node: NodeId) {
        self.since_copied.insert(node);
        self.since_printed.insert(node);
    }
}

/// A message that can arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InFlight {
    /// The operation it belongs to.
    pub op: OpId,
    /// Which of its messages.
    pub name: MessageName,
    /// The node it goes to; none: it goes to the client.
    pub to: Option<NodeId>,
}

impl<S: System> Simulation<'_, S> {
    /// From now on, until it comes to rest, every message from one place to another waits for a step that delivers it.
    pub fn hold(&mut self) {
        self.network.hold(true);
    }

    /// A message that is on its way is lost. (In a schedule it is lost when it is sent; between the two moments only
    /// the operation's own undisturbed replicas could tell the difference, and they only excuse.)
    pub fn lose_in_flight(&mut self, op: OpId, name: MessageName) {
        if let Some(parcel) = self.network.take(op, name) {
            self.lose(&parcel.envelope);
        }
    }

    /// Drops what is on its way and can no longer change anything.
    ///
    /// An answer to a client that does not wait for it is not heard. And of an operation that nobody waits for any
    /// more the system may know that a message between its nodes is [spent](System::is_spent). Neither can change the
    /// state of a node or a client, nor cause another message; and the judges are told nothing of either. So a state
    /// with such a message and the same state without it have the same future.
    pub fn drop_spent(&mut self) {
        let (records, nodes, system) = (&self.records, &self.nodes, self.system);
        self.network.retain(|parcel| {
            let envelope = &parcel.envelope;
            let Some(Some(record)) = records.get(envelope.op.index()) else { return true };
            match (envelope.from, envelope.to) {
                _ if record.open => true,
                (_, Address::Client(_)) => false,
                (Address::Node(_), Address::Node(_)) => {
                    !system.is_spent(&nodes[record.via.index()], envelope)
                }
                (Address::Client(_), Address::Node(_)) => true,
            }
        });
    }

    /// Fills in the messages that can arrive, sorted by operation and name.
    pub fn deliverable(&self, messages: &mut Vec<InFlight>) {
        messages.clear();
        let passing = self.network.parcels().filter(|parcel| self.may_arrive(&parcel.envelope));
        messages.extend(passing.map(|parcel| InFlight {
            op: parcel.envelope.op,
            name: parcel.name,
            to: match parcel.envelope.to {
                Address::Node(node) => Some(node),
                Address::Client(_) => None,
            },
        }));
        messages.sort_unstable_by_key(|message| (message.op, message.name));
    }

    /// Fills in what can happen next.
    pub fn look_ahead(&self, outlook: &mut Outlook) {
        self.deliverable(&mut outlook.deliverable);
        outlook.in_flight = self.network.parcels().len() > 0;
        outlook.operations = self.records.len();
        outlook.waiting.clone_from(&self.waiting);
        outlook.running.clear();
        let awake = |op: &OpId| match &self.records[op.index()] {
            Some(record) => !self.down.or(self.paused).contains(record.via),
            None => false,
        };
        outlook.running.extend(self.waiting.iter().flatten().copied().filter(awake));
        outlook.used.iter_mut().for_each(Vec::clear);
        outlook.used.resize_with(self.clients.len(), Vec::new);
        for record in self.records.iter().flatten() {
            let used = &mut outlook.used[record.client.index()];
            if !used.contains(&record.key) {
                used.push(record.key);
            }
        }
        (outlook.down, outlook.paused) = (self.down, self.paused);
        outlook.is_cut = self.network.is_cut();
        outlook.suspects.clone_from(&self.suspects);
    }

    /// Hashes all that can matter for what may still come, and nothing else: two states that differ in no more than
    /// the order in which messages were sent, or in how often, have the same future.
    pub fn hash_future<H: Hasher>(&mut self, state: &mut H) {
        for node in std::mem::take(&mut self.changes.since_printed).iter() {
            self.changes.prints[node.index()] = fingerprint(&self.nodes[node.index()]);
        }
        self.changes.prints.hash(state);
        self.clients.hash(state);
        self.waiting.hash(state);
        for record in self.records.iter().flatten() {
            record.hash_future(state);
        }
        hash_unordered(self.network.prints(), state);
        if self.network.is_cut() {
            self.network.blocked().hash(state);
        }
        self.ghosts.hash_future(state);
        self.unrepaired.hash(state);
        (self.down, self.paused, self.time_ms).hash(state);
        self.suspects.hash(state);
        if self.skewed {
            self.skew_ms.hash(state);
        }
    }

    /// Becomes a copy of another, in its own room. `again`: it became one of the same state before, and none since.
    pub fn copy_from(&mut self, other: &Self, again: bool) {
        let changed = if again { self.changes.since_copied } else { NodeSet::first(self.nodes.len()) };
        for node in changed.iter() {
            self.nodes[node.index()].clone_from(&other.nodes[node.index()]);
        }
        self.changes.prints.clone_from(&other.changes.prints);
        self.changes.since_printed = other.changes.since_printed;
        self.changes.since_copied = NodeSet::EMPTY;
        self.clients.clone_from(&other.clients);
        self.waiting.clone_from(&other.waiting);
        self.records.clone_from(&other.records);
        self.network.copy_from(&other.network);
        self.ghosts.copy_from(&other.ghosts);
        (self.down, self.paused) = (other.down, other.paused);
        self.suspects.clone_from(&other.suspects);
        self.skew_ms.clone_from(&other.skew_ms);
        self.unrepaired.clone_from(&other.unrepaired);
        (self.wipes, self.skewed, self.time_ms) = (other.wipes, other.skewed, other.time_ms);
        self.queue.clear();
        self.outbox.clear();
        self.tally = other.tally;
    }

    /// Whether a client waits for an answer.
    #[must_use]
    pub fn is_waiting(&self, client: ClientId) -> bool {
        self.waiting.get(client.index()).is_some_and(Option::is_some)
    }
}
