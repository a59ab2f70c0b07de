//! Holding: a world in which every message waits until a step lets it arrive.
//!
//! So a search can look at every order in which messages may arrive. Nothing else differs: a held message is what a
//! schedule calls late, and a step that delivers it is the schedule's `arrive`. So a run in a world that holds is,
//! step for step, the run of a schedule that names all its messages late.
//!
//! This module also answers what such a search asks about a state: what may happen next, and whether two states have
//! the same future.
//!
//! Not modelled: a message that is doubled more than once, or doubled and lost.

use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::Address;
use crate::world::components::{ClientsPart, EnvironmentPart, InTransit, NodePart, RecordPart};
use crate::world::schedule::MessageName;
use crate::world::simulation::Simulation;
use crate::world::system::System;

/// What can happen next in a world that holds.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Enabled {
    /// The messages that can arrive, sorted by operation and name.
    pub deliverable: Vec<InFlight>,
    /// Whether any message on its way, deliverable or not, can still change anything.
    pub in_flight: bool,
    /// By client, for all clients so far: the operation it waits for.
    pub waiting: Vec<Option<OpId>>,
    /// The operations that a client waits for and whose coordinator could stop waiting.
    pub running: Vec<OpId>,
    /// By client: the keys it has used.
    pub used: Vec<Vec<Key>>,
    /// The nodes that are down.
    pub down: NodeSet,
    /// The nodes that are paused.
    pub paused: NodeSet,
    /// Whether a cut is in force.
    pub is_cut: bool,
    /// By node: the nodes it suspects.
    pub suspects: Vec<NodeSet>,
}

/// Which nodes may have changed since the last look. A step changes one or two; looking at all of them would be most
/// of its cost.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Changes(NodeSet);

impl Changes {
    /// Marks all nodes as changed.
    pub(super) const fn of_all(nodes: usize) -> Self {
        Self(NodeSet::first(nodes))
    }

    /// Marks a node as possibly changed.
    pub(super) fn mark(&mut self, node: NodeId) {
        self.0.insert(node);
    }

    /// Returns the nodes that may have changed since the last call.
    pub(super) fn take(&mut self) -> NodeSet {
        std::mem::replace(&mut self.0, NodeSet::EMPTY)
    }
}

/// A message that can arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InFlight {
    /// The operation it belongs to.
    pub op: OpId,
    /// The message's name.
    pub name: MessageName,
    /// The node it goes to; none: the client.
    pub to: Option<NodeId>,
    /// Whether it was doubled. Both copies are there until one arrives.
    pub doubled: bool,
}

impl InFlight {
    /// The operation and the name, by which a search looks for it.
    #[must_use]
    pub const fn named(&self) -> (OpId, MessageName) {
        (self.op, self.name)
    }
}

impl<S: System> Simulation<'_, S> {
    /// Until the run comes to rest, every message from one place to another waits for a step that delivers it.
    pub fn hold(&mut self) {
        self.network.hold(true);
    }

    /// Loses a message that is on its way. (A schedule loses it when it is sent. Only the operation's own undisturbed
    /// replicas could tell the two moments apart, and they only excuse.)
    pub fn lose_in_flight(&mut self, op: OpId, name: MessageName) {
        if let Some(parcel) = self.network.take(op, name) {
            self.note_release(op);
            self.lose(&parcel.envelope);
        }
    }

    /// Whether a message on its way can no longer change anything. `record` holds the notes on its operation, and
    /// `coordinator` is the node that coordinates it.
    ///
    /// A client ignores an answer that it does not wait for. And once nobody waits for an operation, the system may
    /// know that a message between its nodes is [spent](System::is_spent). Neither message can change the state of a
    /// node or a client, or cause another message; and the judges are told of neither. So a state with such a message
    /// has the same future as that state without it.
    pub fn is_spent(
        &self,
        message: &InTransit<S::Body>,
        record: &RecordPart,
        coordinator: &NodePart<S::Node>,
    ) -> bool {
        let envelope = &message.parcel.envelope;
        match (record.record(), envelope.from, envelope.to) {
            (Some(record), ..) if record.open => false,
            (None, ..) | (_, Address::Client(_), Address::Node(_)) => false,
            (_, _, Address::Client(_)) => true,
            (_, Address::Node(_), Address::Node(_)) => self.system.is_spent(&coordinator.node, envelope),
        }
    }
}

impl RecordPart {
    /// Whether its client still waits.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.record().is_some_and(|record| record.open)
    }

    /// The node that coordinates it.
    #[must_use]
    pub fn coordinator(&self) -> Option<NodeId> {
        self.record().map(|record| record.via)
    }
}

impl EnvironmentPart {
    /// Fills in what can happen next, except for the messages.
    pub fn look_ahead<'r, C>(
        &self,
        clients: &ClientsPart<C>,
        records: impl Iterator<Item = &'r RecordPart> + Clone,
        enabled: &mut Enabled,
    ) {
        enabled.waiting.clone_from(&clients.waiting);
        enabled.running.clear();
        let stopped = self.down.or(self.paused);
        let awake = |op: &OpId| {
            let coordinator = records.clone().nth(op.index()).and_then(RecordPart::coordinator);
            coordinator.is_some_and(|via| !stopped.contains(via))
        };
        enabled.running.extend(clients.waiting.iter().flatten().copied().filter(awake));
        enabled.used.iter_mut().for_each(Vec::clear);
        enabled.used.resize_with(clients.waiting.len(), Vec::new);
        for record in records.filter_map(RecordPart::record) {
            let used = &mut enabled.used[record.client.index()];
            if !used.contains(&record.key) {
                used.push(record.key);
            }
        }
        (enabled.down, enabled.paused, enabled.is_cut) = (self.down, self.paused, self.is_cut);
        enabled.suspects.clone_from(&self.suspects);
    }
}

impl<C> ClientsPart<C> {
    /// Whether a client waits for an answer.
    #[must_use]
    pub fn is_waiting(&self, client: ClientId) -> bool {
        self.waiting.get(client.index()).is_some_and(Option::is_some)
    }
}
