//! What the judge of histories remembers about each operation, each key and each session.
//!
//! All of it is indexed by small numbers and held inline while a history has at most 256 operations. The judge keeps
//! nothing that has no bearing on a later verdict, so that two states of a search that will be judged alike are equal.

use smallvec::SmallVec;

use super::HistoryJudge;
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::Action;
use crate::op_set::OpSet;

/// Where an operation stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum WriteStage {
    /// It was not invoked.
    #[default]
    Uninvoked,
    /// Its client waits.
    PendingOperation,
    /// It ended ok.
    Ok,
    /// It ended refused.
    Refused,
    /// It ended info, or its client went on.
    Info,
}

/// One operation.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Op {
    pub(super) stage: WriteStage,
    pub(super) action: Action,
    pub(super) client: ClientId,
    pub(super) key: Key,
    /// The writes that its token certainly covers: for a write, itself and what its context covers; for a read, what it
    /// showed.
    pub(super) sure: OpSet,
    /// Further writes that its token may cover, where the history does not tell which deletes a read showed.
    pub(super) maybe: OpSet,
    /// For a write, the acknowledged writes of its session and key before it: w1 of monotonic-writes.
    pub(super) after_own: OpSet,
    /// For a write, the writes that its session had been shown before it: w1 of writes-follow-reads.
    pub(super) after_read: OpSet,
    /// How many earlier writes of the key have something in `after_own` or `after_read`.
    pub(super) turn: u32,
    /// The first timestamp seen for the write, if any.
    pub(super) timestamp: Option<u64>,
    /// For a write not yet ended: the first read that returned it. If the write ends refused, that read was wrong.
    pub(super) returned_by: Option<(OpId, NodeId)>,
}

impl Default for Op {
    fn default() -> Self {
        Self {
            stage: WriteStage::Uninvoked,
            action: Action::Get,
            client: ClientId(0),
            key: Key(0),
            sure: OpSet::new(),
            maybe: OpSet::new(),
            after_own: OpSet::new(),
            after_read: OpSet::new(),
            turn: 0,
            timestamp: None,
            returned_by: None,
        }
    }
}

impl Op {
    #[inline]
    pub(super) fn is_delete(&self) -> bool {
        self.action == Action::Delete
    }
}

/// Acknowledged writes by level: the number of acknowledgements each waited for. The quorums of a read meet those of
/// some levels and not of others.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Acked(SmallVec<[AckLevel; 1]>);

/// The acknowledged writes that waited for the same number of acknowledgements.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct AckLevel {
    w: u8,
    ops: OpSet,
    /// What they have replaced, if a judge needs it.
    replaced: OpSet,
}

impl Acked {
    pub(super) fn insert(&mut self, w: u8, op: OpId, replaced: Option<&OpSet>) {
        let at = self.0.binary_search_by_key(&w, |level| level.w).unwrap_or_else(|at| {
            self.0.insert(at, AckLevel { w, ..AckLevel::default() });
            at
        });
        self.0[at].ops.insert(op);
        if let Some(replaced) = replaced {
            self.0[at].replaced.join(replaced);
        }
    }

    /// Splits the writes into those that a read is owed and the others. `owes` decides by the number of replicas that a
    /// write waited for.
    pub(super) fn due(&self, owes: impl Fn(u8) -> bool) -> Due {
        let mut due = Due::default();
        for AckLevel { w, ops, replaced } in &self.0 {
            if owes(*w) {
                due.met.join(ops);
                due.replaced.join(replaced);
            } else {
                due.unmet.join(ops);
            }
        }
        due
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn all(&self) -> OpSet {
        let mut all = OpSet::new();
        self.0.iter().for_each(|level| all.join(&level.ops));
        all
    }
}

/// Acknowledged writes, from the point of view of one read.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Due {
    /// The writes that are owed to it: see [`Cluster::owes`](crate::model::Cluster::owes).
    pub(super) met: OpSet,
    /// What those have replaced, if a judge needs it.
    pub(super) replaced: OpSet,
    /// The others.
    pub(super) unmet: OpSet,
}

/// One key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct PerKey {
    /// Its writes that were invoked and not refused.
    pub(super) writes: OpSet,
    /// The deletes among them.
    pub(super) deletes: OpSet,
    /// All that the tokens of those deletes may cover.
    pub(super) behind_deletes: OpSet,
    /// The acknowledged ones.
    pub(super) acked: Acked,
    /// How many writes so far have something in `after_own` or `after_read`.
    pub(super) turns: u32,
    /// The writes that have something in `after_own`.
    pub(super) with_own_before: OpSet,
    /// The writes among these whose token does not cover all of `after_own`.
    pub(super) own_unsaid: OpSet,
    /// The writes that have something in `after_read`.
    pub(super) with_read_before: OpSet,
    /// The writes among these whose token does not cover all of `after_read`.
    pub(super) read_unsaid: OpSet,
}

impl PerKey {
    #[inline]
    pub(super) const fn deletes(&self) -> &OpSet {
        &self.deletes
    }
}

/// One session and one key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct SessionMemory {
    /// What its reads were certainly shown.
    pub(super) seen: OpSet,
    /// Its own acknowledged writes.
    pub(super) own: Acked,
}

/// The operation that a client has under way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct PendingOperation {
    pub(super) op: OpId,
    pub(super) key: Key,
    pub(super) via: NodeId,
    pub(super) required: u8,
    /// For a read: what had been acknowledged when it was invoked.
    pub(super) due: Due,
}

/// One client.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct PerClient {
    pub(super) pending: Option<PendingOperation>,
    /// Sorted by key.
    sessions: SmallVec<[(Key, SessionMemory); 1]>,
}

impl HistoryJudge {
    /// What it remembers now.
    pub(in crate::judge) fn memory(&self) -> Memory {
        self.memory.clone()
    }

    /// Replaces what it remembers; keeps its counts.
    pub(in crate::judge) fn recall(&mut self, memory: &Memory) {
        self.memory.copy_from(memory);
    }

    /// Forgets that anything was broken.
    pub(in crate::judge) fn absolve(&mut self) {
        if !self.findings.broken.is_empty() {
            self.findings = super::Findings::default();
        }
    }
}

/// All that the judge remembers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(in crate::judge) struct Memory {
    ops: Vec<Op>,
    keys: Vec<PerKey>,
    clients: Vec<PerClient>,
    /// The writes invoked before the last loss of a disk, if nobody can tell what has come back since.
    pub(super) forgotten: OpSet,
}

impl Memory {
    /// Forgets everything; keeps the allocations.
    pub(super) fn clear(&mut self) {
        self.ops.clear();
        self.keys.clear();
        self.clients.clear();
        self.forgotten.clear();
    }

    /// Becomes a copy of another, in its own allocations.
    fn copy_from(&mut self, other: &Self) {
        self.ops.clone_from(&other.ops);
        self.keys.clone_from(&other.keys);
        self.clients.clone_from(&other.clients);
        self.forgotten.clone_from(&other.forgotten);
    }

    /// All writes invoked so far and not refused.
    pub(super) fn all_writes(&self) -> OpSet {
        let mut all = OpSet::new();
        self.keys.iter().for_each(|key| all.join(&key.writes));
        all
    }

    /// The operation, if it was invoked.
    #[inline]
    pub(super) fn invoked(&self, op: OpId) -> Option<&Op> {
        self.ops.get(op.index()).filter(|op| op.stage != WriteStage::Uninvoked)
    }

    #[inline]
    pub(super) fn op_mut(&mut self, op: OpId) -> &mut Op {
        let index = op.index();
        if self.ops.len() <= index {
            self.ops.resize_with(index + 1, Op::default);
        }
        &mut self.ops[index]
    }

    #[inline]
    pub(super) fn key_mut(&mut self, key: Key) -> &mut PerKey {
        let index = key.index();
        if self.keys.len() <= index {
            self.keys.resize_with(index + 1, PerKey::default);
        }
        &mut self.keys[index]
    }

    #[inline]
    pub(super) fn key(&self, key: Key) -> Option<&PerKey> {
        self.keys.get(key.index())
    }

    #[inline]
    pub(super) fn client_mut(&mut self, client: ClientId) -> &mut PerClient {
        let index = client.index();
        if self.clients.len() <= index {
            self.clients.resize_with(index + 1, PerClient::default);
        }
        &mut self.clients[index]
    }

    #[inline]
    pub(super) fn session(&self, client: ClientId, key: Key) -> Option<&SessionMemory> {
        let sessions = &self.clients.get(client.index())?.sessions;
        sessions.binary_search_by_key(&key, |session| session.0).ok().map(|i| &sessions[i].1)
    }

    #[inline]
    pub(super) fn session_mut(&mut self, client: ClientId, key: Key) -> &mut SessionMemory {
        let sessions = &mut self.client_mut(client).sessions;
        let i = match sessions.binary_search_by_key(&key, |session| session.0) {
            Ok(i) => i,
            Err(i) => {
                sessions.insert(i, (key, SessionMemory::default()));
                i
            }
        };
        &mut sessions[i].1
    }

    /// The writes that the tokens of a context certainly cover, and those that they may cover. Tokens of another key
    /// cover none of this key.
    pub(super) fn covered_by(&self, context: &OpSet, key: Key) -> (OpSet, OpSet) {
        let (mut sure, mut maybe) = (OpSet::new(), OpSet::new());
        for op in context.iter().filter_map(|op| self.invoked(op)).filter(|op| op.key == key) {
            sure.join(&op.sure);
            maybe.join(&op.maybe);
        }
        (sure, maybe)
    }
}
