//! no-extra, on a history alone: finds values that certainly should not have been returned.
//!
//! A value is certainly extra if it is returned twice, or beside a write whose writer sent a token that covers it
//! (where one value survives, beside any other). It is also extra if the read must cover a write or a delete that has
//! superseded it: one acknowledged before the read began, by a quorum that meets the read's. So a store that is only
//! stale, where it may be, shows no extra.
//!
//! A tombstone of unknown origin stands for no delete that supersedes a value beside it. If there is no other delete, the
//! value is extra.
//!
//! A counter returns no values; the elements of a set may lie in two siblings at once.

use super::judge_read::{Reading, exact};
use super::{BreachKind, HistoryJudge, Tombstones};
use crate::guarantee::Guarantee;
use crate::id::OpId;
use crate::model::DataType;

impl HistoryJudge {
    pub(super) fn judge_extra(&mut self, reading: &Reading<'_>) {
        let guarantee = Guarantee::NoExtra;
        if self.data_type == DataType::Counter {
            return;
        }
        let values = &reading.seen.values;
        self.findings.of(guarantee).examined += values.len() as u64;
        for (at, &value) in values.iter().enumerate() {
            let fault = if self.data_type != DataType::Set && values[..at].contains(&value) {
                Some(BreachKind::Twice)
            } else {
                self.beside(reading, value).or_else(|| self.replaced(reading, value))
            };
            if let Some(fault) = fault {
                self.findings.breach(reading.breach_by(guarantee, value, fault));
            }
        }
        if reading.tells_only_of_some_delete()
            && let Some(value) = self.against_every_delete(reading)
        {
            self.findings.breach(reading.breach_by(guarantee, value, BreachKind::BesideTombstone));
        }
    }

    /// Whether a value stands beside something that has replaced it.
    fn beside(&self, reading: &Reading<'_>, value: OpId) -> Option<BreachKind> {
        let returned = || reading.seen.values.iter().chain(exact(&reading.seen.tombstones)).copied();
        let by = match self.data_type {
            DataType::Register => returned().find(|&other| self.supersedes(other, value)),
            DataType::Set => {
                exact(&reading.seen.tombstones).iter().copied().find(|&delete| self.supersedes(delete, value))
            }
            // One survives. If two have no known order, the first one counts as the survivor.
            _ => returned().find(|&other| {
                other != value
                    && (self.outranks(reading.pending.key, other, value)
                        || !self.outranks(reading.pending.key, value, other)
                            && returned().position(|op| op == other) < returned().position(|op| op == value))
            }),
        };
        by.map(BreachKind::Beside)
    }

    /// Whether a write that the read must cover has replaced a value.
    fn replaced(&self, reading: &Reading<'_>, value: OpId) -> Option<BreachKind> {
        let due = &reading.pending.due;
        let excuses = !self.stance(Guarantee::NoExtra).waives_circumstances();
        let excused = reading.circumstances.excused.filter(|_| excuses);
        let owed = || due.met.iter().filter(|write| !excused.is_some_and(|excused| excused.contains(*write)));
        let later = match self.data_type {
            DataType::LastWriteWins => owed()
                .filter(|&later| self.outranks(reading.pending.key, later, value))
                .max_by_key(|&later| self.rank(reading.pending.key, later)),
            _ if !due.replaced.contains(value) => None,
            DataType::Set => owed().find(|&later| {
                self.supersedes(later, value) && self.memory.invoked(later).is_some_and(|op| op.is_delete())
            }),
            _ => {
                // Prefers a delete, because that is how a person will think of it.
                let all = || owed().filter(|&later| self.supersedes(later, value));
                let is_delete = |op: &OpId| self.memory.invoked(*op).is_some_and(|op| op.is_delete());
                all().find(is_delete).or_else(|| all().next())
            }
        }?;
        let deleted = self.memory.invoked(later).is_some_and(|record| record.is_delete());
        Some(BreachKind::ReplacedBy { later, deleted })
    }

    /// A value beside a tombstone that can be of no delete, because every delete supersedes one of the values.
    fn against_every_delete(&self, reading: &Reading<'_>) -> Option<OpId> {
        let values = &reading.seen.values;
        if values.is_empty() || self.data_type == DataType::LastWriteWins {
            return None;
        }
        let mut first = None;
        for delete in self.memory.key(reading.pending.key)?.deletes.iter() {
            first = first.or(Some(self.superseded_among(delete, values)?));
        }
        first
    }

    /// Whether the token that a write carried certainly covers another write.
    fn supersedes(&self, later: OpId, earlier: OpId) -> bool {
        self.superseded_among(later, &[earlier]).is_some()
    }
}

impl Reading<'_> {
    /// Whether the read was shown a delete and nobody recorded which.
    pub(super) fn tells_only_of_some_delete(&self) -> bool {
        self.seen.tombstones == Tombstones::Some
    }
}
