//! The causality that no protocol can see.
//!
//! The commonest fault of this family makes a store's own clock say that one write supersedes another whose writer
//! never saw it; a judge that believes the clock calls the loss correct. So the world keeps its own account, beside
//! the messages and never in them:
//!
//! * every **token** has a ghost: of a read's answer, what the read covered; of a write's, the write and its past;
//! * the **past** of a write is the ghost of the context that its client actually sent; a blind write has none;
//! * a **version** stands for its write and that write's past. But for itself alone, where it does not take the place of
//!   its past: the add of an element of a set takes nothing away, and under last-write-wins a version takes the place of
//!   what ranks below it, which its past need not;
//! * a **copy** of a key has a ghost: all that was delivered to it and not refused. Losing the disk empties it;
//!   forgetting on purpose (collection, pruning, resolution) does not;
//! * a read **covers** the ghosts of the copies whose answers it merged, each as of its answer.

use std::hash::{Hash, Hasher};

use crate::id::{ClientId, Key, MAX_NODES, NodeId, OpId};
use crate::model::protocol::SessionUpdate;
use crate::model::{Causality, Siblings};
use crate::op_set::OpSet;
use crate::world::fingerprint::hash_unordered;
use crate::world::ghost::{Ghost, SharedGhost};

/// What a client's context for one key really stands for.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
struct Token {
    /// The writes it covers.
    seen: OpSet,
    /// The operations whose answers made it.
    from: OpSet,
}

/// What the copies of one node have taken in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct CopiesGhosts {
    /// By key: the node's own copy.
    own: Box<[SharedGhost]>,
    /// The copies kept for others: owner, key.
    kept: Vec<(NodeId, Key, SharedGhost)>,
}

/// The order in which copies were first kept does not matter.
impl Hash for CopiesGhosts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.own.hash(state);
        hash_unordered(self.kept.iter(), state);
    }
}

/// What the writes stand for, and what lost disks held.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct WritesGhosts {
    writes: Vec<SharedGhost>,
    alone: OpSet,
    lost: Vec<OpSet>,
}

impl WritesGhosts {
    /// Whether a disk was lost that was not empty.
    pub(super) const fn any_disk_lost(&self) -> bool {
        !self.lost.is_empty()
    }
}

/// What clients' contexts stand for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct TokensGhosts(Vec<Token>, Vec<Option<(Key, OpSet)>>);

/// The account of a whole run.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct Ghosts {
    /// By operation: the write and its past.
    writes: Vec<SharedGhost>,
    /// The writes whose versions stand for themselves alone.
    alone: OpSet,
    /// By node and key: the node's own copy.
    own: Vec<SharedGhost>,
    /// The copies kept for others: holder, owner, key.
    kept: Vec<(NodeId, NodeId, Key, SharedGhost)>,
    /// By client and key.
    tokens: Vec<Token>,
    /// By operation, if the system says which tokens are sent: the key, and what the answer's token stands for.
    answers: Vec<Option<(Key, OpSet)>>,
    /// By node and key: what was on a disk when it was lost.
    lost: Vec<OpSet>,
    /// Keys seen so far: the width of the tables.
    keys: usize,
}

static NOTHING: SharedGhost = SharedGhost::nothing();
static NO_OPERATION: OpSet = OpSet::new();

impl Ghosts {
    /// An account with room for these keys.
    #[must_use]
    pub fn for_keys(keys: usize) -> Self {
        let mut ghosts = Self::default();
        ghosts.reset(keys);
        ghosts
    }

    /// Forgets everything and keeps the memory.
    pub fn reset(&mut self, keys: usize) {
        self.keys = keys.max(1);
        self.writes.clear();
        self.alone.clear();
        self.own.clear();
        self.kept.clear();
        self.tokens.clear();
        self.answers.clear();
        self.lost.clear();
    }

    /// The write and its past. Empty for an operation that wrote nothing.
    #[must_use]
    pub fn of_write(&self, op: OpId) -> &SharedGhost {
        self.writes.get(op.index()).unwrap_or(&NOTHING)
    }

    /// What a version of the write stands for.
    #[must_use]
    pub(super) fn of_version(&self, op: OpId) -> SharedGhost {
        if self.alone.contains(op) {
            return SharedGhost::from(Ghost { seen: OpSet::only(op), superseded: OpSet::new() });
        }
        self.of_write(op).clone()
    }

    /// What a node's copy for `owner` has taken in.
    #[must_use]
    pub fn of_copy(&self, holder: NodeId, owner: NodeId, key: Key) -> &SharedGhost {
        if holder == owner {
            return self.own.get(self.place(holder.index(), key)).unwrap_or(&NOTHING);
        }
        let kept = self.kept.iter().find(|(h, o, k, _)| (*h, *o, *k) == (holder, owner, key));
        kept.map_or(&NOTHING, |(.., ghost)| ghost)
    }

    /// The writes that were lost with a node's disk and that its copy has not taken in again.
    #[must_use]
    pub fn missing_since_loss(&self, node: NodeId, key: Key) -> OpSet {
        match self.lost.get(self.place(node.index(), key)) {
            Some(lost) if !lost.is_empty() => lost.minus(&self.of_copy(node, node, key).seen),
            _ => OpSet::new(),
        }
    }

    /// The writes that were ever lost with a node's disk.
    #[must_use]
    pub fn lost_with_disk(&self, node: NodeId, key: Key) -> &OpSet {
        self.lost.get(self.place(node.index(), key)).unwrap_or(&NO_OPERATION)
    }

    /// Whether a disk was lost that was not empty.
    #[must_use]
    pub fn any_disk_lost(&self) -> bool {
        !self.lost.is_empty()
    }

    /// Notes what an answer's token stands for.
    pub(super) fn note_answer(&mut self, op: OpId, key: Key, covers: &OpSet) {
        if self.answers.len() <= op.index() {
            self.answers.resize(op.index() + 1, None);
        }
        self.answers[op.index()] = Some((key, covers.clone()));
    }

    /// What the tokens of these operations stand for together, for this key.
    fn of_answers(&self, answers: &OpSet, key: Key) -> OpSet {
        let mut seen = OpSet::new();
        for (of, covers) in answers.iter().filter_map(|op| self.answers.get(op.index())?.as_ref()) {
            if *of == key {
                seen.join(covers);
            }
        }
        seen
    }

    /// What an answer covers if it also rests on these earlier answers.
    pub(super) fn with_answers(&self, ghost: &SharedGhost, answers: &OpSet, key: Key) -> SharedGhost {
        let mut all = ghost.clone();
        self.of_answers(answers, key).iter().for_each(|op| all.join(&self.of_version(op)));
        all
    }

    /// Invokes a write with the tokens of these operations.
    pub(super) fn write_with(&mut self, op: OpId, key: Key, tokens: &OpSet) {
        let past = self.of_answers(tokens, key);
        self.write_after(op, past);
    }

    /// Invokes a write: its past is what its context stands for.
    pub(super) fn write(&mut self, op: OpId, client: ClientId, key: Key, blind: bool) {
        let past = if blind {
            OpSet::new()
        } else {
            self.tokens
                .get(self.place(client.index(), key))
                .map_or_else(OpSet::new, |token| token.seen.clone())
        };
        self.write_after(op, past);
    }

    fn write_after(&mut self, op: OpId, past: OpSet) {
        if self.writes.len() <= op.index() {
            self.writes.resize(op.index() + 1, SharedGhost::nothing());
        }
        let mut seen = past.clone();
        seen.insert(op);
        self.writes[op.index()] = SharedGhost::from(Ghost { seen, superseded: past });
    }

    /// Notes that the versions of a write stand for themselves alone.
    pub(super) fn stands_alone(&mut self, op: OpId) {
        self.alone.insert(op);
    }

    /// The operations whose tokens make up a client's context.
    #[must_use]
    pub fn context_of(&self, client: ClientId, key: Key) -> &OpSet {
        self.tokens.get(self.place(client.index(), key)).map_or(&NO_OPERATION, |token| &token.from)
    }

    /// Changes a client's context as its session decided; `covers` is what the answer's token stands for, if it brought
    /// one.
    pub(super) fn update_token(
        &mut self,
        client: ClientId,
        key: Key,
        op: OpId,
        update: SessionUpdate,
        covers: Option<&OpSet>,
    ) {
        let at = self.place(client.index(), key);
        if self.tokens.len() <= at {
            self.tokens.resize(at + 1, Token::default());
        }
        let token = &mut self.tokens[at];
        if matches!(update, SessionUpdate::Replace | SessionUpdate::Clear) {
            token.seen.clear();
            token.from.clear();
        }
        if let (SessionUpdate::Join | SessionUpdate::Replace, Some(covers)) = (update, covers) {
            token.seen.join(covers);
            token.from.insert(op);
        }
    }

    /// What these versions stand for.
    pub(super) fn of_versions<C: Causality>(&self, versions: &Siblings<C>) -> SharedGhost {
        let mut all = SharedGhost::nothing();
        versions.iter().for_each(|version| all.join(&self.of_version(version.op)));
        all
    }

    /// What a node's copies have taken in: its own, and those it keeps for others.
    pub(super) fn copies_of(&self, holder: NodeId) -> CopiesGhosts {
        let own = |key| self.own.get(self.place(holder.index(), key)).cloned().unwrap_or_default();
        let kept = self.kept.iter().filter(|(of, .., ghost)| *of == holder && !ghost.seen.is_empty());
        CopiesGhosts {
            own: (0..self.keys).map(|key| own(Key::at(key))).collect(),
            kept: kept.map(|(_, owner, key, ghost)| (*owner, *key, ghost.clone())).collect(),
        }
    }

    /// Replaces what a node's copies have taken in.
    pub(super) fn set_copies_of(&mut self, holder: NodeId, copies: &CopiesGhosts) {
        let begin = self.place(holder.index(), Key::at(0));
        if self.own.len() < begin + self.keys {
            self.own.resize(begin + self.keys, SharedGhost::nothing());
        }
        for (held, ghost) in self.own[begin..].iter_mut().zip(&copies.own) {
            held.clone_from(ghost);
        }
        self.kept.retain(|(of, ..)| *of != holder);
        self.kept.extend(copies.kept.iter().map(|(owner, key, ghost)| (holder, *owner, *key, ghost.clone())));
    }

    /// The part of the account about writes and lost disks.
    pub(super) fn of_writes(&self) -> WritesGhosts {
        WritesGhosts { writes: self.writes.clone(), alone: self.alone.clone(), lost: self.lost.clone() }
    }

    /// Replaces that part.
    pub(super) fn set_writes(&mut self, ghosts: &WritesGhosts) {
        self.writes.clone_from(&ghosts.writes);
        self.alone.clone_from(&ghosts.alone);
        self.lost.clone_from(&ghosts.lost);
    }

    /// The part of the account about clients' contexts.
    pub(super) fn tokens(&self) -> TokensGhosts {
        TokensGhosts(self.tokens.clone(), self.answers.clone())
    }

    /// Replaces that part.
    pub(super) fn set_tokens(&mut self, tokens: &TokensGhosts) {
        self.tokens.clone_from(&tokens.0);
        self.answers.clone_from(&tokens.1);
    }

    /// A copy takes in a ghost.
    pub(super) fn take(&mut self, holder: NodeId, owner: NodeId, key: Key, ghost: &SharedGhost) {
        self.copy_mut(holder, owner, key).join(ghost);
    }

    /// Sets the ghost of the copy that `holder` keeps for `owner`.
    pub(super) fn set_kept(&mut self, holder: NodeId, owner: NodeId, key: Key, ghost: SharedGhost) {
        *self.copy_mut(holder, owner, key) = ghost;
    }

    /// A node loses its disk.
    pub(super) fn lose_disk(&mut self, node: NodeId) {
        for key in (0..self.keys).map(Key::at) {
            let at = self.place(node.index(), key);
            // An empty disk loses nothing, however much room there is for it here.
            if let Some(own) = self.own.get_mut(at).filter(|own| !own.seen.is_empty()) {
                if self.lost.len() <= at {
                    self.lost.resize(at + 1, OpSet::new());
                }
                self.lost[at].join(&own.seen);
                *own = SharedGhost::nothing();
            }
        }
        self.kept.retain(|(holder, ..)| *holder != node);
    }

    /// A node that shows nothing loses its disk: it may have held this write of the key, and may never get it back.
    pub(super) fn lose_unseen(&mut self, node: NodeId, key: Key, write: OpId) {
        let at = self.place(node.index(), key);
        if self.lost.len() <= at {
            self.lost.resize(at + 1, OpSet::new());
        }
        self.lost[at].insert(write);
    }

    fn copy_mut(&mut self, holder: NodeId, owner: NodeId, key: Key) -> &mut SharedGhost {
        if holder == owner {
            let at = self.place(holder.index(), key);
            if self.own.len() <= at {
                self.own.resize(at + 1, SharedGhost::nothing());
            }
            return &mut self.own[at];
        }
        let place = self.kept.iter().position(|(h, o, k, _)| (*h, *o, *k) == (holder, owner, key));
        let place = place.unwrap_or_else(|| {
            self.kept.push((holder, owner, key, SharedGhost::nothing()));
            self.kept.len() - 1
        });
        &mut self.kept[place].3
    }

    /// The place of a row's key in a table. The table must be wide enough for the key: the simulation never uses more
    /// keys than the account was made for.
    const fn place(&self, row: usize, key: Key) -> usize {
        row * self.keys + key.index()
    }
}

const _: () = assert!(MAX_NODES <= 16);
