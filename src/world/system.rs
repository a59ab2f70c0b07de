//! The door between the world and what runs in it.
//!
//! The simulation drives nodes and clients through this one interface: a message in, messages out, timers, crashes.
//! Separate methods say what the oracle may see inside a message or a node, and a system may show nothing: a whole
//! foreign node can stand where ours stands. Then only the history is judged.

use std::borrow::Cow;
use std::fmt::Debug;
use std::hash::Hash;

use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::kv_client::Asking;
use crate::model::progress::SlotSet;
use crate::model::protocol::SessionUpdate;
use crate::model::storage_node::{Effect, Surroundings};
use crate::model::{Causality, Claims, Cluster, DataType, Envelope, PreferenceList, Siblings, Symmetry};
use crate::op_set::OpSet;
use crate::world::history::Completion;

/// A store that can run in the world: its nodes, its clients, and what they say to each other.
///
/// Every method must be a function of its arguments: no wall clock, no randomness, no hash-map order.
pub trait System: Sync {
    /// A storage node, which also coordinates.
    type Node: Clone + Eq + Hash + Debug + Send;
    /// A client session.
    type Client: Clone + Eq + Hash + Debug + Send;
    /// What a message says.
    type Body: Clone + Eq + Hash + Debug + Send + Sync;
    /// The clocks the oracle is shown. A system that shows none uses any type.
    type Clock: Causality;

    /// Its name in reports and files.
    fn name(&self) -> Cow<'static, str>;
    /// What it promises in this configuration.
    fn claims(&self, cluster: Cluster) -> Claims;
    /// The protocol that this one changes, and the claims of that protocol. Default: it changes none.
    fn base_claims(&self, cluster: Cluster) -> Option<(Cow<'static, str>, Claims)> {
        let _ = cluster;
        None
    }
    /// What a read must show of the writes it covers.
    fn data_type(&self) -> DataType;
    /// The replicas of a key, in order of preference.
    fn home(&self, cluster: Cluster, key: Key) -> PreferenceList;

    /// A node with an empty disk.
    fn node(&self, id: NodeId, cluster: Cluster) -> Self::Node;
    /// A client that has seen nothing.
    fn client(&self, id: ClientId) -> Self::Client;

    /// A client sends an operation, and gives up the one it still waits for.
    fn invoke(&self, client: &mut Self::Client, asking: &Asking) -> Envelope<Self::Body>;
    /// A client receives an answer. None: the client did not wait for it.
    fn answer(&self, client: &mut Self::Client, envelope: Envelope<Self::Body>) -> Option<Answer>;
    /// A client gives up what it waits for.
    fn abandon(&self, client: &mut Self::Client);

    /// A message arrives at a node.
    fn receive(
        &self,
        node: &mut Self::Node,
        around: Surroundings<'_>,
        envelope: Envelope<Self::Body>,
        out: &mut Vec<Envelope<Self::Body>>,
    ) -> Effect;
    /// A coordinator stops waiting for an operation.
    fn time_out(&self, node: &mut Self::Node, op: OpId, out: &mut Vec<Envelope<Self::Body>>);
    /// A node does its periodic work.
    fn wake(&self, node: &mut Self::Node, around: Surroundings<'_>, out: &mut Vec<Envelope<Self::Body>>);
    /// A node forgets what it held in memory.
    fn crash(&self, node: &mut Self::Node);
    /// A node forgets everything.
    fn lose_disk(&self, node: &mut Self::Node);

    /// Whether the next two methods say which tokens are sent and what answers rest on. Default: they do not, and a
    /// client's context follows from the [`update`](Answer::update)s of its answers.
    fn tells_tokens(&self) -> bool {
        false
    }
    /// The operations whose tokens this request carries, just after [`invoke`](Self::invoke) made it. Empty: it is
    /// blind. So a client that loses its session, or sends more than its last answer gave it, is not accused.
    fn tokens_sent(&self, client: &Self::Client, request: &Envelope<Self::Body>) -> OpSet {
        let _ = (client, request);
        OpSet::new()
    }
    /// The earlier operations whose answers this answer rests on, besides the replies that it counts: a session cache
    /// joins them into it. Asked before [`answer`](Self::answer).
    fn rests_on(&self, client: &Self::Client, answer: &Envelope<Self::Body>) -> OpSet {
        let _ = (client, answer);
        OpSet::new()
    }

    /// What a message carries, as far as the oracle may see it. Default: it shows nothing.
    fn cargo<'b>(&self, envelope: &'b Envelope<Self::Body>) -> Cargo<'b, Self::Clock> {
        let _ = envelope;
        Cargo::Nothing
    }
    /// What a node's copy for `owner` holds. Default: it shows nothing.
    fn held<'n>(&self, node: &'n Self::Node, owner: NodeId, key: Key) -> Option<&'n Siblings<Self::Clock>> {
        let _ = (node, owner, key);
        None
    }
    /// Whether a message on its way between nodes can no longer change anything: neither the node that it would reach
    /// nor, through what that node would say, any other. `coordinator` coordinates, or coordinated, the operation,
    /// whose client no longer waits. Default: any message may still matter.
    fn is_spent(&self, coordinator: &Self::Node, envelope: &Envelope<Self::Body>) -> bool {
        let _ = (coordinator, envelope);
        false
    }
    /// What the system does not look at. Default: it may look at everything.
    fn symmetry(&self) -> Symmetry {
        Symmetry::NONE
    }
    /// The start of the call that replays a text in a test, up to the text. Default: `replay_system` with the type's
    /// name, which is right for a unit struct.
    fn in_a_test(&self) -> String {
        format!("quorate::replay_system({}, ", short_name(std::any::type_name::<Self>()))
    }
    /// Why the system cannot run at all, in one sentence. Default: None, it can.
    fn flaw(&self) -> Option<String> {
        None
    }
    /// Whether the oracle can look inside. If not, only the history is judged.
    fn is_transparent(&self) -> bool {
        false
    }
}

/// What a message carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cargo<'b, C> {
    /// No version.
    Nothing,
    /// A client's request for a write whose version will cover that write only, and nothing that its client had seen:
    /// see [`ghosts`](crate::world::ghosts).
    Alone,
    /// Versions for a copy, which stand for themselves.
    Versions(&'b Siblings<C>),
    /// Versions that stand for all that a copy of the sender has taken in: to be stored, or to answer a read.
    Copy {
        /// Whose copy.
        owner: NodeId,
        /// What it holds.
        versions: &'b Siblings<C>,
        /// Whether this answers a read.
        shown: bool,
    },
    /// Versions that stand for all that these slots' answers showed.
    Merged {
        /// The slots that answered.
        slots: SlotSet,
        /// What they say together.
        versions: &'b Siblings<C>,
    },
    /// An answer to the client that rests on these slots' answers.
    Reply {
        /// The slots that answered.
        slots: SlotSet,
        /// What a read shows.
        versions: &'b Siblings<C>,
        /// Whether it says that the operation ended ok.
        ok: bool,
    },
}

impl<C> Cargo<'_, C> {
    /// How many versions it carries.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Nothing | Self::Alone => 0,
            Self::Versions(versions)
            | Self::Copy { versions, .. }
            | Self::Merged { versions, .. }
            | Self::Reply { versions, .. } => versions.len(),
        }
    }

    /// Whether it carries none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// An answer as its client takes it in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// How the operation ended.
    pub completion: Completion,
    /// What became of the client's context.
    pub update: SessionUpdate,
}

/// A type's name without its path and its parameters.
pub(super) fn short_name(path: &'static str) -> &'static str {
    let bare = path.split('<').next().unwrap_or(path);
    bare.rsplit("::").next().unwrap_or(bare)
}
