//! A client session: it keeps a context for each key, resolves conflicts, and writes the result back.
//!
//! A read's answer brings a token (what the client has now seen); the next write of the key carries it as its context.
//! The protocol decides what becomes of the context, as a typed value ([`SessionUpdate`]), so that the oracle can
//! follow it.
//!
//! Not modelled: retries, a session that goes on at another client, tokens passed between clients.

use std::sync::Arc;

use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::protocol::{Ended, Protocol, Resolution, SessionUpdate};
use crate::model::{
    Action, Address, Body, Causality, Context, Dotted, Envelope, Level, MessageKind, Reply, Request,
    Siblings, Status, Value,
};

/// A client; see the [module](self).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KvClient<C: Causality = Dotted> {
    id: ClientId,
    sessions: Vec<Session<C>>,
    pending: Option<Pending>,
}

/// What a client keeps for one key.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Session<C: Causality> {
    /// What it has seen; none: nothing that it could tell.
    context: Option<C::Context>,
    /// If conflicts are merged: the items that its next write with context holds besides its own.
    items: Box<[OpId]>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Pending {
    op: OpId,
    action: Action,
    key: Key,
    blind: bool,
}

/// What a client makes of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered<C: Causality = Dotted> {
    /// The coordinator's answer.
    pub reply: Reply<C>,
    /// What became of the context.
    pub update: SessionUpdate,
    /// The sibling that the client's rule of resolution took, if it takes one.
    pub taken: Option<OpId>,
    /// What it asked for.
    pub action: Action,
}

/// What a client is about to ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asking {
    /// The operation's id.
    pub op: OpId,
    /// Read, write or delete.
    pub action: Action,
    /// The key.
    pub key: Key,
    /// The node it asks.
    pub via: NodeId,
    /// Whether it goes without its context.
    pub blind: bool,
    /// How many replicas must answer.
    pub level: Level,
}

impl<C: Causality> KvClient<C> {
    /// A client that has seen nothing.
    #[must_use]
    pub const fn new(id: ClientId) -> Self {
        Self { id, sessions: Vec::new(), pending: None }
    }

    /// Its context for a key.
    #[must_use]
    pub fn context(&self, key: Key) -> Option<&C::Context> {
        self.sessions.get(key.index()).and_then(|session| session.context.as_ref())
    }

    /// Sends an operation. A pending operation is given up: its answer will be ignored.
    pub fn invoke(&mut self, protocol: &dyn Protocol<C>, asking: &Asking) -> Envelope<Body<C>> {
        let &Asking { op, action, key, via, blind, level } = asking;
        self.pending = Some(Pending { op, action, key, blind });
        let session = self.session(key);
        let value = match action {
            Action::Delete => Value::Deleted,
            Action::Put if matches!(protocol.resolve(&Siblings::new()), Resolution::Union(_)) => {
                let mut items = if blind { Vec::new() } else { session.items.to_vec() };
                items.push(op);
                Value::Items(items.into())
            }
            Action::Put | Action::Get => Value::Written,
        };
        let sent = session.context.as_ref().filter(|_| action.is_write() && !blind);
        let context = sent.map(|context| Arc::new(context.clone()));
        Envelope {
            from: Address::Client(self.id),
            to: Address::Node(via),
            op,
            key,
            kind: MessageKind::Request,
            replica: None,
            slot: 0,
            body: Body::Request(Request { action, level, value, context }),
        }
    }

    /// Receives an answer. None: nobody waits for it any more.
    pub fn receive(&mut self, protocol: &dyn Protocol<C>, op: OpId, reply: Reply<C>) -> Option<Answered<C>> {
        let Pending { action, key, blind, .. } = self.pending.take_if(|pending| pending.op == op)?;
        let ok = reply.status == Status::Ok;
        let resolution = ok.then(|| protocol.resolve(&reply.versions));
        let update = match protocol.session(&Ended { action, ok, versions: reply.versions.len() }) {
            // The client writes back only what this read showed it, so its context must not cover more either.
            SessionUpdate::Join if !action.is_write() && matches!(resolution, Some(Resolution::Union(_))) => {
                SessionUpdate::Replace
            }
            update => update,
        };
        let session = self.session(key);
        match (update, &reply.token) {
            (SessionUpdate::Clear, _) | (SessionUpdate::Replace, None) => session.context = None,
            (SessionUpdate::Keep, _) | (SessionUpdate::Join, None) => {}
            (SessionUpdate::Replace, Some(token)) => session.context = Some(token.clone()),
            (SessionUpdate::Join, Some(token)) => match &mut session.context {
                Some(context) => context.join(token),
                none => *none = Some(token.clone()),
            },
        }
        let mut taken = None;
        match resolution {
            Some(Resolution::Union(_)) if action.is_write() => session.note_own(op, action, blind, update),
            Some(Resolution::Union(items)) => session.items = items,
            Some(Resolution::Take(at)) if !action.is_write() => {
                taken = reply.versions.iter().nth(at).map(|version| version.op);
            }
            Some(Resolution::Take(_) | Resolution::KeepAll) | None => {}
        }
        Some(Answered { reply, update, taken, action })
    }

    /// Gives up the pending operation, and returns it.
    pub fn abandon(&mut self) -> Option<OpId> {
        self.pending.take().map(|pending| pending.op)
    }

    fn session(&mut self, key: Key) -> &mut Session<C> {
        if self.sessions.len() <= key.index() {
            self.sessions.resize(key.index() + 1, Session { context: None, items: Box::default() });
        }
        &mut self.sessions[key.index()]
    }
}

impl<C: Causality> Session<C> {
    /// Notes the write of a client that merges conflicts. Its next write with context replaces what the context now
    /// covers, so that write must hold those items.
    fn note_own(&mut self, op: OpId, action: Action, blind: bool, update: SessionUpdate) {
        if update == SessionUpdate::Keep {
            return;
        }
        let covered = update == SessionUpdate::Join || update == SessionUpdate::Replace && !blind;
        let removed = action == Action::Delete && !blind;
        let mut items = std::mem::take(&mut self.items).into_vec();
        if !covered || removed {
            items.clear();
        }
        if action == Action::Put && update != SessionUpdate::Clear {
            items.push(op);
        }
        self.items = items.into();
    }
}
