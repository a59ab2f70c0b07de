//! Judging one read: what it showed, and what is missing from it.

use super::memory::{Due, Pending, Stage};
use super::{Breach, Cause, Circumstances, Fault, Findings, HistoryJudge, Observation, Tombstones};
use crate::check::exemption::Exemption;
use crate::guarantee::Guarantee;
use crate::id::{ClientId, OpId};
use crate::model::{Action, DataType};
use crate::op_set::OpSet;

const NO_TIMESTAMP: &str =
    "a write may have been outranked by another, and the history lacks a timestamp to tell";
const NO_COVERAGE: &str = "a value of this data type does not tell which writes it includes";
const NOT_COVERED: &str = "whether the read covers a write is known only where R+W>N makes it fresh";

/// What a read showed.
pub(super) struct Shown {
    /// Certainly.
    sure: OpSet,
    /// Perhaps: it excuses, and obliges nobody.
    maybe: OpSet,
    /// Of these alone nobody can tell.
    doubtful: OpSet,
    /// Why not.
    why_doubtful: &'static str,
    /// What it returned, and all before that, where this is less than all it showed: where writes are merely
    /// outranked.
    causal: Option<OpSet>,
}

/// Whether a write is hidden, by right, under a greater one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outranked {
    Yes,
    No,
    Unknown,
}

/// A read being judged.
struct Reading<'a> {
    pending: &'a Pending,
    client: ClientId,
    seen: &'a Observation,
    circumstances: &'a Circumstances<'a>,
}

impl Reading<'_> {
    fn breach(&self, guarantee: Guarantee, writes: impl IntoIterator<Item = OpId>, fault: Fault) -> Breach {
        Breach {
            guarantee,
            read: self.pending.op,
            client: self.client,
            key: self.pending.key,
            via: self.pending.via,
            returned: self.seen.values.clone(),
            writes: writes.into_iter().collect(),
            fault,
        }
    }
}

/// The deletes that a read was shown, as far as they are recorded.
fn exact(tombstones: &Tombstones) -> &[OpId] {
    match tombstones {
        Tombstones::These(deletes) => deletes,
        Tombstones::Some => &[],
    }
}

impl HistoryJudge {
    pub(super) fn judge_read(
        &mut self,
        pending: &Pending,
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
        let shown = self.shown(&reading);
        if self.judges(Guarantee::Fresh) {
            let Due { met, unmet } = &pending.due;
            self.judge_due(&reading, Guarantee::Fresh, met, unmet, &shown);
        }
        if self.judges(Guarantee::ReadYourWrites) {
            self.judge_own(&reading, &shown);
        }
        if self.judges(Guarantee::MonotonicReads) {
            self.judge_monotonic_reads(&reading, &shown);
        }
        if self.judges_shadows() && matches!(self.data_type, DataType::Register | DataType::LastWriteWins) {
            self.judge_shadows(&reading, &shown);
        }
        if self.judges(Guarantee::MonotonicReads) || self.judges(Guarantee::WritesFollowReads) {
            self.memory.session_mut(client, pending.key).seen.join(&shown.sure);
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
            self.findings.breach(reading.breach(guarantee, [], Fault::NeverWritten(value.clone())));
        }
        let none = self.memory.key(pending.key).is_none_or(|per_key| per_key.deletes.is_empty());
        if some_delete && none {
            self.findings.breach(reading.breach(guarantee, [], Fault::NoDelete));
        }
        let values = seen.values.iter().map(|&write| (write, Action::Put));
        for (write, action) in values.chain(deletes.iter().map(|&write| (write, Action::Delete))) {
            let fault = match self.memory.invoked(write) {
                None => Fault::NotYetInvoked,
                Some(record) if record.key != pending.key => Fault::OfAnotherKey(record.key),
                Some(record) if record.action != action => Fault::NotAPut,
                Some(record) if record.stage == Stage::Refused => Fault::Refused,
                Some(record) if record.stage == Stage::Pending && record.returned_by.is_none() => {
                    self.memory.op_mut(write).returned_by = Some((pending.op, pending.via));
                    continue;
                }
                Some(_) => continue,
            };
            self.findings.breach(reading.breach(guarantee, [write], fault));
        }
    }

    /// shown(r).
    fn shown(&self, reading: &Reading<'_>) -> Shown {
        let Reading { pending, seen, circumstances, .. } = *reading;
        let (mut sure, mut maybe) = (OpSet::new(), OpSet::new());
        let returned = seen.values.iter().chain(exact(&seen.tombstones));
        for record in returned.filter_map(|&write| self.memory.invoked(write)) {
            if record.key == pending.key && record.action.is_write() {
                sure.join(&record.sure);
                maybe.join(&record.maybe);
            }
        }
        if seen.tombstones == Tombstones::Some
            && let Some(per_key) = self.memory.key(pending.key)
        {
            maybe.join(&per_key.behind_deletes);
        }
        let mut shown =
            Shown { sure, maybe, doubtful: OpSet::new(), why_doubtful: NO_COVERAGE, causal: None };
        match (self.data_type, circumstances.covered) {
            (DataType::Register, _) => {}
            (DataType::LastWriteWins, covered) => {
                shown.why_doubtful = NO_TIMESTAMP;
                if self.judges_shadows() {
                    shown.causal = Some(shown.sure.or(&shown.maybe));
                }
                self.outrank(reading, covered, &mut shown);
            }
            (_, Some(covered)) => shown.sure.join(covered),
            (_, None) => {
                if let Some(per_key) = self.memory.key(pending.key) {
                    shown.doubtful = per_key.writes.clone();
                }
            }
        }
        shown
    }

    /// Adds to what a read showed the writes that lie, in the order of last-write-wins, under what it returned:
    /// those it covers, or where coverage is unknown, those it may have covered. What such a write follows it has
    /// superseded itself, however the timestamps stand: that is shown with it.
    fn outrank(&self, reading: &Reading<'_>, covered: Option<&OpSet>, shown: &mut Shown) {
        let Some(per_key) = self.memory.key(reading.pending.key) else { return };
        for write in covered.unwrap_or(&per_key.writes).iter() {
            if shown.sure.contains(write) || !per_key.writes.contains(write) {
                continue;
            }
            let Some(record) = self.memory.invoked(write) else { continue };
            match (self.outranked(reading.seen, &per_key.deletes, write), covered) {
                (Outranked::No, _) => {}
                (Outranked::Yes, Some(_)) => {
                    shown.sure.join(&record.sure);
                    shown.maybe.join(&record.maybe);
                }
                (Outranked::Yes, None) | (Outranked::Unknown, Some(_)) => {
                    shown.maybe.join(&record.sure);
                    shown.maybe.join(&record.maybe);
                }
                (Outranked::Unknown, None) => {
                    shown.doubtful.insert(write);
                }
            }
        }
    }

    fn outranked(&self, seen: &Observation, deletes: &OpSet, write: OpId) -> Outranked {
        let rank = |op: OpId| self.memory.invoked(op).and_then(|record| record.rank(op));
        let mine = rank(write);
        let mut verdict = Outranked::No;
        let mut compare = |other: OpId| {
            if other != write && verdict != Outranked::Yes {
                verdict = match (mine, rank(other)) {
                    (Some(mine), Some(other)) if mine < other => Outranked::Yes,
                    (Some(_), Some(_)) => verdict,
                    _ => Outranked::Unknown,
                };
            }
        };
        seen.values.iter().copied().for_each(&mut compare);
        match &seen.tombstones {
            Tombstones::These(these) => these.iter().copied().for_each(compare),
            Tombstones::Some => deletes.iter().for_each(compare),
        }
        verdict
    }

    /// read-your-writes.
    fn judge_own(&mut self, reading: &Reading<'_>, shown: &Shown) {
        let guarantee = Guarantee::ReadYourWrites;
        let Some(session) = self.memory.session(reading.client, reading.pending.key) else { return };
        if session.own.is_empty() {
            return;
        }
        let Due { met, unmet } = session.own.due(self.owes(reading.pending.required));
        self.judge_due(reading, guarantee, &met, &unmet, shown);
    }

    /// fresh and read-your-writes: of the writes whose quorums meet the read's, and of the others.
    fn judge_due(
        &mut self,
        reading: &Reading<'_>,
        guarantee: Guarantee,
        met: &OpSet,
        unmet: &OpSet,
        shown: &Shown,
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
        match reading.circumstances.excused {
            Some(excused) if !stance.waives_circumstances() && excused.meets(owed_here) => {
                let owed = owed_here.minus(excused);
                let skewed = reading.circumstances.skewed;
                let by = if skewed { Exemption::SkewedClock } else { Exemption::LostDisk };
                self.findings.not_owed(guarantee, by, owed_here.len() - owed.len());
                self.findings.judge_missing(reading, guarantee, &owed, shown);
            }
            _ => self.findings.judge_missing(reading, guarantee, owed_here, shown),
        }
    }

    fn judge_monotonic_reads(&mut self, reading: &Reading<'_>, shown: &Shown) {
        let guarantee = Guarantee::MonotonicReads;
        let Some(session) = self.memory.session(reading.client, reading.pending.key) else { return };
        let excuses = !self.stance(guarantee).waives_circumstances();
        let Circumstances { excused_monotonic, forgotten, .. } = *reading.circumstances;
        match (excused_monotonic, forgotten) {
            (Some(by), _) if excuses => self.findings.not_owed(guarantee, by, session.seen.len()),
            (_, Some(forgotten)) if excuses && forgotten.meets(&session.seen) => {
                let owed = session.seen.minus(forgotten);
                self.findings.not_owed(guarantee, Exemption::LostDisk, session.seen.len() - owed.len());
                self.findings.judge_missing(reading, guarantee, &owed, shown);
            }
            _ => self.findings.judge_missing(reading, guarantee, &session.seen, shown),
        }
    }

    /// monotonic-writes and writes-follow-reads: no w2 that the read covers is shadowed.
    fn judge_shadows(&mut self, reading: &Reading<'_>, shown: &Shown) {
        for guarantee in [Guarantee::MonotonicWrites, Guarantee::WritesFollowReads] {
            let Some(per_key) = self.memory.key(reading.pending.key) else { return };
            let own = guarantee == Guarantee::MonotonicWrites;
            let later = if own { &per_key.with_own_before } else { &per_key.with_read_before };
            if later.is_empty() || !self.judges(guarantee) {
                continue;
            }
            let causal = shown.causal.as_ref().unwrap_or(&shown.sure);
            // Mostly nothing is missing but writes that were never acknowledged.
            let mut missing = later.minus(causal);
            if shown.causal.is_none() {
                missing.subtract(&shown.maybe);
            }
            let Due { met, unmet } = &reading.pending.due;
            let examined = match reading.circumstances.covered {
                Some(covered) if missing.meets(covered) => None,
                Some(covered) if later.is_subset(covered) => Some(later.len()),
                Some(covered) => Some(later.and(covered).len()),
                None if missing.meets(met) || missing.meets(unmet) => None,
                None => Some(later.len() - missing.len()),
            };
            if let Some(examined) = examined {
                self.findings.of(guarantee).examined += examined as u64;
                continue;
            }
            let later = later.clone();
            self.judge_covered(reading, guarantee, later, shown);
        }
    }

    /// As [`Self::judge_shadows`], where not every one of the later writes was certainly shown.
    fn judge_covered(&mut self, reading: &Reading<'_>, guarantee: Guarantee, later: OpSet, shown: &Shown) {
        let Reading { pending, circumstances, .. } = *reading;
        let causal = shown.causal.clone().unwrap_or_else(|| shown.sure.or(&shown.maybe));
        // Those which the read certainly covers, and those of which that is not known.
        let (mut covered, mut unclear) = (later, OpSet::new());
        if let Some(coverage) = circumstances.covered {
            covered.intersect(coverage);
        } else {
            unclear = covered.and(&pending.due.met.or(&pending.due.unmet));
            let mut known = pending.due.met.clone();
            if let Some(excused) = circumstances.excused {
                known.subtract(excused);
            }
            known.join(&causal);
            covered.intersect(&known);
            unclear.subtract(&covered);
        }
        self.findings.of(guarantee).examined += covered.len() as u64;
        for (ops, known) in [(covered, true), (unclear, false)] {
            if !ops.is_subset(&causal) {
                self.judge_shadowed(reading, guarantee, &ops.minus(&causal), known);
            }
        }
    }

    /// These writes were not shown: was one of them shadowed by what the read returned?
    fn judge_shadowed(&mut self, reading: &Reading<'_>, guarantee: Guarantee, hidden: &OpSet, known: bool) {
        for write in hidden.iter() {
            let Some(record) = self.memory.invoked(write) else { continue };
            let own = guarantee == Guarantee::MonotonicWrites;
            let before = if own { &record.after_own } else { &record.after_read };
            let mut returned = reading.seen.values.iter().chain(exact(&reading.seen.tombstones));
            let Some(&earlier) = returned.find(|&&returned| before.contains(returned)) else {
                continue;
            };
            if known {
                self.findings.breach(reading.breach(guarantee, [write], Fault::ShadowedBy(earlier)));
            } else {
                let ruling = self.findings.of(guarantee);
                ruling.unknown += 1;
                ruling.why_unknown.get_or_insert(NOT_COVERED);
            }
        }
    }
}

impl Findings {
    fn not_owed(&mut self, guarantee: Guarantee, by: Exemption, obligations: usize) {
        self.of(guarantee).not_owed.count(by, obligations as u64);
    }

    /// Every one of these writes must be shown.
    fn judge_missing(&mut self, reading: &Reading<'_>, guarantee: Guarantee, owed: &OpSet, shown: &Shown) {
        let ruling = self.of(guarantee);
        ruling.examined += owed.len() as u64;
        if owed.is_subset(&shown.sure) {
            return;
        }
        let mut missing = owed.minus(&shown.sure);
        missing.subtract(&shown.maybe);
        if missing.meets(&shown.doubtful) {
            let before = missing.len();
            missing.subtract(&shown.doubtful);
            let undecided = (before - missing.len()) as u64;
            ruling.examined -= undecided;
            ruling.unknown += undecided;
            let why = shown.why_doubtful;
            ruling.why_unknown.get_or_insert(why);
        }
        if missing.is_empty() {
            return;
        }
        let cause = match reading.circumstances.covered {
            None => Cause::Unknown,
            Some(covered) if missing.is_subset(covered) => Cause::Hidden,
            Some(covered) if missing.meets(covered) => Cause::Both,
            Some(_) => Cause::Stale,
        };
        self.breach(reading.breach(guarantee, missing.iter(), Fault::Missed(cause)));
    }
}
