//! The judge of real-time-order: under last-write-wins, a write that began after another was acknowledged ranks above it.
//!
//! It asks whether ranks are just where no context decides: the two writes may be of different sessions. Fresh and the
//! session guarantees ask only whether the greatest rank is shown, whatever the ranks are. Causal-order asks only about
//! writes whose writer had seen the other.
//!
//! An obligation pairs an acknowledged write with the highest-ranking write of its key that was acknowledged before it
//! began, at an earlier true time. It is not owed if a clock has been wrong in the run: a timestamp from the future may
//! be inherited.
//!
//! Not modelled: writes that are never acknowledged; two writes within one millisecond, which no clock can order.

use crate::guarantee::Guarantee;
use crate::id::{Key, OpId};
use crate::judge::exemption::Exemption;
use crate::judge::judges::{Asked, Judges};
use crate::judge::verdict::Violation;
use crate::model::{Causality, DataType};
use crate::world::observer::Facts;

/// The acknowledged writes that later writes must rank above.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub(super) struct RealTime {
    /// By key: the acknowledged write that ranks highest.
    keys: Vec<Highest>,
    /// By write: the write that it must rank above.
    floors: Vec<Option<OpId>>,
}

/// The highest-ranking acknowledged write: before the time of the latest acknowledgement, and by then.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
struct Highest {
    before: Option<OpId>,
    at: u64,
    by_then: Option<OpId>,
}

impl RealTime {
    pub(super) fn reset(&mut self) {
        self.keys.clear();
        self.floors.clear();
    }

    fn key(&mut self, key: Key) -> &mut Highest {
        if self.keys.len() <= key.index() {
            self.keys.resize(key.index() + 1, Highest::default());
        }
        &mut self.keys[key.index()]
    }
}

impl<C: Causality> Judges<C> {
    fn judges_real_time(&self) -> bool {
        self.judges(Guarantee::RealTimeOrder) && self.oracle.data_type() == DataType::LastWriteWins
    }

    /// A write begins.
    pub(super) fn note_begin(&mut self, op: OpId, key: Key, facts: Facts<'_>) {
        if !self.judges_real_time() {
            return;
        }
        let highest = *self.real_time.key(key);
        let floor = if highest.at < facts.now { highest.by_then } else { highest.before };
        if self.real_time.floors.len() <= op.index() {
            self.real_time.floors.resize(op.index() + 1, None);
        }
        self.real_time.floors[op.index()] = floor;
    }

    /// A write was acknowledged.
    pub(super) fn judge_real_time(&mut self, op: OpId, asked: Asked, facts: Facts<'_>) {
        if !self.judges_real_time() {
            return;
        }
        if let Some(Some(floor)) = self.real_time.floors.get(op.index()).copied() {
            self.judge_floor(op, floor, asked.key, facts);
        }
        let rank = |op: OpId| self.oracle.rank(op);
        let above = |held: Option<OpId>| held.is_none_or(|held| rank(held) < rank(op));
        let mut highest = self.real_time.keys.get(asked.key.index()).copied().unwrap_or_default();
        if highest.at < facts.now {
            (highest.before, highest.at) = (highest.by_then, facts.now);
        }
        if above(highest.by_then) {
            highest.by_then = Some(op);
        }
        *self.real_time.key(asked.key) = highest;
    }

    fn judge_floor(&mut self, op: OpId, floor: OpId, key: Key, facts: Facts<'_>) {
        let guarantee = Guarantee::RealTimeOrder;
        if facts.skewed && !self.demands.stance(guarantee).waives_circumstances() {
            return self.not_owed(guarantee, Exemption::SkewedClock);
        }
        self.examined(guarantee, 1);
        let ((lower, ..), (higher, ..)) = (self.oracle.rank(op), self.oracle.rank(floor));
        if self.oracle.rank(floor) < self.oracle.rank(op) {
            return;
        }
        self.breach(guarantee, || Violation {
            guarantee,
            key: Some(key),
            shown_by: None,
            replica: None,
            writes: [floor, op].into_iter().collect(),
            because: format!(
                "{op} began after {floor} had been acknowledged, and ranks below it: its timestamp is {lower}, that of \
                 {floor} is {higher}"
            ),
        });
    }
}
