//! Holding: a world in which every message waits until a step lets it arrive.
//!
//! So a search can look at every order in which messages may arrive. Nothing else differs: what is held is what a
//! schedule calls late, and a step that delivers it is the schedule's `arrive`. Hence a run in a world that holds is
//! the run of a schedule that names every message of it late, step for step.
//!
//! Here is also what such a search asks of a state: what may happen next, and whether two states are the same for all
//! that can still come.
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

/// Which nodes may have changed since somebody asked. A step changes one or two; to look at all of them would be
/// most of its cost.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Changes(NodeSet);

impl Changes {
    /// All of so many nodes are new.
    pub(super) const fn of_all(nodes: usize) -> Self {
        Self(NodeSet::first(nodes))
    }

    /// A node may change now.
    pub(super) fn mark(&mut self, node: NodeId) {
        self.0.insert(node);
    }

    /// Those that may have changed since this was asked last.
    pub(super) fn take(&mut self) -> NodeSet {
        std::mem::replace(&mut self.0, NodeSet::EMPTY)
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
    /// Whether it was doubled. Until one of the two arrives, both are there.
    pub doubled: bool,
}

impl InFlight {
    /// What it is looked for by.
    #[must_use]
    pub const fn named(&self) -> (OpId, MessageName) {
        (self.op, self.name)
    }
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
            self.note_release(op);
            self.lose(&parcel.envelope);
        }
    }

    /// Whether a message that is on its way can no longer change anything. `record` is what is noted of its
    /// operation, and `coordinator` the node that coordinates it.
    ///
    /// An answer to a client that does not wait for it is not heard. And of an operation that nobody waits for any
    /// more the system may know that a message between its nodes is [spent](System::is_spent). Neither can change the
    /// state of a node or a client, nor cause another message; and the judges are told nothing of either. So a state
    /// with such a message and the same state without it have the same future.
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
    /// Whether its client waits for it.
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
    /// Fills in what can happen next, but for the messages.
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
