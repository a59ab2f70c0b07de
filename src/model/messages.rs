//! What is said on the wire, and why.
//!
//! One operation is: the client's [`Request`](Body::Request) to a coordinator; to each target a
//! [`Store`](Body::Store) or a [`Fetch`](Body::Fetch); from each target an answer; to the client a
//! [`Reply`](Body::Reply). A read may be followed by repairs, which are deliveries like those of a write but for
//! their [`Errand`]. A node that stands in for another hands over what it holds by the same message.
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

/// A message with its name: the operation that caused it, what it is for, the replica at its other end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Envelope<B> {
    /// Who sends it.
    pub from: Address,
    /// To whom.
    pub to: Address,
    /// The operation that caused it.
    pub op: OpId,
    /// The key it is about.
    pub key: Key,
    /// What it is for.
    pub kind: MessageKind,
    /// The replica at its other end; of a message between client and coordinator: none.
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
    /// A replica is to take these versions in: a write, a repair, a hand-off.
    Store(Store<C>),
    /// It has.
    Stored {
        /// The token it issues for the client, if any.
        token: Option<Box<C::Context>>,
    },
    /// It has, of what was handed over to it, or sent as a repair: these. (The acknowledgement says what it is of,
    /// since the sender may hold more by the time it arrives, have forgotten what it sent, or have sent another one.)
    Taken {
        /// What was taken.
        versions: Siblings<C>,
    },
    /// A replica is to show what it holds.
    Fetch {
        /// Whose copy is meant: the node's own, or that of one it stands in for.
        owner: NodeId,
    },
    /// What it holds.
    Shown {
        /// Whose copy it is.
        owner: NodeId,
        /// The versions.
        versions: Siblings<C>,
    },
    /// A replica cannot store, or cannot show.
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
    /// Of a write: what it writes.
    pub value: Value,
    /// Of a write: what the client has seen; none: blind.
    pub context: Option<Arc<C::Context>>,
}

/// Versions for a replica.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Store<C: Causality = Dotted> {
    /// Why it is sent.
    pub errand: Errand,
    /// Whose copy they go to: the node's own, or that of one it stands in for.
    pub owner: NodeId,
    /// What is sent.
    pub versions: Siblings<C>,
    /// Of a write: the context that the client sent.
    pub context: Option<Arc<C::Context>>,
    /// How much the versions stand for.
    pub extent: Extent,
}

/// How much the versions of a message stand for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extent {
    /// Themselves.
    Versions,
    /// Everything the sender had taken in of the key.
    SendersCopy,
    /// Everything that the answers of these slots showed.
    Merged(SlotSet),
}

/// What a coordinator answers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reply<C: Causality = Dotted> {
    /// How the operation ended.
    pub status: Status,
    /// Why, where it is not ok.
    pub reason: Option<Reason>,
    /// Of a read: what it shows.
    pub versions: Siblings<C>,
    /// What the client has seen now; none: no token.
    pub token: Option<C::Context>,
    /// Of a write: its timestamp.
    pub timestamp: Option<u64>,
    /// The slots whose answers it rests on.
    pub counted: SlotSet,
}
