//! A storage node: it keeps copies of keys, and coordinates operations.
//!
//! It has one entry, [`StorageNode::receive`]: a message in, messages out. Its return value ([`Effect`]) tells an
//! observer what became of the node's copies; the node itself does not use it.
//!
//! Copies are durable. Everything about operations in progress is volatile, and a crash forgets it.
//!
//! Not modelled: a disk that is slow, full or partly lost; a write acknowledged before it is durable, except by a
//! protocol that keeps it in volatile registers and says otherwise.

mod coordinating;
mod equality;

use crate::id::{Actor, Key, NodeId, NodeSet, OpId};
use crate::model::progress::{Progress, SlotReply};
use crate::model::protocol::{Ack, Delivery, Errand, Hint, Protocol, Replica, State};
use crate::model::{
    Address, Body, Causality, Cluster, Dotted, Envelope, Extent, MessageKind, PreferenceList, Siblings,
    Store, Symmetry,
};

/// What a node can see of the world around it when it acts.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// Its own clock: milliseconds, skew included.
    pub now: u64,
    /// The nodes that it suspects.
    pub suspects: NodeSet,
    /// The configuration.
    pub cluster: Cluster,
    /// The replicas of each key, by position of the key, in the ring's present epoch.
    pub homes: &'a [PreferenceList],
}

impl Surroundings<'_> {
    /// The replicas of a key.
    #[must_use]
    pub fn home(&self, key: Key) -> &[NodeId] {
        self.homes.get(key.index()).map_or(&[], |home| home.as_slice())
    }
}

/// What became of a node's copies when it received a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing.
    None,
    /// Its copy for `owner` took in what the message carried, or a coordinator's own copy what it stamped.
    Took {
        /// Whose copy.
        owner: NodeId,
    },
    /// It refused to take it in.
    Refused,
    /// Its copy for `owner` released what the owner has taken.
    Released {
        /// Whose copy.
        owner: NodeId,
    },
}

/// A copy of a key: a node's own, or one it keeps for another.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Copy<C = Dotted> {
    /// The key.
    pub key: Key,
    /// Whose copy it is.
    pub owner: NodeId,
    /// The versions it holds.
    pub siblings: Siblings<C>,
    /// What the protocol remembers about this key here.
    pub state: State,
}

/// A storage node; see the [module](self).
#[derive(PartialEq, Eq, Debug)]
pub struct StorageNode<C: Causality = Dotted> {
    id: NodeId,
    actor: Actor,
    copies: Vec<Copy<C>>,
    state: State,
    in_progress: Vec<Progress<C>>,
}

/// Messages to send, in order.
pub type Outbox<C> = Vec<Envelope<Body<C>>>;

impl<C: Causality> StorageNode<C> {
    /// A node with an empty disk.
    #[must_use]
    pub fn new(id: NodeId) -> Self {
        Self {
            id,
            actor: Actor::first(id),
            copies: Vec::new(),
            state: State::default(),
            in_progress: Vec::new(),
        }
    }

    /// Forgets what it held in memory.
    pub fn crash(&mut self) {
        self.in_progress.clear();
        self.state.volatile.clear();
        self.copies.iter_mut().for_each(|copy| copy.state.volatile.clear());
    }

    /// Forgets everything, and goes on as another actor.
    pub fn lose_disk(&mut self) {
        let incarnation = self.actor.incarnation.saturating_add(1);
        *self = Self { actor: Actor { node: self.id, incarnation }, ..Self::new(self.id) };
    }

    /// What its copy of `key` for `owner` holds.
    #[must_use]
    pub fn held(&self, owner: NodeId, key: Key) -> Option<&Siblings<C>> {
        self.copies.iter().find(|copy| copy.key == key && copy.owner == owner).map(|copy| &copy.siblings)
    }

    /// Whether a replica's answer can still make the node do anything for this operation.
    #[must_use]
    pub fn coordinates(&self, op: OpId, symmetry: Symmetry) -> bool {
        let progress = self.in_progress.iter().find(|progress| progress.task.op == op);
        progress.is_some_and(|progress| !(progress.answered && symmetry.late_replies))
    }

    /// All its copies: its own, and those it keeps for others.
    pub fn copies(&self) -> impl Iterator<Item = &Copy<C>> {
        self.copies.iter()
    }

    /// Receives a message.
    pub fn receive(
        &mut self,
        protocol: &dyn Protocol<C>,
        around: Surroundings<'_>,
        envelope: Envelope<Body<C>>,
        out: &mut Outbox<C>,
    ) -> Effect {
        let Envelope { from, to, op, key, kind, replica, slot, body } = envelope;
        let answer =
            |body| Envelope { from: to, to: from, op, key, kind: kind.answer(), replica, slot, body };
        match body {
            Body::Request(request) => match from {
                Address::Client(client) => self.coordinate(protocol, around, client, op, key, request, out),
                Address::Node(_) => Effect::None,
            },
            Body::Store(store) => {
                let (effect, said) = self.store(protocol, around, key, &store);
                let said = match (effect, store.errand) {
                    (Effect::Took { .. }, Errand::HandOff | Errand::Repair) => {
                        Body::Taken { versions: store.versions }
                    }
                    _ => said,
                };
                out.push(answer(said));
                effect
            }
            Body::Fetch { owner } => {
                let shown = self.with_copy(around, owner, key, |replica| protocol.serve(replica));
                out.push(answer(shown.map_or(Body::Refused, |versions| Body::Shown { owner, versions })));
                Effect::None
            }
            Body::Taken { versions } if kind == MessageKind::Repaired => {
                self.repaired(op, slot, Some(&versions), out)
            }
            Body::Stored { token } => {
                self.replied(protocol, op, slot, SlotReply::Stored { token }, Siblings::new(), out)
            }
            Body::Taken { versions } => {
                replica.map_or(Effect::None, |owner| self.release(owner, key, &versions))
            }
            Body::Shown { versions, .. } => self.replied(protocol, op, slot, SlotReply::Shown, versions, out),
            Body::Refused if kind == MessageKind::Repaired => self.repaired(op, slot, None, out),
            Body::Refused if kind == MessageKind::Answer => {
                self.replied(protocol, op, slot, SlotReply::Refused, Siblings::new(), out)
            }
            Body::Refused | Body::Reply(_) => Effect::None,
        }
    }

    /// Does the periodic work: hands off what the node holds for others.
    pub fn wake(&mut self, protocol: &dyn Protocol<C>, around: Surroundings<'_>, out: &mut Outbox<C>) {
        for copy in self.copies.iter().filter(|copy| copy.owner != self.id && !copy.siblings.is_empty()) {
            let hint = Hint {
                holder: self.id,
                owner: copy.owner,
                key: copy.key,
                versions: &copy.siblings,
                suspected: around.suspects.contains(copy.owner),
            };
            let Some(op) = copy.siblings.iter().map(|version| version.op).max() else { continue };
            if protocol.hand_off(&hint) {
                out.push(Envelope {
                    from: Address::Node(self.id),
                    to: Address::Node(copy.owner),
                    op,
                    key: copy.key,
                    kind: MessageKind::HandOff,
                    replica: Some(copy.owner),
                    slot: 0,
                    body: Body::Store(Store {
                        errand: Errand::HandOff,
                        owner: copy.owner,
                        versions: copy.siblings.clone(),
                        context: None,
                        extent: Extent::SendersCopy,
                    }),
                });
            }
        }
    }

    /// Takes in a delivery, and returns the answer to it.
    fn store(
        &mut self,
        protocol: &dyn Protocol<C>,
        around: Surroundings<'_>,
        key: Key,
        store: &Store<C>,
    ) -> (Effect, Body<C>) {
        let delivery =
            Delivery { errand: store.errand, versions: &store.versions, context: store.context.as_deref() };
        match self.with_copy(around, store.owner, key, |replica| protocol.accept(replica, &delivery)) {
            Ack::Stored { token } => {
                let token = token.map(Box::new);
                (Effect::Took { owner: store.owner }, Body::Stored { token })
            }
            Ack::Refused => (Effect::Refused, Body::Refused),
        }
    }

    /// The owner has taken these versions, so they need not be kept.
    fn release(&mut self, owner: NodeId, key: Key, taken: &Siblings<C>) -> Effect {
        let hint = self.copies.iter_mut().find(|copy| copy.key == key && copy.owner == owner);
        let Some(hint) = hint.filter(|_| owner != self.id) else { return Effect::None };
        hint.siblings.retain(|held| !taken.iter().any(|gone| gone.clock >= held.clock));
        Effect::Released { owner }
    }

    /// Lets a decision see, and change, the copy of `key` for `owner`.
    fn with_copy<T>(
        &mut self,
        around: Surroundings<'_>,
        owner: NodeId,
        key: Key,
        decide: impl FnOnce(&mut Replica<'_, C>) -> T,
    ) -> T {
        // Sorted by name, not by first use, so that equal nodes are equal values.
        let place = (key, owner);
        let at = self.copies.partition_point(|copy| (copy.key, copy.owner) < place);
        if self.copies.get(at).is_none_or(|copy| (copy.key, copy.owner) != place) {
            self.copies.insert(at, Copy { key, owner, siblings: Siblings::new(), state: State::default() });
        }
        let copy = &mut self.copies[at];
        decide(&mut Replica {
            node: self.id,
            actor: self.actor,
            owner,
            key,
            now: around.now,
            siblings: &mut copy.siblings,
            of_key: &mut copy.state,
            of_node: &mut self.state,
        })
    }
}
