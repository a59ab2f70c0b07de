//! What is said on the wire, and why.
//!
//! One operation consists of the client's [`Request`](Body::Request) to a coordinator; a [`Store`](Body::Store) or a
//! [`Fetch`](Body::Fetch) to each target; an answer from each target; and a [`Reply`](Body::Reply) to the client. A
//! read may cause repairs: deliveries like those of a write, but with another [`Errand`]. A node that stands in for
//! another hands over what it holds with the same message.
//!
//! Not modelled: digests in place of values, batches, and messages that differ from what was sent.

use std::sync::Arc;

use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::progress::SlotSet;
use crate::model::protocol::Errand;
use crate::model::{Action, Causality, Dotted, Level, MessageKind, Reason, Siblings, Status, Value};

/// An end of the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Address {
    /// A client.
    Client(ClientId),
    /// A node.
    Node(NodeId),
}

/// A message with its name: the operation that caused it, its purpose, and the replica at its other end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Envelope<B> {
    /// The sender.
    pub from: Address,
    /// The receiver.
    pub to: Address,
    /// The operation that caused it.
    pub op: OpId,
    /// The key it is about.
    pub key: Key,
    /// What it is for.
    pub kind: MessageKind,
    /// The replica at its other end; none for a message between client and coordinator.
    pub replica: Option<NodeId>,
    /// The position of that replica among the coordinator's targets.
    pub slot: u8,
    /// What it says.
    pub body: B,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Body<C: Causality = Dotted> {
    /// A client asks a coordinator for an operation.
    Request(Request<C>),
    /// Tells a replica to take in these versions: a write, a repair, a hand-off.
    Store(Store<C>),
    /// The replica has taken in a write.
    Stored {
        /// The token it issues for the client, if any.
        token: Option<Box<C::Context>>,
    },
    /// The replica has taken in these versions of a hand-off or a repair. (The acknowledgement names them: when it
    /// arrives, the sender may hold more, have forgotten what it sent, or have sent another repair.)
    Taken {
        /// What was taken.
        versions: Siblings<C>,
    },
    /// Asks a replica to show what it holds.
    Fetch {
        /// Whose copy is meant: the node's own, or the copy of a node it stands in for.
        owner: NodeId,
    },
    /// Shows what the replica holds.
    Shown {
        /// Whose copy it is.
        owner: NodeId,
        /// The versions.
        versions: Siblings<C>,
    },
    /// The replica cannot store or cannot show.
    Refused,
    /// The coordinator answers the client.
    Reply(Box<Reply<C>>),
}

/// What a client asks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Request<C: Causality = Dotted> {
    /// Read, write or delete.
    pub action: Action,
    /// How many replicas must answer.
    pub level: Level,
    /// What a write writes.
    pub value: Value,
    /// What the client of a write has seen; none: blind.
    pub context: Option<Arc<C::Context>>,
}

/// Versions for a replica.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Store<C: Causality = Dotted> {
    /// Why it is sent.
    pub errand: Errand,
    /// Whose copy they go to: the node's own, or the copy of a node it stands in for.
    pub owner: NodeId,
    /// What is sent.
    pub versions: Siblings<C>,
    /// The context that the client sent with a write.
    pub context: Option<Arc<C::Context>>,
    /// Which writes the versions stand for.
    pub extent: Extent,
}

/// Which writes the versions of a message stand for, besides their own: the ghosts that travel with them say so.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extent {
    /// Themselves.
    Versions,
    /// Everything that the sender's copy of the key had taken in.
    SendersCopy,
    /// Everything that the answers of these slots showed.
    Merged(SlotSet),
}

/// What a coordinator answers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reply<C: Causality = Dotted> {
    /// How the operation ended.
    pub status: Status,
    /// Why, if it is not ok.
    pub reason: Option<Reason>,
    /// What a read shows.
    pub versions: Siblings<C>,
    /// What the client has now seen; none: no token.
    pub token: Option<C::Context>,
    /// A write's timestamp.
    pub timestamp: Option<u64>,
    /// The slots whose answers it rests on.
    pub counted: SlotSet,
}
