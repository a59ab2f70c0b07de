//! Mutants that merge or repair wrongly.

use super::super::write_back::WriteBack;
use crate::seam::*;

mutant! {
    /// a read shows what the first of its replicas holds
    "mutant-shows-the-first-reply" = ShowsTheFirstReply: Textbook, over Dotted, breaks NoLost;
    fn symmetry(&self) -> Symmetry {
        Symmetry { names: false, ..self.base().symmetry() }
    }
    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        counted.iter().next().map_or_else(Siblings::new, |slot| progress.slots[slot].held.clone())
    }
}

mutant! {
    /// of siblings a read shows the latest
    "mutant-shows-one-sibling" = ShowsOneSibling: Textbook, over Dotted, breaks NoLost;
    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let merged = self.base().merge(progress, counted);
        let latest = merged.iter().max_by_key(|version| (version.timestamp, version.op));
        latest.map_or_else(Siblings::new, |version| Siblings::only(version.clone()))
    }
}

mutant! {
    /// a read shows the replies one after another
    "mutant-concatenates" = Concatenates: Textbook, over Dotted, breaks NoExtra;
    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        counted.iter().flat_map(|slot| &progress.slots[slot].held).cloned().collect()
    }
}

mutant! {
    /// a read leaves out the tombstones before it merges, so that one stale reply brings the value back
    "mutant-hides-tombstones" = HidesTombstones: Textbook, over Dotted, breaks NoExtra;
    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let mut merged = Siblings::new();
        for version in counted.iter().flat_map(|slot| &progress.slots[slot].held) {
            if !version.is_tombstone() {
                merged.insert(version);
            }
        }
        merged
    }
}

mutant! {
    /// a read of nothing makes something up
    "mutant-fabricates" = Fabricates: Textbook, over Dotted, breaks NoFabrication;
    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let merged = self.base().merge(progress, counted);
        if !merged.is_empty() {
            return merged;
        }
        let dot = Dot { actor: Actor::first(progress.coordinator), counter: 999 };
        let clock = Dotted { dot, past: DotSet::new() };
        Siblings::only(VersionedValue { op: OpId(999), value: Value::Written, timestamp: 0, clock })
    }
}

mutant! {
    /// reads repair nothing
    "mutant-never-repairs" = NeverRepairs: Textbook, over Dotted, breaks Convergence;
    fn symmetry(&self) -> Symmetry {
        Symmetry { late_replies: true, ..self.base().symmetry() }
    }
    fn repair(&self, _progress: &Progress<Dotted>, _merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        Repairs::default()
    }
}

mutant! {
    /// a replica counts as stale if it holds fewer versions than the read shows
    "mutant-repairs-by-count" = RepairsByCount: Textbook, over Dotted, breaks Convergence;
    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let mut repairs = self.base().repair(progress, merged);
        repairs.send.retain(|repair| progress.slots[repair.slot].held.len() < merged.len());
        repairs
    }
}

mutant! {
    /// a repair sends values only: a delete never spreads
    "mutant-repairs-without-tombstones" = RepairsWithoutTombstones: Textbook, over Dotted, breaks Convergence;
    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let mut repairs = self.base().repair(progress, merged);
        for repair in &mut repairs.send {
            repair.versions.retain(|version| !version.is_tombstone());
        }
        repairs.send.retain(|repair| !repair.versions.is_empty());
        repairs
    }
}

mutant! {
    /// the write-back is sent, and the answer waits neither for it nor for those who are to take it
    "mutant-writes-back-too-late" = WritesBackTooLate: WriteBack, over Dotted, breaks MonotonicReads;
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        Textbook.quorum(progress)
    }
    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        Repairs { holders_before_answer: 0, ..self.base().repair(progress, merged) }
    }
}

mutant! {
    /// a read adds to the past of each version what the others follow, and shows clocks that nobody stamped
    "mutant-joins-the-pasts" = JoinsThePasts: Textbook, over Dotted, breaks ClockOrder;
    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let merged = self.base().merge(progress, counted);
        let mut past = DotSet::default();
        merged.iter().for_each(|version| past.join(&version.clock.past));
        let longer = |mut version: VersionedValue<Dotted>| {
            version.clock.past.join(&past);
            version
        };
        merged.iter().cloned().map(longer).collect()
    }
    fn repair(&self, progress: &Progress<Dotted>, _merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        self.base().repair(progress, &self.base().merge(progress, progress.replied()))
    }
}
