//! Mutants of the counter.

use super::super::pn_counter::{ActorCount, PnCounter};
use crate::seam::*;

type C = ActorCount;

/// Repairs of what all replies say together, whatever the read answers.
fn repair_all(progress: &Progress<C>) -> Repairs<C> {
    PnCounter.repair(progress, &PnCounter.merge(progress, progress.replied()))
}

mutant! {
    /// an actor goes on from a count of the whole node, so that keys add up
    "mutant-counts-the-node" = CountsTheNode: PnCounter, over C, breaks NoExtra;
    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        let mut stamp = self.base().stamp(replica, put);
        let cell = usize::from(*put.value == Value::Deleted);
        replica.of_node.durable.increment(cell);
        stamp.clock.ups = replica.of_node.durable.get(0) as u32;
        stamp.clock.downs = replica.of_node.durable.get(1) as u32;
        stamp.value = Some(Value::Count(i64::from(stamp.clock.ups) - i64::from(stamp.clock.downs)));
        stamp
    }
}

mutant! {
    /// a read says what the first of its replicas counts; what all count together is for the repair
    "mutant-says-the-first" = SaysTheFirst: PnCounter, over C, breaks NoLost;
    fn symmetry(&self) -> Symmetry {
        Symmetry { names: false, ..self.base().symmetry() }
    }
    fn merge(&self, progress: &Progress<C>, counted: SlotSet) -> Siblings<C> {
        counted.iter().next().map_or_else(Siblings::new, |slot| progress.slots[slot].held.clone())
    }
    fn repair(&self, progress: &Progress<C>, _merged: &Siblings<C>) -> Repairs<C> {
        repair_all(progress)
    }
}

mutant! {
    /// a read shows no entry below zero
    "mutant-never-negative" = NeverNegative: PnCounter, over C, breaks NoExtra;
    fn merge(&self, progress: &Progress<C>, counted: SlotSet) -> Siblings<C> {
        let mut merged = self.base().merge(progress, counted);
        for entry in merged.iter_mut() {
            if let Value::Count(count) = &mut entry.value {
                *count = (*count).max(0);
            }
        }
        merged
    }
    fn repair(&self, progress: &Progress<C>, _merged: &Siblings<C>) -> Repairs<C> {
        repair_all(progress)
    }
}

mutant! {
    /// a read shows no entry above two
    "mutant-saturates" = Saturates: PnCounter, over C, breaks NoLost;
    fn merge(&self, progress: &Progress<C>, counted: SlotSet) -> Siblings<C> {
        let mut merged = self.base().merge(progress, counted);
        for entry in merged.iter_mut() {
            if let Value::Count(count) = &mut entry.value {
                *count = (*count).min(2);
            }
        }
        merged
    }
    fn repair(&self, progress: &Progress<C>, _merged: &Siblings<C>) -> Repairs<C> {
        repair_all(progress)
    }
}
