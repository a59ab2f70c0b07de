//! Mutants of last-write-wins.

use super::super::hybrid_clock::HybridClock;
use super::super::last_write_wins::LastWriteWins;
use crate::seam::*;

type C = LastWrite;

/// From where time is counted down. Far enough from any that a run begins with.
const LAST_MOMENT: u64 = 1 << 40;

mutant! {
    /// the last to arrive wins, whatever its timestamp
    "mutant-last-arrival-wins" = LastArrivalWins: LastWriteWins, over C, breaks NoLost;
    fn accept(&self, replica: &mut Replica<'_, C>, delivery: &Delivery<'_, C>) -> Ack<C> {
        *replica.siblings = delivery.versions.clone();
        Ack::stored()
    }
}

mutant! {
    /// time runs backwards
    "mutant-backwards" = Backwards: LastWriteWins, over C, breaks RealTimeOrder;
    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        replica.now = LAST_MOMENT - replica.now;
        self.base().stamp(replica, put)
    }
}

mutant! {
    /// the first write wins
    "mutant-first-write-wins" = FirstWriteWins: LastWriteWins, over C, breaks RealTimeOrder;
    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        let before = replica.siblings.iter().map(|version| version.timestamp).min();
        replica.now = before.map_or(replica.now, |first| first.saturating_sub(1));
        self.base().stamp(replica, put)
    }
}

mutant! {
    /// of a put and a delete of the same time, the later label wins and not the delete
    "mutant-deletes-lose-ties" = DeletesLoseTies: LastWriteWins, over C, breaks NoExtra;
    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        let mut stamp = self.base().stamp(replica, put);
        stamp.clock.deleted = false;
        stamp
    }
}

mutant! {
    /// a repair marks the version in the lowest bit of its time, which is otherwise even and unique
    "mutant-repair-marks" = RepairMarks: LastWriteWins, over C, breaks OnceOnly;
    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        replica.now = (replica.now << 16 | u64::from(put.op.0)) << 1;
        self.base().stamp(replica, put)
    }
    fn accept(&self, replica: &mut Replica<'_, C>, delivery: &Delivery<'_, C>) -> Ack<C> {
        let mark = u64::from(delivery.errand == Errand::Repair);
        for version in delivery.versions {
            let mut marked = version.clone();
            marked.clock.timestamp |= mark;
            replica.siblings.insert(&marked);
        }
        Ack::stored()
    }
}

mutant! {
    /// a timestamp exceeds what the node has met, and not what the writer has
    "mutant-context-not-met" = ContextNotMet: HybridClock, over C, breaks CausalOrder;
    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        let met = replica.of_node.durable.get(0);
        replica.now = replica.of_node.durable.raise(0, replica.now.max(met + 1));
        LastWriteWins.stamp(replica, put)
    }
}

mutant! {
    /// a session does not keep the token of what it wrote
    "mutant-forgets-its-writes" = ForgetsItsWrites: HybridClock, over C, breaks MonotonicWrites;
    fn session(&self, ended: &Ended) -> SessionUpdate {
        if ended.action.is_write() { SessionUpdate::Keep } else { self.base().session(ended) }
    }
}

mutant! {
    /// a session does not keep the token of what it read
    "mutant-forgets-its-reads" = ForgetsItsReads: HybridClock, over C, breaks WritesFollowReads;
    fn session(&self, ended: &Ended) -> SessionUpdate {
        if ended.action.is_write() { self.base().session(ended) } else { SessionUpdate::Keep }
    }
}
