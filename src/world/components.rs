//! A state in its parts, for a search that meets the same parts again and again.
//!
//! A state consists of its [nodes](NodePart), with what they hold and what their copies have taken in; the world's
//! notes on each [operation](RecordPart); the [messages](InTransit) on their way; the [clients](ClientsPart); and the
//! [environment](EnvironmentPart): cuts, who is up, time. A step reads and changes few of these parts; [`Reads`] says
//! which. So a step need not run again from parts that were met together before.
//!
//! Not here: what all states of a search share, the system, its cluster and the homes of its keys.

use std::hash::{Hash, Hasher};

use crate::id::{MAX_NODES, NodeId, NodeSet, OpId};
use crate::model::Address;
use crate::world::fingerprint::{Fingerprinter, fingerprint};
use crate::world::ghosts::{CopiesGhosts, TokensGhosts, WritesGhosts};
use crate::world::network::Blocked;
use crate::world::operation_record::Record;
use crate::world::schedule::{MessageName, Step};
use crate::world::simulation::{Simulation, Tally};
use crate::world::system::System;

pub use crate::world::network::InTransit;

/// Which parts a step reads and may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reads {
    /// The nodes.
    pub nodes: Of<NodeId>,
    /// The operations.
    pub records: Of<OpId>,
    /// Whether the step reads the environment.
    pub environment: bool,
    /// Whether it concerns the clients.
    pub clients: bool,
}

/// None, one, or all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of<T> {
    /// None of them.
    None,
    /// This one.
    One(T),
    /// All of them.
    All,
}

impl<T> Of<T> {
    /// The same choice, of another type.
    pub fn map<U>(self, name: impl FnOnce(T) -> U) -> Of<U> {
        match self {
            Self::None => Of::None,
            Self::One(one) => Of::One(name(one)),
            Self::All => Of::All,
        }
    }
}

impl Reads {
    /// A message arrives, at a node or (`None`) at a client.
    ///
    /// A node sees only the arriving message and its own copies, and [receives](System::receive) by nothing else. Only
    /// its own copies' ghosts take anything in, and its operation's record notes what it sends. A client's answer was
    /// decided when it was sent.
    #[must_use]
    pub fn of_arrival(op: OpId, to: Option<NodeId>) -> Self {
        Self {
            nodes: to.map_or(Of::None, Of::One),
            records: Of::One(op),
            environment: true,
            clients: to.is_none(),
        }
    }

    /// A message is lost: its operation is disturbed.
    #[must_use]
    pub const fn of_loss(op: OpId) -> Self {
        Self { nodes: Of::None, records: Of::One(op), environment: false, clients: false }
    }

    /// Any other step. `coordinator`: the coordinator of the operation that the step names, if any; `gives_up`: whether
    /// a client gives up an operation to invoke this one; `any_disk_lost`: whether a lost disk excuses anything, so
    /// that every copy is asked what it got back.
    #[must_use]
    pub fn of_step(step: &Step, coordinator: Option<NodeId>, gives_up: bool, any_disk_lost: bool) -> Self {
        let nodes = match step {
            Step::Timeout { .. } => coordinator.map_or(Of::None, Of::One),
            Step::Crash { node } | Step::Wake { node } => Of::One(*node),
            Step::Wipe { .. } => Of::All,
            Step::Operation(_) | Step::Skew { .. } if any_disk_lost => Of::All,
            Step::Operation(_)
            | Step::Skew { .. }
            | Step::Cut { .. }
            | Step::CutOneWay { .. }
            | Step::Heal
            | Step::Pause { .. }
            | Step::Restart { .. }
            | Step::Suspect { .. }
            | Step::Trust
            | Step::Tick { .. } => Of::None,
            Step::Arrive { .. } => Of::All,
        };
        let records = match step {
            Step::Timeout { op } => Of::One(*op),
            // A new record begins.
            Step::Operation(operation) if !gives_up => Of::One(operation.op),
            _ => Of::All,
        };
        Self { nodes, records, environment: true, clients: !matches!(step, Step::Timeout { .. }) }
    }
}

/// A node, and what its copies have taken in.
#[derive(Clone, Hash, Debug)]
pub struct NodePart<N> {
    pub(super) node: N,
    copies: CopiesGhosts,
}

/// What the world notes about an operation; nothing if it was not invoked.
#[derive(Clone, Hash, Debug)]
pub struct RecordPart(Option<Record>);

impl RecordPart {
    /// The fingerprint of the whole record.
    #[must_use]
    pub fn identity(&self) -> u64 {
        fingerprint(self)
    }

    /// The fingerprint of what can still matter. How often a message was sent cannot; but it decides the name of the
    /// next one.
    #[must_use]
    pub fn print(&self) -> u64 {
        let mut hasher = Fingerprinter::default();
        if let Some(record) = &self.0 {
            record.hash_future(&mut hasher);
        }
        hasher.finish()
    }

    pub(super) const fn record(&self) -> Option<&Record> {
        self.0.as_ref()
    }
}

/// What clients know, and what they wait for.
#[derive(Clone, Hash, Debug)]
pub struct ClientsPart<C> {
    clients: Vec<C>,
    pub(super) waiting: Vec<Option<OpId>>,
    tokens: TokensGhosts,
}

/// What concerns every node: cuts, who is up, time, and what the writes stand for.
#[derive(Clone, Debug)]
pub struct EnvironmentPart {
    writes: WritesGhosts,
    blocked: Blocked,
    pub(super) is_cut: bool,
    pub(super) down: NodeSet,
    pub(super) paused: NodeSet,
    pub(super) suspects: Vec<NodeSet>,
    skew_ms: Vec<i32>,
    unrepaired: Vec<NodeSet>,
    wipes: [u8; MAX_NODES],
    skewed: bool,
    time_ms: u64,
}

impl Hash for EnvironmentPart {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.writes, &self.unrepaired, &self.suspects).hash(state);
        (self.down, self.paused, self.time_ms, self.is_cut, self.skewed).hash(state);
        if self.is_cut {
            self.blocked.hash(state);
        }
        if self.skewed {
            self.skew_ms.hash(state);
        }
        state.write(&self.wipes);
    }
}

impl EnvironmentPart {
    /// Whether any disk with something on it was lost.
    #[must_use]
    pub const fn any_disk_lost(&self) -> bool {
        self.writes.any_disk_lost()
    }

    /// Whether a message can arrive now, if a step says so.
    #[must_use]
    pub fn lets_arrive<B>(&self, message: &InTransit<B>) -> bool {
        if !self.is_cut && self.paused.is_empty() {
            return true;
        }
        let envelope = &message.parcel.envelope;
        match (envelope.from, envelope.to) {
            (_, Address::Node(to)) if self.paused.contains(to) => false,
            (Address::Node(from), Address::Node(to)) => !self.blocked[from.index()].contains(to),
            _ => true,
        }
    }
}

impl<B> InTransit<B> {
    /// The operation it belongs to.
    #[must_use]
    pub fn op(&self) -> OpId {
        self.parcel.envelope.op
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> MessageName {
        self.parcel.name
    }

    /// The node it goes to; none: the client.
    #[must_use]
    pub fn to(&self) -> Option<NodeId> {
        match self.parcel.envelope.to {
            Address::Node(node) => Some(node),
            Address::Client(_) => None,
        }
    }

    /// The fingerprint of this part.
    #[must_use]
    pub const fn print(&self) -> u64 {
        self.print
    }
}

impl<S: System> Simulation<'_, S> {
    /// A node, as it is now.
    #[must_use]
    pub fn node_part(&self, node: NodeId) -> NodePart<S::Node> {
        NodePart { node: self.nodes[node.index()].clone(), copies: self.ghosts.copies_of(node) }
    }

    /// Replaces the node with this name.
    pub fn set_node_part(&mut self, node: NodeId, part: &NodePart<S::Node>) {
        self.nodes[node.index()].clone_from(&part.node);
        self.ghosts.set_copies_of(node, &part.copies);
    }

    /// The nodes that may have changed since the last call.
    pub fn take_changed(&mut self) -> NodeSet {
        self.changes.take()
    }

    /// How many operations were invoked.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.records.len()
    }

    /// The notes on an operation.
    #[must_use]
    pub fn record_part(&self, op: OpId) -> RecordPart {
        RecordPart(self.records.get(op.index()).cloned().flatten())
    }

    /// Replaces the notes on an operation.
    pub fn set_record_part(&mut self, op: OpId, part: &RecordPart) {
        if self.records.len() <= op.index() {
            self.records.resize_with(op.index() + 1, || None);
        }
        self.records[op.index()].clone_from(&part.0);
    }

    /// Forgets all but the first `count` operations.
    pub fn keep_operations(&mut self, count: usize) {
        self.records.truncate(count);
    }

    /// The clients, as they are now.
    #[must_use]
    pub fn clients_part(&self) -> ClientsPart<S::Client> {
        ClientsPart {
            clients: self.clients.clone(),
            waiting: self.waiting.clone(),
            tokens: self.ghosts.tokens(),
        }
    }

    /// Replaces the clients.
    pub fn set_clients_part(&mut self, part: &ClientsPart<S::Client>) {
        self.clients.clone_from(&part.clients);
        self.waiting.clone_from(&part.waiting);
        self.ghosts.set_tokens(&part.tokens);
    }

    /// The environment, as it is now.
    #[must_use]
    pub fn environment_part(&self) -> EnvironmentPart {
        EnvironmentPart {
            writes: self.ghosts.of_writes(),
            blocked: self.network.blocked(),
            is_cut: self.network.is_cut(),
            down: self.down,
            paused: self.paused,
            suspects: self.suspects.clone(),
            skew_ms: self.skew_ms.clone(),
            unrepaired: self.unrepaired.clone(),
            wipes: self.wipes,
            skewed: self.skewed,
            time_ms: self.time_ms,
        }
    }

    /// Replaces the environment.
    pub fn set_environment_part(&mut self, part: &EnvironmentPart) {
        self.ghosts.set_writes(&part.writes);
        self.network.set_blocked(part.blocked);
        (self.down, self.paused) = (part.down, part.paused);
        self.suspects.clone_from(&part.suspects);
        self.skew_ms.clone_from(&part.skew_ms);
        self.unrepaired.clone_from(&part.unrepaired);
        (self.wipes, self.skewed, self.time_ms) = (part.wipes, part.skewed, part.time_ms);
    }

    /// Replaces the messages in flight, holds them until a step delivers them, and resets the tally.
    pub fn set_messages(&mut self, messages: impl Iterator<Item = InTransit<S::Body>>) {
        self.network.hold(true);
        self.network.carry_only(messages);
        self.queue.clear();
        self.outbox.clear();
        self.tally = Tally::default();
    }

    /// Takes out all messages in flight.
    pub fn take_messages(&mut self) -> impl Iterator<Item = InTransit<S::Body>> {
        self.network.take_all()
    }
}
