//! monotonic-writes and writes-follow-reads, on a history alone.
//!
//! Both concern a `w2` and its `w1`s: the writes that its session wrote (and got acknowledged) or was shown before it.
//! A read that shows `w2` must show every `w1` as well; and it must not show a `w1` in place of a `w2` that it covers.
//! See the [module](super) for when each half is owed.

use std::collections::BTreeMap;

use super::judge_read::{Reading, ShownWrites, exact};
use super::{BreachKind, Circumstances, HistoryJudge};
use crate::guarantee::Guarantee;
use crate::id::{ClientId, OpId};
use crate::judge::exemption::Exemption;
use crate::model::DataType;
use crate::op_set::OpSet;

const NOT_COVERED: &str = "whether the read covers a write is known only where R+W>N makes it fresh";

impl HistoryJudge {
    pub(super) fn judge_sessions(&mut self, reading: &Reading<'_>, shown: &ShownWrites) {
        let Some(per_key) = self.memory.key(reading.pending.key) else { return };
        // What it certainly showed, and what it may have shown.
        let mut causal = shown.sure.or(&shown.maybe);
        if reading.tells_only_of_some_delete() {
            causal.join(&self.behind_possible_deletes(reading, per_key));
        }
        let own = (Guarantee::MonotonicWrites, per_key.with_own_before.clone(), per_key.own_unsaid.clone());
        let read =
            (Guarantee::WritesFollowReads, per_key.with_read_before.clone(), per_key.read_unsaid.clone());
        for (guarantee, later, unsaid) in [own, read] {
            if !later.is_empty() && self.judges(guarantee) {
                if !self.looks_inside {
                    self.judge_order(reading, guarantee, &later, &causal, shown);
                }
                self.judge_shown_alone(reading, guarantee, &unsaid.and(&shown.sure), shown);
            }
        }
    }

    /// No w2 that the read covers is hidden behind a w1.
    fn judge_order(
        &mut self,
        reading: &Reading<'_>,
        guarantee: Guarantee,
        later: &OpSet,
        causal: &OpSet,
        shown: &ShownWrites,
    ) {
        let due = &reading.pending.due;
        let mut known = due.met.clone();
        if let Some(excused) = reading.circumstances.excused {
            known.subtract(excused);
        }
        known.join(causal);
        self.findings.of(guarantee).examined += later.and(&known).len() as u64;
        let hidden = later.minus(causal);
        if hidden.meets(&due.met) || hidden.meets(&due.unmet) {
            for write in hidden.iter() {
                let is_known = known.contains(write);
                // A delete that supersedes nothing returned hides nothing, and a put that was deleted is not hidden.
                let is_missed = || self.unshown(reading, shown, &only(write)).missing.contains(write);
                if self.data_type == DataType::Register && !is_missed() {
                    continue;
                }
                if is_known || due.met.contains(write) || due.unmet.contains(write) {
                    self.judge_shadowed(reading, guarantee, write, is_known);
                }
            }
        }
    }

    /// Judges whether this write, which was not shown, was hidden behind one that its session had before it.
    fn judge_shadowed(&mut self, reading: &Reading<'_>, guarantee: Guarantee, write: OpId, is_known: bool) {
        let Some(before) = self.before(guarantee, write) else { return };
        let mut returned = reading.seen.values.iter().chain(exact(&reading.seen.tombstones));
        let Some(&earlier) = returned.find(|&&returned| before.contains(returned)) else { return };
        if is_known {
            let is_put = self.memory.invoked(write).is_some_and(|record| !record.is_delete());
            let count = (1, usize::from(is_put));
            self.findings.breach(reading.breach(guarantee, [write], count, BreachKind::ShadowedBy(earlier)));
        } else {
            let ruling = self.findings.of(guarantee);
            ruling.unknown += 1;
            ruling.why_unknown.get_or_insert(NOT_COVERED);
        }
    }

    /// The read showed these w2, whose tokens do not say all that their sessions had before. So it must also show what
    /// those sessions had. What a session had only grows: its latest w2 speaks for the earlier ones.
    fn judge_shown_alone(
        &mut self,
        reading: &Reading<'_>,
        guarantee: Guarantee,
        alone: &OpSet,
        shown: &ShownWrites,
    ) {
        if alone.is_empty() {
            return;
        }
        if self.looks_inside {
            self.findings.of(guarantee).examined += alone.len() as u64;
        }
        if !self.stance(guarantee).waives_configuration() {
            let ruling = self.findings.of(guarantee);
            ruling.examined -= alone.len() as u64;
            ruling.not_owed.count(Exemption::BlindWrite, alone.len() as u64);
            return;
        }
        let mut latest: BTreeMap<ClientId, (u32, OpId)> = BTreeMap::new();
        for (write, record) in alone.iter().filter_map(|op| Some((op, self.memory.invoked(op)?))) {
            let this = (record.turn, write);
            latest.entry(record.client).and_modify(|held| *held = this.max(*held)).or_insert(this);
        }
        for (_, later) in latest.into_values() {
            let Some(mut before) = self.before(guarantee, later).cloned() else { continue };
            if !self.stance(guarantee).waives_circumstances() {
                let Circumstances { excused, forgotten, .. } = *reading.circumstances;
                excused.into_iter().chain(forgotten).for_each(|lost| before.subtract(lost));
            }
            let unshown = self.unshown(reading, shown, &before);
            let missing = unshown.missing;
            if !missing.is_empty() {
                let deletes = self.memory.key(reading.pending.key).map(|key| missing.and(&key.deletes).len());
                let count = (missing.len(), missing.len() - deletes.unwrap_or(0));
                let fault = BreachKind::ShownAlone(later);
                self.findings.breach(reading.breach(guarantee, missing.iter(), count, fault));
            } else if let Some(why) = unshown.why {
                let ruling = self.findings.of(guarantee);
                ruling.examined -= 1;
                ruling.unknown += 1;
                ruling.why_unknown.get_or_insert(why);
            }
        }
    }

    /// What the session of a write had before it.
    fn before(&self, guarantee: Guarantee, write: OpId) -> Option<&OpSet> {
        let record = self.memory.invoked(write)?;
        Some(if guarantee == Guarantee::MonotonicWrites { &record.after_own } else { &record.after_read })
    }
}

fn only(write: OpId) -> OpSet {
    std::iter::once(write).collect()
}
