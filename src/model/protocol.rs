//! The seam: the decisions of a protocol, and what each of them sees.
//!
//! Everything that people change in a store of this family (who stamps a version, what a replica accepts, which
//! replies count, what is repaired, what a client keeps) is a **decision**: a method of [`Protocol`]. Only the clock
//! is **data**: the type parameter. A decision sees borrowed views and answers with a value; it does no I/O and draws
//! no random numbers. What a protocol must remember lives in the replica, in [`Registers`], and reaches the decision
//! through its view.
//!
//! To change a rule, name the protocol to change and write the rule. Everything else, its claims included, stays as it
//! was:
//!
//! ```
//! use quorate::prelude::*;
//!
//! /// The textbook, but a replica keeps only what arrives last.
//! #[derive(Debug)]
//! struct Overwrite;
//!
//! impl Protocol for Overwrite {
//!     fn base(&self) -> &dyn Protocol {
//!         &Textbook
//!     }
//!
//!     fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
//!         *replica.siblings = delivery.versions.clone();
//!         Ack::stored()
//!     }
//! }
//! ```
//!
//! Every decision that is not written calls `base`, so a change of a change works as well. A protocol over other
//! clocks names them: `impl Protocol<VectorClock> for …`.

use std::borrow::Cow;
use std::fmt::Debug;

use smallvec::SmallVec;

use crate::id::{Actor, ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::progress::{Progress, SlotSet};
use crate::model::{
    Action, Causality, Claims, Cluster, DataType, Dotted, Level, PreferenceList, Registers, Siblings,
    Symmetry, Value,
};

/// The decisions of a protocol over clocks of type `C`.
///
/// Every method but [`base`](Protocol::base) has a default: the base's decision. A rule calls a method of the base as
/// other languages call "super".
pub trait Protocol<C: Causality = Dotted>: Debug + Send + Sync {
    /// The protocol that this one changes: [`Textbook`](crate::model::Textbook), the root, which decides everything
    /// itself, or one whose bases lead there. (A protocol that is its own base is refused: it would ask itself for ever
    /// what it does not decide.)
    fn base(&self) -> &dyn Protocol<C>;

    /// Its name in reports and files; by default the name of the type.
    fn name(&self) -> Cow<'static, str> {
        let path = std::any::type_name::<Self>();
        let name = path.split('<').next().and_then(|path| path.rsplit("::").next());
        Cow::Borrowed(name.unwrap_or(path))
    }

    /// What it promises in this configuration. Inherited unless overridden: a change does not lower the claims just
    /// because it is a change.
    fn claims(&self, cluster: Cluster) -> Claims {
        self.base().claims(cluster)
    }

    /// What none of its decisions looks at; a search may leave out states that differ only in that. Inherited: a
    /// change that begins to look must say so, or searches of states will look at too little of it.
    fn symmetry(&self) -> Symmetry {
        self.base().symmetry()
    }

    /// What a read must show of the writes it covers.
    fn data_type(&self) -> DataType {
        self.base().data_type()
    }

    /// The replicas of a key, in order of preference. Repeats are allowed.
    fn home(&self, cluster: Cluster, key: Key) -> PreferenceList {
        self.base().home(cluster, key)
    }

    /// Which nodes the coordinator asks, in this order, and for whom each stands in; or why it refuses.
    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        self.base().targets(task, view)
    }

    /// The clock and timestamp of a new version. Called once for a write, at its coordinator.
    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        self.base().stamp(replica, put)
    }

    /// What a replica does with a delivery, and what it acknowledges.
    fn accept(&self, replica: &mut Replica<'_, C>, delivery: &Delivery<'_, C>) -> Ack<C> {
        self.base().accept(replica, delivery)
    }

    /// What a replica shows to a read; none: it refuses to answer.
    fn serve(&self, replica: &Replica<'_, C>) -> Option<Siblings<C>> {
        self.base().serve(replica)
    }

    /// The slots whose replies count, once they are enough; none: not yet. Asked after each reply, and once before the
    /// first.
    fn quorum(&self, progress: &Progress<C>) -> Option<SlotSet> {
        self.base().quorum(progress)
    }

    /// What the replies of these slots say together.
    fn merge(&self, progress: &Progress<C>, counted: SlotSet) -> Siblings<C> {
        self.base().merge(progress, counted)
    }

    /// What each replica lacks of a read's merged result. Asked when the read can be answered, and again at every
    /// later reply.
    fn repair(&self, progress: &Progress<C>, merged: &Siblings<C>) -> Repairs<C> {
        self.base().repair(progress, merged)
    }

    /// Whether a node, when it wakes, gives an owner what it holds for that owner.
    fn hand_off(&self, hint: &Hint<'_, C>) -> bool {
        self.base().hand_off(hint)
    }

    /// What becomes of the client's context when an operation ends.
    fn session(&self, ended: &Ended) -> SessionUpdate {
        self.base().session(ended)
    }

    /// What a client makes of the siblings that a read shows it. (When the client writes, the call passes no siblings,
    /// and asks whether the client merges.)
    fn resolve(&self, shown: &Siblings<C>) -> Resolution {
        self.base().resolve(shown)
    }
}

/// An operation as its coordinator sees it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Task {
    /// The operation.
    pub op: OpId,
    /// The client that asks.
    pub client: ClientId,
    /// What it asks for.
    pub action: Action,
    /// The key.
    pub key: Key,
    /// Its consistency level.
    pub level: Level,
    /// How many replies it needs: R or W, or what its level says.
    pub required: u8,
    /// The configuration.
    pub cluster: Cluster,
}

impl Task {
    /// An operation at the default level, for a test of a decision.
    #[must_use]
    pub const fn new(op: OpId, client: ClientId, action: Action, key: Key, cluster: Cluster) -> Self {
        let level = Level::Default;
        Self { op, client, action, key, level, required: cluster.required(action, level), cluster }
    }
}

/// What a coordinator knows about the cluster.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct View<'a> {
    /// The coordinator itself.
    pub coordinator: NodeId,
    /// The replicas of the key, in order of preference.
    pub home: &'a [NodeId],
    /// The nodes that it suspects, rightly or wrongly.
    pub suspects: NodeSet,
    /// The configuration.
    pub cluster: Cluster,
}

impl<'a> View<'a> {
    /// A view, for a test of a decision.
    #[must_use]
    pub const fn new(coordinator: NodeId, home: &'a [NodeId], suspects: NodeSet, cluster: Cluster) -> Self {
        Self { coordinator, home, suspects, cluster }
    }
}

impl View<'_> {
    /// The nodes that are not home to the key, nearest first: the rest of its preference list.
    pub fn others(&self, key: Key) -> impl Iterator<Item = NodeId> + '_ {
        crate::model::preference_list(self.cluster, key, usize::from(self.cluster.nodes))
            .into_iter()
            .filter(|node| !self.home.contains(node))
    }
}

/// A node that is asked, and the replica it stands in for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Target {
    /// The node to ask.
    pub node: NodeId,
    /// Whose copy is meant: the node's own, or the copy of a home replica it stands in for.
    pub owner: NodeId,
}

impl Target {
    /// A home replica for itself.
    #[must_use]
    pub const fn home(node: NodeId) -> Self {
        Self { node, owner: node }
    }

    /// A fallback.
    #[must_use]
    pub const fn standing_in(node: NodeId, owner: NodeId) -> Self {
        Self { node, owner }
    }
}

/// The nodes that a coordinator asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Targets {
    /// These targets, in this order.
    Ask(SmallVec<[Target; 4]>),
    /// None: the coordinator's own view leaves too few. The client is told, and nothing is sent.
    Refuse {
        /// How many are left in view.
        left: u8,
    },
}

/// A node's own copy of a key, or its copy for another, with what the protocol keeps beside it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Replica<'a, C: Causality = Dotted> {
    /// The node.
    pub node: NodeId,
    /// The actor that mints its dots. Its incarnation grows when the disk is lost.
    pub actor: Actor,
    /// The home replica whose copy this is: the node itself, unless it stands in.
    pub owner: NodeId,
    /// The key.
    pub key: Key,
    /// The node's clock: milliseconds, skew included.
    pub now: u64,
    /// The versions it holds. Durable.
    pub siblings: &'a mut Siblings<C>,
    /// What the protocol remembers about this key here.
    pub of_key: &'a mut State,
    /// What the protocol remembers about the whole node.
    pub of_node: &'a mut State,
}

impl<'a, C: Causality> Replica<'a, C> {
    /// A node's own copy, in its first incarnation at time 0, for a test of a decision.
    #[must_use]
    pub const fn new(
        node: NodeId,
        key: Key,
        siblings: &'a mut Siblings<C>,
        of_key: &'a mut State,
        of_node: &'a mut State,
    ) -> Self {
        Self { node, actor: Actor::first(node), owner: node, key, now: 0, siblings, of_key, of_node }
    }
}

/// What a protocol remembers: a durable part, which only the loss of the disk empties, and a volatile part, which any
/// crash empties.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct State {
    /// Survives a restart.
    pub durable: Registers,
    /// Lost in a crash.
    pub volatile: Registers,
}

/// A write about to be stamped.
#[derive(Debug)]
#[non_exhaustive]
pub struct Put<'a, C: Causality = Dotted> {
    /// The operation.
    pub op: OpId,
    /// The client that writes.
    pub client: ClientId,
    /// What it writes.
    pub value: &'a Value,
    /// The client's context; none: blind.
    pub context: Option<&'a C::Context>,
}

impl<'a, C: Causality> Put<'a, C> {
    /// A write, for a test of a decision or to ask a base with other arguments.
    #[must_use]
    pub const fn new(op: OpId, client: ClientId, value: &'a Value, context: Option<&'a C::Context>) -> Self {
        Self { op, client, value, context }
    }
}

/// The stamp of a version.
#[derive(Clone, Debug)]
pub struct Stamp<C = Dotted> {
    /// Its clock.
    pub clock: C,
    /// Its timestamp.
    pub timestamp: u64,
    /// Its value, if the protocol changes it.
    pub value: Option<Value>,
    /// What is sent to the replicas.
    pub ship: Ship,
}

/// What a write sends to the replicas.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ship {
    /// The new version alone.
    Version,
    /// The coordinator's whole copy of the key, after it has taken the version in.
    WholeCopy,
}

/// Why something is delivered to a replica.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Errand {
    /// A client wrote it.
    Write,
    /// A read found the replica to lack it.
    Repair,
    /// A node that stood in hands it over.
    HandOff,
}

/// A delivery to a replica: always the whole set at once.
#[derive(Debug)]
#[non_exhaustive]
pub struct Delivery<'a, C: Causality = Dotted> {
    /// Why it is delivered.
    pub errand: Errand,
    /// The versions.
    pub versions: &'a Siblings<C>,
    /// The context that the client sent with a write; none: blind.
    pub context: Option<&'a C::Context>,
}

impl<'a, C: Causality> Delivery<'a, C> {
    /// A delivery, for a test of a decision or to ask a base with other arguments.
    #[must_use]
    pub const fn new(errand: Errand, versions: &'a Siblings<C>, context: Option<&'a C::Context>) -> Self {
        Self { errand, versions, context }
    }
}

/// A replica's answer to a delivery.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Ack<C: Causality = Dotted> {
    /// Taken in, durably.
    Stored {
        /// A token for the client, if the replicas issue it; otherwise the coordinator's stamp gives one.
        token: Option<C::Context>,
    },
    /// Not taken in.
    Refused,
}

impl<C: Causality> Ack<C> {
    /// Taken in; the coordinator's stamp gives the token.
    #[must_use]
    pub const fn stored() -> Self {
        Self::Stored { token: None }
    }
}

/// One repair: what to send to which slot, as data.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Repair<C = Dotted> {
    /// The slot, by its position in [`Progress::slots`].
    pub slot: usize,
    /// What it lacks.
    pub versions: Siblings<C>,
    /// Whether that is everything the read has merged, not only a part of it.
    pub whole: bool,
}

/// The repairs of a read, and how many replicas must hold the result before the client is answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Repairs<C = Dotted> {
    /// What to send.
    pub send: SmallVec<[Repair<C>; 2]>,
    /// How many slots must hold the merged result before the read is answered; 0: it does not wait.
    pub holders_before_answer: u8,
}

impl<C> Default for Repairs<C> {
    fn default() -> Self {
        Self { send: SmallVec::new_const(), holders_before_answer: 0 }
    }
}

/// What a node holds for another.
#[derive(Debug)]
#[non_exhaustive]
pub struct Hint<'a, C = Dotted> {
    /// The node that holds it.
    pub holder: NodeId,
    /// The node that it is kept for.
    pub owner: NodeId,
    /// The key.
    pub key: Key,
    /// The versions held.
    pub versions: &'a Siblings<C>,
    /// Whether the holder suspects the owner.
    pub suspected: bool,
}

/// How an operation ended, as its client's session sees it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Ended {
    /// What it asked for.
    pub action: Action,
    /// Whether it ended ok.
    pub ok: bool,
    /// How many versions a read showed.
    pub versions: usize,
}

impl Ended {
    /// An operation that has ended, for a test of a decision.
    #[must_use]
    pub const fn new(action: Action, ok: bool, versions: usize) -> Self {
        Self { action, ok, versions }
    }
}

/// What becomes of a client's context.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SessionUpdate {
    /// It stays as it is.
    Keep,
    /// The answer's token is joined to it.
    Join,
    /// The answer's token replaces it.
    Replace,
    /// It is forgotten.
    Clear,
}

/// What a client makes of siblings.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Resolution {
    /// It sees all of them, and its next write with context replaces them with its own value.
    KeepAll,
    /// It takes this one, by position, and leaves the others.
    Take(usize),
    /// It sees all of them, and its next write with context holds these items and its own. That write replaces what
    /// its context covers, so a read's token replaces the context even where it would be joined.
    Union(Box<[OpId]>),
}
