//! What was asked and what was answered, in order: all that a client of a store can know.
//!
//! A [`History`] is the same value whether the simulator wrote it or a real store was recorded
//! (`world::history_file`). The judges of `judge::history` read nothing else.
//!
//! Not modelled: the time that passed. Events stand in the order of real time, and an operation precedes
//! another exactly if its completion stands before the other's invocation.

use smallvec::SmallVec;

use crate::id::{ClientId, Key, NodeId, OpId};
pub use crate::model::{Action, Reason, Status};

use crate::model::DataType;
use crate::op_set::OpSet;

/// An operation begins: its client sends it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// The operation.
    pub op: OpId,
    /// The client.
    pub client: ClientId,
    /// What it asks for.
    pub action: Action,
    /// The key.
    pub key: Key,
    /// The node it asks.
    pub via: NodeId,
    /// How many replicas must answer: R for a read, W for a write, or what the operation's own level says.
    pub required: u8,
    /// The operations whose tokens a write carries as its context. Empty: blind.
    pub context: OpSet,
}

/// The deletes that a read showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tombstones {
    /// Exactly these.
    These(SmallVec<[OpId; 8]>),
    /// Some of the deletes invoked before the read ended; which ones nobody recorded.
    Some,
}

impl Tombstones {
    /// No delete.
    #[must_use]
    pub const fn none() -> Self {
        Self::These(SmallVec::new_const())
    }
}

/// What a read returned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The writes whose values were returned, each as often as it was returned.
    pub values: SmallVec<[OpId; 8]>,
    /// The deletes among the merged versions.
    pub tombstones: Tombstones,
    /// Values that no invocation of the history wrote, as they were returned.
    pub fabricated: Vec<String>,
    /// A counter's value.
    pub count: Option<i64>,
    /// The one sibling that the client takes, if its rule of resolution takes one.
    pub resolved: Option<OpId>,
}

impl Observation {
    /// Not found: no value, no delete.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            values: SmallVec::new_const(),
            tombstones: Tombstones::none(),
            fabricated: Vec::new(),
            count: None,
            resolved: None,
        }
    }
}

/// An operation ends, as its client sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// The operation.
    pub op: OpId,
    /// How it ended.
    pub status: Status,
    /// Why, if it is not ok.
    pub reason: Option<Reason>,
    /// What a read returned, if it ended ok.
    pub observation: Option<Observation>,
    /// The timestamp that a write was given, if it ended ok and was given one.
    pub timestamp: Option<u64>,
    /// Whether the answer brought a token that a later write of the client carries as context.
    pub token: bool,
}

/// One line of a history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// An operation begins.
    Invoke(Invocation),
    /// An operation ends.
    Complete(Completion),
    /// Something happened to the store that excuses it.
    Fault(Excuse),
}

/// What can happen to a store and excuse it. A recorded history need not tell it; ours always does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Excuse {
    /// A node has lost its disk.
    DiskLost(NodeId),
    /// A node's clock was set wrong.
    Skewed(NodeId),
}

/// A whole history: its events in order of time, and what is known of the store.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// Replicas of a key.
    pub n: u8,
    /// Answers a read waits for.
    pub r: u8,
    /// Acknowledgements a write waits for.
    pub w: u8,
    /// How a read chooses among concurrent writes.
    pub data_type: DataType,
    /// The events.
    pub events: Vec<Event>,
    /// What a recorded history calls its keys, clients and values, if they are not numbers.
    pub names: Names,
}

/// The names that a recorded history uses, by our ids. A thing without a name goes by its id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The names of the keys, by key.
    pub keys: Vec<String>,
    /// The process numbers of the clients, by client.
    pub clients: Vec<String>,
    /// The names of the nodes, by node.
    pub nodes: Vec<String>,
    /// By operation: the number the history gives it, and the value it wrote, if any.
    pub operations: Vec<(u64, Option<String>)>,
}

impl Names {
    /// A key: `g09.k1`, or `k1`.
    #[must_use]
    pub fn key(&self, key: Key) -> String {
        self.keys.get(key.index()).cloned().unwrap_or_else(|| key.to_string())
    }

    /// A client: `process 6`, or `c1`.
    #[must_use]
    pub fn client(&self, client: ClientId) -> String {
        self.clients
            .get(client.index())
            .map_or_else(|| client.to_string(), |process| format!("process {process}"))
    }

    /// A node: as the history calls it, or `n1`.
    #[must_use]
    pub fn node(&self, node: NodeId) -> String {
        self.nodes.get(node.index()).cloned().unwrap_or_else(|| node.to_string())
    }

    /// An operation: `op 297`, or `o3`.
    #[must_use]
    pub fn operation(&self, op: OpId) -> String {
        self.operations.get(op.index()).map_or_else(|| op.to_string(), |(number, _)| format!("op {number}"))
    }

    /// A write by its value, `g09.p6.14`; a delete, which has none, by its number, `op 30`; or `o3`.
    #[must_use]
    pub fn write(&self, op: OpId) -> String {
        match self.operations.get(op.index()) {
            Some((_, Some(value))) => value.clone(),
            _ => self.operation(op),
        }
    }
}
