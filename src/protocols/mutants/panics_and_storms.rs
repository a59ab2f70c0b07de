//! Mutants that break no promise of a store but those of any program: they panic, never end, or toss coins.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::seam::*;

mutant! {
    /// a read of three siblings panics
    "mutant-panics" = Panics: Textbook, over Dotted, breaks Panic;
    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let merged = self.base().merge(progress, counted);
        assert!(merged.len() < 3, "more than two siblings");
        merged
    }
}

mutant! {
    /// a repair doubles what it sends twelve times over
    "mutant-storms" = Storms: Textbook, over Dotted, breaks Storm;
    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let mut repairs = self.base().repair(progress, merged);
        for repair in &mut repairs.send {
            let once = repair.versions.clone();
            repair.versions = once.iter().cycle().take(once.len() << 12).cloned().collect();
        }
        repairs
    }
}

static COINS: AtomicU64 = AtomicU64::new(0);

mutant! {
    /// timestamps come from a counter outside the store: no run is like the one before
    "mutant-tosses-coins" = TossesCoins: Textbook, over Dotted, breaks Nondeterminism;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let stamp = self.base().stamp(replica, put);
        Stamp { timestamp: COINS.fetch_add(1, Ordering::Relaxed), ..stamp }
    }
}
