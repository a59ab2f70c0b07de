//! The judges of coverage: no-lost, no-extra, causal-order, monotonic-writes, writes-follow-reads.
//!
//! What a read returns, and what a replica holds, must be what the oracle demands of the writes it covers: no less
//! (no-lost), no more (no-extra). The two session guarantees look at the covered writes that are *not* shown: does an
//! older write of the same session stand in their place?

use std::hash::{Hash, Hasher};

use crate::guarantee::Guarantee;
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::judge::exemption::Exemption;
use crate::judge::judges::{Asked, Judges};
use crate::judge::oracle::{Mismatch, Shown};
use crate::judge::verdict::Violation;
use crate::model::{Causality, DataType};
use crate::op_set::OpSet;
use crate::world::fingerprint::hash_unordered;
use crate::world::ghost::Ghost;
use crate::world::history::Observation;
use crate::world::observer::{CopyState, Facts};

/// What each session wrote and was shown, and what each write came after.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub(super) struct Sessions {
    of: Vec<SessionCoverage>,
    /// By write: what its session had written to the key, and been shown, before it.
    before: Vec<Before>,
    any: OpSet,
    /// The writes in `any` that carried no token.
    untold: OpSet,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct SessionCoverage {
    client: ClientId,
    key: Key,
    wrote: OpSet,
    read: OpSet,
}

#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
struct Before {
    wrote: OpSet,
    read: OpSet,
}

impl Sessions {
    pub(super) fn reset(&mut self) {
        self.of.clear();
        self.before.clear();
        self.any.clear();
        self.untold.clear();
    }

    /// Hashes the sessions regardless of the order in which they began.
    pub(super) fn hash_future<H: Hasher>(&self, state: &mut H) {
        hash_unordered(self.of.iter(), state);
        (&self.before, &self.any, &self.untold).hash(state);
    }

    fn session(&mut self, client: ClientId, key: Key) -> &mut SessionCoverage {
        let at = self.of.iter().position(|session| session.client == client && session.key == key);
        let at = at.unwrap_or_else(|| {
            self.of.push(SessionCoverage { client, key, wrote: OpSet::new(), read: OpSet::new() });
            self.of.len() - 1
        });
        &mut self.of[at]
    }

    fn write(&mut self, op: OpId, client: ClientId, key: Key, told: bool) {
        let session = self.session(client, key);
        let before = Before { wrote: session.wrote.clone(), read: session.read.clone() };
        if before.wrote.is_empty() && before.read.is_empty() {
            return;
        }
        if self.before.len() <= op.index() {
            self.before.resize(op.index() + 1, Before::default());
        }
        self.before[op.index()] = before;
        self.any.insert(op);
        if !told {
            self.untold.insert(op);
        }
    }
}

impl<C: Causality> Judges<C> {
    fn judges_sessions(&self) -> bool {
        (self.judges(Guarantee::MonotonicWrites) || self.judges(Guarantee::WritesFollowReads))
            && matches!(self.oracle.data_type(), DataType::Register | DataType::LastWriteWins)
    }

    /// A write begins; `told` means that it carries a token of its session.
    pub(super) fn note_write(&mut self, op: OpId, client: ClientId, key: Key, told: bool) {
        if self.judges_sessions() {
            self.sessions.write(op, client, key, told);
        }
    }

    /// An acknowledged write counts as an earlier write of its session; until then it may still be stamped late.
    pub(super) fn note_acknowledged(&mut self, op: OpId, asked: Asked) {
        if self.judges_sessions() {
            self.sessions.session(asked.client, asked.key).wrote.insert(op);
        }
    }

    /// A read ended ok.
    pub(super) fn judge_read(
        &mut self,
        op: OpId,
        asked: Asked,
        observation: &Observation,
        covered: &Ghost,
        facts: Facts<'_>,
    ) {
        let shown = self.oracle.of_read(observation);
        self.judge_contents(&shown, covered, facts, asked.key, Some(op), None);
        if self.judges(Guarantee::CausalOrder) {
            self.judge_causal_order(op, asked, &shown, observation.resolved, covered, facts);
        }
        if self.judges_sessions() {
            self.judge_shadows(op, asked, &shown, covered, facts);
            let session = self.sessions.session(asked.client, asked.key);
            session.read.extend(shown.writes.iter().copied());
        }
    }

    /// Something was delivered to a copy.
    pub(super) fn judge_copy(&mut self, copy: &CopyState<'_, C>, facts: Facts<'_>) {
        if self.judges(Guarantee::NoLost) || self.judges(Guarantee::NoExtra) {
            let shown = self.oracle.of_copy(copy.siblings);
            self.judge_contents(&shown, copy.ghost, facts, copy.key, None, Some(copy.holder));
        }
    }

    /// no-lost and no-extra: the contents are what the oracle demands of the writes taken in.
    fn judge_contents(
        &mut self,
        shown: &Shown,
        ghost: &Ghost,
        facts: Facts<'_>,
        key: Key,
        shown_by: Option<OpId>,
        replica: Option<NodeId>,
    ) {
        self.examined(Guarantee::NoLost, 1);
        self.examined(Guarantee::NoExtra, 1);
        let Some(Mismatch { missing, extra, count }) = self.oracle.compare(shown, ghost, facts.ghosts) else {
            return;
        };
        let place = || match (shown_by, replica) {
            (Some(read), _) => format!("{read} covers {} and", ghost.seen),
            (_, Some(node)) => format!("{node} has taken in {} and", ghost.seen),
            _ => String::new(),
        };
        if let Some((should, does)) = count {
            let guarantee = if does < should { Guarantee::NoLost } else { Guarantee::NoExtra };
            let because = format!("{} says {does}; it should be {should}", place());
            let writes = ghost.seen.iter().collect();
            let key = Some(key);
            self.breach(guarantee, || Violation { guarantee, key, shown_by, replica, writes, because });
            return;
        }
        for (guarantee, writes, verb) in
            [(Guarantee::NoLost, missing, "lacks"), (Guarantee::NoExtra, extra, "shows as well")]
        {
            if !writes.is_empty() {
                let named: OpSet = writes.iter().copied().collect();
                let because = format!("{} {verb} {named}", place());
                let key = Some(key);
                self.breach(guarantee, || Violation { guarantee, key, shown_by, replica, writes, because });
            }
        }
    }

    /// causal-order: nothing returned is superseded by what the read covers.
    fn judge_causal_order(
        &mut self,
        op: OpId,
        asked: Asked,
        shown: &Shown,
        resolved: Option<OpId>,
        covered: &Ghost,
        facts: Facts<'_>,
    ) {
        if !matches!(self.oracle.data_type(), DataType::Register | DataType::LastWriteWins) {
            return;
        }
        self.examined(Guarantee::CausalOrder, 1);
        let taken = resolved.as_slice();
        let returned = if resolved.is_some() { taken } else { &shown.writes };
        // A register's ghost knows what it has superseded; the ghosts of last-write-wins do not.
        let known = self.oracle.data_type() == DataType::Register;
        let newer = |old: &OpId| {
            let mut covered = covered.seen.iter().filter(|_| !known || covered.superseded.contains(*old));
            covered.find(|op| facts.ghosts.of_write(*op).superseded.contains(*old))
        };
        let Some((old, newer)) = returned.iter().find_map(|old| Some((*old, newer(old)?))) else { return };
        self.breach(Guarantee::CausalOrder, || Violation {
            guarantee: Guarantee::CausalOrder,
            key: Some(asked.key),
            shown_by: Some(op),
            replica: None,
            writes: [old, newer].into_iter().collect(),
            because: format!("{op} covers {newer}, which supersedes {old}, and returned {old}"),
        });
    }

    /// Whether the read covers a delete that supersedes this write of a register. Then the write is gone, not hidden.
    fn is_deleted(&self, write: OpId, covered: &Ghost, facts: Facts<'_>) -> bool {
        let deletes = || covered.seen.and(self.oracle.deletes());
        self.oracle.data_type() == DataType::Register
            && covered.superseded.contains(write)
            && deletes()
                .iter()
                .any(|delete| delete != write && facts.ghosts.of_write(delete).seen.contains(write))
    }

    /// Whether this write of a register is a delete that leaves the value alone. Then the value does not hide it.
    fn deletes_nothing_of(&self, write: OpId, value: OpId, facts: Facts<'_>) -> bool {
        self.oracle.data_type() == DataType::Register
            && self.oracle.deletes().contains(write)
            && !facts.ghosts.of_write(write).seen.contains(value)
    }

    /// monotonic-writes and writes-follow-reads: no covered write is hidden behind an older one of its session.
    fn judge_shadows(&mut self, op: OpId, asked: Asked, shown: &Shown, covered: &Ghost, facts: Facts<'_>) {
        let with_past = covered.seen.and(&self.sessions.any);
        self.examined(Guarantee::MonotonicWrites, with_past.len());
        self.examined(Guarantee::WritesFollowReads, with_past.len());
        let mut hidden = covered.seen.clone();
        for &write in &shown.writes {
            hidden.subtract(&facts.ghosts.of_write(write).seen);
        }
        if hidden.is_empty() {
            return;
        }
        let mut shadowed = Vec::new();
        for later in hidden.and(&with_past).iter() {
            let Some(before) = self.sessions.before.get(later.index()) else { continue };
            if self.is_deleted(later, covered, facts) {
                continue;
            }
            for &earlier in &shown.writes {
                if self.deletes_nothing_of(later, earlier, facts) {
                    continue;
                }
                if before.wrote.contains(earlier) {
                    shadowed.push((Guarantee::MonotonicWrites, earlier, later, "wrote"));
                }
                if before.read.contains(earlier) {
                    shadowed.push((Guarantee::WritesFollowReads, earlier, later, "was shown"));
                }
            }
        }
        let one_survives = self.oracle.data_type() == DataType::LastWriteWins;
        for (guarantee, earlier, later, verb) in shadowed {
            let excused = one_survives && self.sessions.untold.contains(later);
            if excused && !self.demands.stance(guarantee).waives_circumstances() {
                self.not_owed(guarantee, Exemption::BlindWrite);
                continue;
            }
            self.breach(guarantee, || Violation {
                guarantee,
                key: Some(asked.key),
                shown_by: Some(op),
                replica: None,
                writes: [earlier, later].into_iter().collect(),
                because: format!(
                    "{op} covers {later} and returned {earlier} in its place; its session {verb} {earlier} before"
                ),
            });
        }
    }
}
