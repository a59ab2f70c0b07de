//! Which of the covered writes must be shown: the data types as functions (see [`DataType`]), computed from the ghosts,
//! never from a clock of the store.

use smallvec::SmallVec;

use crate::id::OpId;
use crate::model::{DataType, Siblings, Value, VersionedValue};
use crate::op_set::OpSet;
use crate::world::ghost::Ghost;
use crate::world::ghosts::Ghosts;
use crate::world::history::{Observation, Tombstones};

/// What the oracle knows about the writes of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Oracle {
    data_type: DataType,
    puts: OpSet,
    deletes: OpSet,
    /// By operation: its timestamp.
    timestamps: Vec<u64>,
    /// By operation: the elements it wrote, if it wrote a whole set, as a shopping cart does.
    elements: Vec<OpSet>,
}

/// What a read returned, or a replica holds, in terms of writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The writes, each as often as it occurred; for a set, the adds of its elements.
    pub writes: SmallVec<[OpId; 8]>,
    /// For a counter: its value.
    pub count: Option<i64>,
}

/// How what is shown differs from what must be shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mismatch {
    /// Writes that are demanded and not shown.
    pub missing: SmallVec<[OpId; 2]>,
    /// Writes that are shown and not demanded, or shown twice.
    pub extra: SmallVec<[OpId; 2]>,
    /// For a counter: the value it should have, and the value it has.
    pub count: Option<(i64, i64)>,
}

impl Oracle {
    /// An oracle that has seen nothing.
    #[must_use]
    pub const fn new(data_type: DataType) -> Self {
        Self {
            data_type,
            puts: OpSet::new(),
            deletes: OpSet::new(),
            timestamps: Vec::new(),
            elements: Vec::new(),
        }
    }

    /// Forgets the run.
    pub fn reset(&mut self) {
        self.puts.clear();
        self.deletes.clear();
        self.timestamps.clear();
        self.elements.clear();
    }

    /// A write is invoked.
    pub fn write(&mut self, op: OpId, deleted: bool) {
        if deleted { &mut self.deletes } else { &mut self.puts }.insert(op);
    }

    /// A write was stamped.
    pub fn stamped(&mut self, op: OpId, timestamp: u64) {
        if self.data_type == DataType::LastWriteWins {
            if self.timestamps.len() <= op.index() {
                self.timestamps.resize(op.index() + 1, 0);
            }
            self.timestamps[op.index()] = timestamp;
        }
    }

    /// A write was acknowledged with this timestamp. The timestamp of a version that a replica held takes precedence.
    pub fn acknowledged(&mut self, op: OpId, timestamp: u64) {
        if self.timestamps.get(op.index()).is_none_or(|known| *known == 0) {
            self.stamped(op, timestamp);
        }
    }

    /// A write turns out to have this value.
    pub fn wrote(&mut self, op: OpId, value: &Value) {
        if let (DataType::Set, Value::Items(items)) = (self.data_type, value) {
            if self.elements.len() <= op.index() {
                self.elements.resize(op.index() + 1, OpSet::new());
            }
            self.elements[op.index()] = items.iter().copied().collect();
        }
    }

    /// Whether the oracle needs the contents of versions, and not only their writes.
    #[must_use]
    pub const fn looks_at_versions(&self) -> bool {
        matches!(self.data_type, DataType::LastWriteWins | DataType::Set)
    }

    /// The data type that it judges.
    #[must_use]
    pub const fn data_type(&self) -> DataType {
        self.data_type
    }

    /// The deletes of the run.
    #[must_use]
    pub const fn deletes(&self) -> &OpSet {
        &self.deletes
    }

    /// The covered writes that must be shown: F. (None for a counter: see [`Oracle::count`].)
    #[must_use]
    pub fn demanded(&self, ghost: &Ghost, ghosts: &Ghosts) -> OpSet {
        match self.data_type {
            DataType::LastWriteWins => {
                ghost.seen.iter().max_by_key(|op| self.rank(*op)).map_or_else(OpSet::new, OpSet::only)
            }
            DataType::Counter => OpSet::new(),
            DataType::Set => self.elements_of(ghost, ghosts),
            _ => ghost.current(),
        }
    }

    /// The elements of a set: the covered adds, without those that a covered remove follows.
    fn elements_of(&self, ghost: &Ghost, ghosts: &Ghosts) -> OpSet {
        let mut elements = ghost.seen.and(&self.puts);
        for delete in ghost.seen.and(&self.deletes).iter() {
            elements.subtract(&ghosts.of_write(delete).superseded);
        }
        elements
    }

    /// Whether a set may show an element that a remove follows: it may if a whole set that the remove has not seen
    /// holds it. So a deleted item comes back into a cart (DeCandia and others, SOSP 2007, section 4.4).
    fn may_show(&self, op: OpId, ghost: &Ghost, ghosts: &Ghosts) -> bool {
        let standing = self.elements_of(ghost, ghosts);
        standing.iter().any(|set| self.elements.get(set.index()).is_some_and(|held| held.contains(op)))
    }

    /// The value that a counter must have after these writes.
    #[must_use]
    pub fn count(&self, ghost: &Ghost) -> i64 {
        ghost.seen.and(&self.puts).len() as i64 - ghost.seen.and(&self.deletes).len() as i64
    }

    /// Compares what is shown with what must be shown; None if they agree.
    #[must_use]
    pub fn compare(&self, shown: &Shown, ghost: &Ghost, ghosts: &Ghosts) -> Option<Mismatch> {
        if self.data_type == DataType::Counter {
            let (should, does) = (self.count(ghost), shown.count.unwrap_or(0));
            return (should != does).then(|| Mismatch { count: Some((should, does)), ..Mismatch::default() });
        }
        let mut rest = self.demanded(ghost, ghosts);
        let mut extra = SmallVec::new();
        for &op in &shown.writes {
            if rest.contains(op) {
                rest.remove(op);
            } else if !self.may_show(op, ghost, ghosts) {
                extra.push(op);
            }
        }
        // A delete has no value that could be missing. The value that comes back betrays one forgotten too early.
        rest.subtract(&self.deletes);
        if rest.is_empty() && extra.is_empty() {
            return None;
        }
        Some(Mismatch { missing: rest.iter().collect(), extra, count: None })
    }

    /// Whether copies that have together taken in `taken_in` still account for a write: they hold it, a write that
    /// follows it, or one that outranks it; or a delete that follows it may have been collected. (A counter's writes
    /// cannot be told apart; no-lost judges its value.)
    #[must_use]
    pub fn keeps<'a, C: 'a>(
        &self,
        op: OpId,
        mut held: impl Iterator<Item = &'a VersionedValue<C>>,
        taken_in: &Ghost,
        ghosts: &Ghosts,
    ) -> bool {
        let follows = |other: OpId| ghosts.of_write(other).seen.contains(op);
        let deleted = || taken_in.seen.and(&self.deletes).iter().any(follows);
        let by = |version: &VersionedValue<C>| match self.data_type {
            DataType::LastWriteWins => follows(version.op) || self.rank(op) <= self.rank(version.op),
            _ => follows(version.op),
        };
        self.data_type == DataType::Counter || held.any(by) || deleted()
    }

    /// What a copy shows.
    #[must_use]
    pub fn of_copy<C>(&self, siblings: &Siblings<C>) -> Shown {
        let mut shown = Shown { writes: SmallVec::new(), count: None };
        for version in siblings {
            match &version.value {
                Value::Items(items) if self.data_type == DataType::Set => {
                    shown.writes.extend(items.iter().copied());
                }
                Value::Deleted if self.data_type == DataType::Set => {}
                Value::Count(count) => *shown.count.get_or_insert(0) += count,
                _ => shown.writes.push(version.op),
            }
        }
        Shown { writes: self.each_once(shown.writes), ..shown }
    }

    /// Keeps each element of a set once: two siblings that hold it show no more than one.
    fn each_once(&self, mut writes: SmallVec<[OpId; 8]>) -> SmallVec<[OpId; 8]> {
        if self.data_type == DataType::Set {
            writes.sort_unstable();
            writes.dedup();
        }
        writes
    }

    /// What a read returned.
    #[must_use]
    pub fn of_read(&self, observation: &Observation) -> Shown {
        let mut writes = observation.values.clone();
        if let (Tombstones::These(deletes), false) =
            (&observation.tombstones, self.data_type == DataType::Set)
        {
            writes.extend_from_slice(deletes);
        }
        Shown { writes: self.each_once(writes), count: observation.count }
    }

    /// The place of a write in the total order of last-write-wins.
    #[must_use]
    pub fn rank(&self, op: OpId) -> (u64, bool, OpId) {
        (self.timestamps.get(op.index()).copied().unwrap_or(0), self.deletes.contains(op), op)
    }
}
