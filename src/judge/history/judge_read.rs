//! Judges one read: what it showed, and what it should have shown.

use super::breach::Count;
use super::last_write_wins::{Ceiling, Place};
use super::memory::{Due, PendingOperation, PerKey, WriteStage};
use super::{Breach, BreachKind, Cause, Circumstances, HistoryJudge, MOST_NAMED, Observation, Tombstones};
use crate::guarantee::Guarantee;
use crate::id::{ClientId, OpId};
use crate::judge::exemption::Exemption;
use crate::model::{Action, DataType};
use crate::op_set::OpSet;

const NO_TIMESTAMP: &str =
    "a write may have been outranked by another, and the history lacks a timestamp to tell";
const NO_COVERAGE: &str = "a value of this data type does not tell which writes it includes";

/// What a read showed.
pub(super) struct ShownWrites {
    /// Certainly shown: what it returned, and everything before that.
    pub(super) sure: OpSet,
    /// Perhaps shown, by the tokens of what it returned. These writes excuse, and oblige nobody.
    pub(super) maybe: OpSet,
    /// Under last-write-wins, the greatest write it returned: every write below is shown too.
    ceiling: Option<Ceiling>,
    /// Whether nobody can tell what else it showed.
    undecidable: bool,
}

/// The writes that a read had to show and did not.
#[derive(Default)]
pub(super) struct Unshown {
    /// How many it had to show.
    owed: usize,
    /// How many of them stay undecided.
    undecided: usize,
    /// Why they stay undecided.
    pub(super) why: Option<&'static str>,
    /// The writes that it did not show.
    pub(super) missing: OpSet,
}

/// A read being judged.
pub(super) struct Reading<'a> {
    pub(super) pending: &'a PendingOperation,
    pub(super) client: ClientId,
    pub(super) seen: &'a Observation,
    pub(super) circumstances: &'a Circumstances<'a>,
}

impl Reading<'_> {
    /// A breach about these writes; `count` gives their number and how many of them are puts.
    pub(super) fn breach(
        &self,
        guarantee: Guarantee,
        writes: impl IntoIterator<Item = OpId>,
        count: (usize, usize),
        fault: BreachKind,
    ) -> Breach {
        let returned = &self.seen.values;
        Breach {
            guarantee,
            op: self.pending.op,
            client: self.client,
            key: self.pending.key,
            via: self.pending.via,
            returned: returned.iter().copied().take(MOST_NAMED).collect(),
            writes: writes.into_iter().take(MOST_NAMED).collect(),
            count: Count { writes: count.0, puts: count.1, returned: returned.len() },
            fault,
        }
    }

    /// A breach by one value.
    pub(super) fn breach_by(&self, guarantee: Guarantee, value: OpId, fault: BreachKind) -> Breach {
        self.breach(guarantee, [value], (1, 1), fault)
    }
}

/// The deletes that a read was shown, as far as they are recorded.
pub(super) fn exact(tombstones: &Tombstones) -> &[OpId] {
    match tombstones {
        Tombstones::These(deletes) => deletes,
        Tombstones::Some => &[],
    }
}

impl HistoryJudge {
    pub(super) fn judge_read(
        &mut self,
        pending: &PendingOperation,
        client: ClientId,
        seen: &Observation,
        circumstances: &Circumstances<'_>,
    ) {
        let reading = Reading { pending, client, seen, circumstances };
        if self.judges(Guarantee::NoFabrication) {
            self.judge_origin(&reading);
        }
        if !self.needs_shown() {
            return;
        }
        let mut shown = self.shown(&reading);
        if self.judges(Guarantee::Fresh) {
            let Due { met, unmet, .. } = &pending.due;
            self.judge_due(&reading, Guarantee::Fresh, met, unmet, &shown);
        }
        if self.judges(Guarantee::ReadYourWrites) {
            self.judge_own(&reading, &shown);
        }
        if self.judges(Guarantee::MonotonicReads) {
            self.judge_monotonic_reads(&reading, &shown);
        }
        if self.judges_sessions() && matches!(self.data_type, DataType::Register | DataType::LastWriteWins) {
            self.judge_sessions(&reading, &shown);
        }
        if self.judges(Guarantee::NoExtra) {
            self.judge_extra(&reading);
        }
        if self.judges(Guarantee::MonotonicReads) || self.judges(Guarantee::WritesFollowReads) {
            self.memory.session_mut(client, pending.key).seen.join(&shown.sure);
        }
        if let (Tombstones::Some, Some(per_key)) = (&seen.tombstones, self.memory.key(pending.key)) {
            shown.maybe.join(&self.behind_possible_deletes(&reading, per_key));
        }
        let record = self.memory.op_mut(pending.op);
        (record.sure, record.maybe) = (shown.sure, shown.maybe);
    }

    /// no-fabrication.
    fn judge_origin(&mut self, reading: &Reading<'_>) {
        let Reading { pending, seen, .. } = *reading;
        let guarantee = Guarantee::NoFabrication;
        let deletes = exact(&seen.tombstones);
        let some_delete = seen.tombstones == Tombstones::Some;
        self.findings.of(guarantee).examined +=
            (seen.values.len() + seen.fabricated.len() + deletes.len() + usize::from(some_delete)) as u64;
        for value in &seen.fabricated {
            let fault = BreachKind::NeverWritten(value.clone());
            self.findings.breach(reading.breach(guarantee, [], (0, 0), fault));
        }
        let none = self.memory.key(pending.key).is_none_or(|per_key| per_key.deletes.is_empty());
        if some_delete && none {
            self.findings.breach(reading.breach(guarantee, [], (0, 0), BreachKind::NoDelete));
        }
        let values = seen.values.iter().map(|&write| (write, Action::Put));
        for (write, action) in values.chain(deletes.iter().map(|&write| (write, Action::Delete))) {
            let fault = match self.memory.invoked(write) {
                None => BreachKind::NotYetInvoked,
                Some(record) if record.key != pending.key => BreachKind::OfAnotherKey(record.key),
                Some(record) if record.action != action => BreachKind::NotAPut,
                Some(record) if record.stage == WriteStage::Refused => BreachKind::Refused,
                Some(record)
                    if record.stage == WriteStage::PendingOperation && record.returned_by.is_none() =>
                {
                    self.memory.op_mut(write).returned_by = Some((pending.op, pending.via));
                    continue;
                }
                Some(_) => continue,
            };
            self.findings.breach(reading.breach_by(guarantee, write, fault));
        }
    }

    /// shown(r): what the read showed.
    fn shown(&self, reading: &Reading<'_>) -> ShownWrites {
        let Reading { pending, seen, circumstances, .. } = *reading;
        let (mut sure, mut maybe) = (OpSet::new(), OpSet::new());
        // A tombstone beside a value that it supersedes replaces nothing.
        let stands = |delete: &&OpId| self.superseded_among(**delete, &seen.values).is_none();
        let returned = seen.values.iter().chain(exact(&seen.tombstones).iter().filter(stands));
        for record in returned.filter_map(|&write| self.memory.invoked(write)) {
            if record.key == pending.key && record.action.is_write() {
                sure.join(&record.sure);
                maybe.join(&record.maybe);
            }
        }
        let tells = matches!(self.data_type, DataType::Register | DataType::LastWriteWins);
        if let (false, Some(covered)) = (tells, circumstances.covered) {
            sure.join(covered);
        }
        let undecidable = !tells && circumstances.covered.is_none();
        ShownWrites { sure, maybe, ceiling: self.ceiling(pending.key, seen), undecidable }
    }

    /// The writes in `owed` that a read misses if it returned `seen`.
    pub(super) fn missing_from(&self, pending: &PendingOperation, seen: &Observation, owed: &OpSet) -> OpSet {
        let circumstances = &Circumstances::default();
        let reading = Reading { pending, client: ClientId(0), seen, circumstances };
        self.unshown(&reading, &self.shown(&reading), owed).missing
    }

    /// The writes in `owed` that a read did not show.
    pub(super) fn unshown(&self, reading: &Reading<'_>, shown: &ShownWrites, owed: &OpSet) -> Unshown {
        let mut unshown = Unshown { owed: owed.len(), ..Unshown::default() };
        let Some(per_key) = self.memory.key(reading.pending.key) else { return unshown };
        let undone = self.undone(reading, per_key, owed);
        if undone.is_empty() && owed.is_subset(&shown.sure) {
            return unshown;
        }
        let mut missing = owed.minus(&shown.sure);
        missing.subtract(&shown.maybe);
        if self.data_type != DataType::Counter {
            missing.subtract(&per_key.deletes);
            missing.join(&undone);
        }
        if let Some(ceiling) = &shown.ceiling {
            self.drop_outranked(ceiling, &mut missing, &mut unshown);
        }
        self.drop_deleted(reading, per_key, &mut missing, &mut unshown);
        if shown.undecidable {
            let puts = if self.data_type == DataType::Counter {
                missing.clone()
            } else {
                missing.minus(&per_key.deletes)
            };
            missing.subtract(&puts);
            unshown.leave_undecided(puts.len(), NO_COVERAGE);
        }
        unshown.missing = missing;
        unshown
    }

    /// The deletes in `owed` that a read misses: it returns a value that they superseded, whatever tombstones it also
    /// returns.
    fn undone(&self, reading: &Reading<'_>, per_key: &PerKey, owed: &OpSet) -> OpSet {
        let values = &reading.seen.values;
        let is_possible = match self.data_type {
            DataType::Counter => false,
            DataType::LastWriteWins => !values.is_empty(),
            _ => values.iter().any(|value| per_key.behind_deletes.contains(*value)),
        };
        if !is_possible || !owed.meets(&per_key.deletes) {
            return OpSet::new();
        }
        let key = reading.pending.key;
        let undoes = |delete: &OpId| {
            if self.data_type == DataType::LastWriteWins {
                values.iter().all(|value| !self.outranks(key, *value, *delete))
            } else {
                self.superseded_among(*delete, values).is_some()
            }
        };
        owed.and(&per_key.deletes).iter().filter(undoes).collect()
    }

    /// The first of these values that a write certainly supersedes, by its token.
    pub(super) fn superseded_among(&self, write: OpId, values: &[OpId]) -> Option<OpId> {
        let record = self.memory.invoked(write).filter(|record| record.action.is_write())?;
        values.iter().copied().find(|&value| value != write && record.sure.contains(value))
    }

    /// Last-write-wins: every write that ranks below the greatest returned one is shown.
    fn drop_outranked(&self, ceiling: &Ceiling, missing: &mut OpSet, unshown: &mut Unshown) {
        let (mut kept, mut undecided) = (OpSet::new(), 0);
        for write in missing.iter() {
            match ceiling.place(self.memory.invoked(write).and_then(|record| record.rank(write))) {
                Place::Shown => {}
                Place::Missed => {
                    kept.insert(write);
                }
                Place::Unknown => undecided += 1,
            }
        }
        *missing = kept;
        unshown.leave_undecided(undecided, NO_TIMESTAMP);
    }

    /// A put that a delete superseded is not missed if the read may have shown the delete. Where coverage is known, it
    /// shows every delete that it merged: who returns other values need not return a tombstone beside them.
    fn drop_deleted(
        &self,
        reading: &Reading<'_>,
        per_key: &PerKey,
        missing: &mut OpSet,
        unshown: &mut Unshown,
    ) {
        let Reading { seen, circumstances, .. } = *reading;
        if missing.is_subset(&per_key.deletes) || self.data_type == DataType::Counter {
            return;
        }
        let mut puts = missing.minus(&per_key.deletes);
        let by_rank = self.data_type == DataType::LastWriteWins;
        if reading.tells_only_of_some_delete() {
            puts.subtract(&self.behind_possible_deletes(reading, per_key));
        }
        let silent = seen.values.is_empty() && seen.fabricated.is_empty();
        let mut doubtful = OpSet::new();
        let merged = |delete: OpId| circumstances.covered.is_some_and(|covered| covered.contains(delete));
        let may_tell = |delete: &OpId| match self.data_type {
            DataType::Set => true,
            DataType::Register => silent || merged(*delete),
            DataType::LastWriteWins | DataType::Counter => silent,
        };
        for delete in per_key.deletes.iter().filter(may_tell) {
            let Some(record) = self.memory.invoked(delete) else { continue };
            let done = record.stage == WriteStage::Ok
                || circumstances.covered.is_none_or(|covered| covered.contains(delete));
            if !done || self.superseded_among(delete, &seen.values).is_some() {
                continue;
            }
            if !by_rank {
                puts.subtract(&record.sure);
                puts.subtract(&record.maybe);
                continue;
            }
            let key = reading.pending.key;
            for put in puts.clone().iter() {
                if self.rank(key, put).is_none() || record.timestamp.is_none() {
                    doubtful.insert(put);
                } else if !self.outranks(key, put, delete) {
                    puts.remove(put);
                }
            }
        }
        doubtful.intersect(&puts);
        puts.subtract(&doubtful);
        unshown.leave_undecided(doubtful.len(), NO_TIMESTAMP);
        missing.intersect(&per_key.deletes);
        missing.join(&puts);
    }

    /// What the tokens of the possible deletes may cover. A tombstone of unknown origin can be of any delete that
    /// supersedes none of the values returned beside it.
    pub(super) fn behind_possible_deletes(&self, reading: &Reading<'_>, per_key: &PerKey) -> OpSet {
        let values = &reading.seen.values;
        if values.is_empty() {
            return per_key.behind_deletes.clone();
        }
        let mut behind = OpSet::new();
        let possible = |delete: &OpId| {
            self.superseded_among(*delete, values).is_none()
                && !values.iter().any(|value| self.outranks(reading.pending.key, *delete, *value))
        };
        for record in per_key.deletes.iter().filter(possible).filter_map(|op| self.memory.invoked(op)) {
            behind.join(&record.sure);
            behind.join(&record.maybe);
        }
        behind
    }

    /// read-your-writes.
    fn judge_own(&mut self, reading: &Reading<'_>, shown: &ShownWrites) {
        let guarantee = Guarantee::ReadYourWrites;
        let Some(session) = self.memory.session(reading.client, reading.pending.key) else { return };
        if session.own.is_empty() {
            return;
        }
        let Due { met, unmet, .. } = session.own.due(self.owes(reading.pending.required));
        self.judge_due(reading, guarantee, &met, &unmet, shown);
    }

    /// fresh and read-your-writes: `met` holds the writes whose quorums meet the read's, `unmet` the others.
    fn judge_due(
        &mut self,
        reading: &Reading<'_>,
        guarantee: Guarantee,
        met: &OpSet,
        unmet: &OpSet,
        shown: &ShownWrites,
    ) {
        let stance = self.stance(guarantee);
        let both;
        let owed_here = if !stance.waives_configuration() {
            self.findings.not_owed(guarantee, Exemption::LowerLevel, unmet.len());
            met
        } else if unmet.is_empty() {
            met
        } else {
            both = met.or(unmet);
            &both
        };
        let unshown = match reading.circumstances.excused {
            Some(excused) if !stance.waives_circumstances() && excused.meets(owed_here) => {
                let owed = owed_here.minus(excused);
                self.findings.not_owed(guarantee, Exemption::LostDisk, owed_here.len() - owed.len());
                self.unshown(reading, shown, &owed)
            }
            _ => self.unshown(reading, shown, owed_here),
        };
        self.judge_missing(reading, guarantee, unshown);
    }

    fn judge_monotonic_reads(&mut self, reading: &Reading<'_>, shown: &ShownWrites) {
        let guarantee = Guarantee::MonotonicReads;
        let Some(session) = self.memory.session(reading.client, reading.pending.key) else { return };
        let excuses = !self.stance(guarantee).waives_circumstances();
        let Circumstances { excused_monotonic, forgotten, .. } = *reading.circumstances;
        let unshown = match (excused_monotonic, forgotten) {
            (Some(by), _) if excuses => {
                return self.findings.not_owed(guarantee, by, session.seen.len());
            }
            (_, Some(forgotten)) if excuses && forgotten.meets(&session.seen) => {
                let owed = session.seen.minus(forgotten);
                self.findings.not_owed(guarantee, Exemption::LostDisk, session.seen.len() - owed.len());
                self.unshown(reading, shown, &owed)
            }
            _ => self.unshown(reading, shown, &session.seen),
        };
        self.judge_missing(reading, guarantee, unshown);
    }

    /// The read had to show every one of these writes.
    fn judge_missing(&mut self, reading: &Reading<'_>, guarantee: Guarantee, unshown: Unshown) {
        let Unshown { owed, undecided, why, missing } = unshown;
        let ruling = self.findings.of(guarantee);
        ruling.examined += (owed - undecided) as u64;
        ruling.unknown += undecided as u64;
        ruling.why_unknown = ruling.why_unknown.or(why);
        if missing.is_empty() {
            return;
        }
        let cause = match reading.circumstances.covered {
            None => Cause::Unknown,
            Some(covered) if missing.is_subset(covered) => Cause::Hidden,
            Some(covered) if missing.meets(covered) => Cause::Both,
            Some(_) => Cause::Stale,
        };
        let deletes = self.memory.key(reading.pending.key).map(|key| missing.and(&key.deletes));
        let deletes = deletes.unwrap_or_default();
        let values = &reading.seen.values;
        let back = deletes.iter().find_map(|delete| match self.data_type {
            DataType::Counter => None,
            DataType::LastWriteWins => values.first().map(|value| (*value, delete)),
            _ => self.superseded_among(delete, values).map(|value| (value, delete)),
        });
        let count = (missing.len(), missing.len() - deletes.len());
        let fault = BreachKind::Missed { cause, back };
        self.findings.breach(reading.breach(guarantee, missing.iter(), count, fault));
    }
}

impl Unshown {
    fn leave_undecided(&mut self, undecided: usize, why: &'static str) {
        self.undecided += undecided;
        if undecided > 0 {
            self.why.get_or_insert(why);
        }
    }
}
