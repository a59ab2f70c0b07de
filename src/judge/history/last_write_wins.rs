//! Last-write-wins: what a read shows, by the order of all writes.
//!
//! The order is by timestamp, then a delete over a put, then the operation. Stores break ties by something else that no
//! history records (the value, the node), so on a history alone two writes of the same timestamp and kind have no
//! order: either may rightly hide the other.

use super::memory::{Op, PerKey};
use super::{HistoryJudge, Observation, Tombstones};
use crate::id::{Key, OpId};
use crate::model::DataType;

/// The place of a write in the order: timestamp, delete over put, operation.
pub(super) type WriteRank = (u64, bool, OpId);

/// The greatest write that a read returned: what ranks below it is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ceiling {
    /// The greatest write that it certainly returned.
    sure: Option<WriteRank>,
    /// The greatest write that it may have returned, if nobody recorded which deletes it returned.
    maybe: Option<WriteRank>,
    /// Whether it returned, or may have returned, a write of unknown timestamp.
    unknown: bool,
    /// Whether the store breaks ties as we do.
    ties: bool,
}

/// Where a write stands against a ceiling.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Below it, or possibly so: it is not missed.
    Shown,
    /// Above all that was returned.
    Missed,
    /// A missing timestamp leaves it undecided.
    Unknown,
}

impl Ceiling {
    /// Where a write of this rank stands; None means that its timestamp is unknown.
    pub(super) fn place(&self, rank: Option<WriteRank>) -> Place {
        let Some(rank) = rank else {
            let nothing = self.sure.is_none() && self.maybe.is_none() && !self.unknown;
            return if nothing { Place::Missed } else { Place::Unknown };
        };
        if [self.sure, self.maybe].into_iter().flatten().any(|ceiling| self.is_below(rank, ceiling)) {
            Place::Shown
        } else if self.unknown {
            Place::Unknown
        } else {
            Place::Missed
        }
    }

    fn is_below(&self, rank: WriteRank, ceiling: WriteRank) -> bool {
        if self.ties { rank <= ceiling } else { (rank.0, rank.1) <= (ceiling.0, ceiling.1) }
    }
}

impl Op {
    /// Its place in the order of last-write-wins, if its timestamp is known.
    pub(super) fn rank(&self, op: OpId) -> Option<WriteRank> {
        self.timestamp.map(|timestamp| (timestamp, self.is_delete(), op))
    }
}

impl HistoryJudge {
    /// The rank of a write of this key.
    pub(super) fn rank(&self, key: Key, op: OpId) -> Option<WriteRank> {
        self.memory.invoked(op).filter(|record| record.key == key).and_then(|record| record.rank(op))
    }

    /// What a read returned, as a ceiling; None if the data type has no order.
    pub(super) fn ceiling(&self, key: Key, seen: &Observation) -> Option<Ceiling> {
        if self.data_type != DataType::LastWriteWins {
            return None;
        }
        let mut ceiling = Ceiling { ties: self.looks_inside, ..Ceiling::default() };
        let of_key =
            |op: &OpId| self.memory.invoked(*op).is_some_and(|of| of.key == key && of.action.is_write());
        let exact = match &seen.tombstones {
            Tombstones::These(deletes) => &deletes[..],
            Tombstones::Some => &[],
        };
        for op in seen.values.iter().chain(exact).copied().filter(of_key) {
            match self.rank(key, op) {
                Some(rank) => ceiling.sure = ceiling.sure.max(Some(rank)),
                None => ceiling.unknown = true,
            }
        }
        let deletes = self.memory.key(key).map(PerKey::deletes);
        if let (Tombstones::Some, Some(deletes)) = (&seen.tombstones, deletes) {
            // Not the deletes that outrank a value beside them: the read would not have returned that value.
            let possible = |delete: &OpId| !seen.values.iter().any(|v| self.outranks(key, *delete, *v));
            for op in deletes.iter().filter(possible) {
                match self.rank(key, op) {
                    Some(rank) => ceiling.maybe = ceiling.maybe.max(Some(rank)),
                    None => ceiling.unknown = true,
                }
            }
        }
        Some(ceiling)
    }

    /// Whether the first of two writes certainly ranks above the second. Without ranks, it does not.
    pub(super) fn outranks(&self, key: Key, above: OpId, below: OpId) -> bool {
        if self.data_type != DataType::LastWriteWins {
            return false;
        }
        match (self.rank(key, above), self.rank(key, below)) {
            (Some(above), Some(below)) if self.looks_inside => above > below,
            (Some(above), Some(below)) => (above.0, above.1) > (below.0, below.1),
            _ => false,
        }
    }
}
