//! What lies between the nodes: cuts, and messages on their way.
//!
//! Clients stand outside the cuts: they reach every node that is up.

use std::hash::Hash;
use std::sync::Arc;

use crate::id::{MAX_NODES, NodeId, NodeSet, OpId};
use crate::model::{Address, Envelope};
use crate::world::fingerprint::fingerprint;
use crate::world::ghost::SharedGhost;
use crate::world::schedule::MessageName;
use crate::world::system::{Cargo, System};

/// A message with what it stands for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Parcel<B> {
    pub(super) name: MessageName,
    pub(super) envelope: Envelope<B>,
    /// What the message stands for, if it answers a read or stands for more than its versions say.
    pub(super) ghost: SharedGhost,
}

/// A message on its way. It no longer changes, so copies of the network share it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InTransit<B> {
    pub(super) parcel: Arc<Parcel<B>>,
    /// Its fingerprint, in a network that holds.
    pub(super) print: u64,
}

impl<B> InTransit<B> {
    /// The writes whose versions it carries, as far as the system shows them, sorted.
    pub fn carries<S: System<Body = B>>(&self, system: &S) -> Vec<OpId> {
        let versions = match system.cargo(&self.parcel.envelope) {
            Cargo::Nothing | Cargo::Alone => return Vec::new(),
            Cargo::Versions(versions)
            | Cargo::Copy { versions, .. }
            | Cargo::Merged { versions, .. }
            | Cargo::Reply { versions, .. } => versions,
        };
        let mut ops: Vec<OpId> = versions.iter().map(|version| version.op).collect();
        ops.sort_unstable();
        ops
    }
}

/// By sender: the nodes it cannot reach.
pub(super) type Blocked = [NodeSet; MAX_NODES];

/// The network's state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Network<B> {
    /// By sender: the nodes it cannot reach.
    blocked: Blocked,
    /// Late messages, and copies of doubled ones.
    on_their_way: Vec<InTransit<B>>,
    /// Whether every message without a fate of its own is late.
    holds: bool,
}

impl<B: Clone + Hash> Network<B> {
    pub(super) const fn new() -> Self {
        Self { blocked: [NodeSet::EMPTY; MAX_NODES], on_their_way: Vec::new(), holds: false }
    }

    pub(super) fn reset(&mut self) {
        self.blocked = [NodeSet::EMPTY; MAX_NODES];
        self.on_their_way.clear();
        self.holds = false;
    }

    /// Sets whether every message is late from now on.
    pub(super) const fn hold(&mut self, holds: bool) {
        self.holds = holds;
    }

    pub(super) const fn holds(&self) -> bool {
        self.holds
    }

    /// Cuts all messages from the first nodes to the second.
    pub(super) fn block(&mut self, from: NodeSet, to: NodeSet) {
        for node in from.iter() {
            let reach = &mut self.blocked[node.index()];
            *reach = reach.or(to).minus(NodeSet::only(node));
        }
    }

    pub(super) fn heal(&mut self) {
        self.blocked = [NodeSet::EMPTY; MAX_NODES];
    }

    /// Whether a message can pass.
    pub(super) fn passes(&self, from: Address, to: Address) -> bool {
        match (from, to) {
            (Address::Node(from), Address::Node(to)) => !self.blocked[from.index()].contains(to),
            _ => true,
        }
    }

    /// The nodes that this node can talk with in both directions.
    pub(super) fn connected_to(&self, node: NodeId) -> NodeSet {
        let there = NodeSet::first(MAX_NODES).minus(self.blocked[node.index()]);
        there.iter().filter(|other| !self.blocked[other.index()].contains(node)).collect()
    }

    pub(super) fn keep(&mut self, parcel: Parcel<B>) {
        let print = if self.holds { fingerprint(&parcel) } else { 0 };
        self.on_their_way.push(InTransit { parcel: Arc::new(parcel), print });
    }

    /// Takes out the message with this name, if it is on its way.
    pub(super) fn take(&mut self, op: OpId, name: MessageName) -> Option<Parcel<B>> {
        let at = self.parcels().position(|parcel| parcel.envelope.op == op && parcel.name == name)?;
        Some(Arc::unwrap_or_clone(self.on_their_way.remove(at).parcel))
    }

    /// Takes out the first message whose way is free and whose receiver, if it is a node, is awake.
    pub(super) fn take_first_passing(&mut self, awake: impl Fn(NodeId) -> bool) -> Option<Parcel<B>> {
        let at = self.parcels().position(|Parcel { envelope, .. }| {
            self.passes(envelope.from, envelope.to)
                && !matches!(envelope.to, Address::Node(node) if !awake(node))
        })?;
        Some(Arc::unwrap_or_clone(self.on_their_way.remove(at).parcel))
    }

    /// Whether any cut is in force.
    pub(super) fn is_cut(&self) -> bool {
        self.blocked.iter().fold(0, |any, blocked| any | blocked.0) != 0
    }

    /// The messages on their way, in the order in which they were sent.
    pub(super) fn parcels(&self) -> impl ExactSizeIterator<Item = &Parcel<B>> {
        self.on_their_way.iter().map(|kept| &*kept.parcel)
    }

    /// Replaces the messages in flight.
    pub(super) fn carry_only(&mut self, messages: impl Iterator<Item = InTransit<B>>) {
        self.on_their_way.clear();
        self.on_their_way.extend(messages);
    }

    /// Takes out all messages in flight.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = InTransit<B>> {
        self.on_their_way.drain(..)
    }

    /// By sender: the nodes it cannot reach.
    pub(super) const fn blocked(&self) -> Blocked {
        self.blocked
    }

    /// Replaces the cuts in force.
    pub(super) const fn set_blocked(&mut self, blocked: Blocked) {
        self.blocked = blocked;
    }

    /// The messages on their way.
    pub(super) fn on_their_way(&self) -> impl Iterator<Item = (OpId, MessageName)> {
        self.parcels().map(|parcel| (parcel.envelope.op, parcel.name))
    }
}
