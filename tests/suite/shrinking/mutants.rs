//! Protocols with one rule broken, each with what it breaks.

use quorate::guarantee::GuaranteeSet;
use quorate::prelude::*;

/// Nothing but what arrives last is kept.
#[derive(Debug)]
pub(crate) struct Overwrite;

impl Protocol for Overwrite {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        *replica.siblings = delivery.versions.clone();
        Ack::stored()
    }
}

/// A repair replaces what is there.
#[derive(Debug)]
pub(crate) struct RepairOverwrites;

impl Protocol for RepairOverwrites {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if delivery.errand == Errand::Repair {
            *replica.siblings = delivery.versions.clone();
            return Ack::stored();
        }
        self.base().accept(replica, delivery)
    }
}

/// A replica that holds something says that it has stored what it has not.
#[derive(Debug)]
pub(crate) struct AckWithoutStore;

impl Protocol for AckWithoutStore {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if delivery.errand == Errand::Write && !replica.siblings.is_empty() {
            return Ack::stored();
        }
        self.base().accept(replica, delivery)
    }
}

/// A write is done one acknowledgement too early.
#[derive(Debug)]
pub(crate) struct OneAckLess;

impl Protocol for OneAckLess {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let replied = progress.replied();
        let less = u8::from(progress.task.action.is_write() && progress.task.required > 1);
        (replied.len() >= usize::from(progress.task.required - less)).then_some(replied)
    }
}

/// A read shows one sibling and drops the others.
#[derive(Debug)]
pub(crate) struct FirstSibling;

impl Protocol for FirstSibling {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let merged = self.base().merge(progress, counted);
        let mut first = Siblings::new();
        if let Some(version) = merged.into_iter().next() {
            first.insert(version);
        }
        first
    }
}

/// Nothing is ever repaired.
#[derive(Debug)]
pub(crate) struct NoRepair;

impl Protocol for NoRepair {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn repair(&self, _progress: &Progress<Dotted>, _merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        Repairs::default()
    }
}

/// The count of dots is in memory only.
#[derive(Debug)]
pub(crate) struct ForgetfulCounter;

impl Protocol for ForgetfulCounter {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let counter = replica.of_key.volatile.increment(0);
        let dot = Dot { actor: replica.actor, counter: counter as u32 };
        let mut stamp = self.base().stamp(replica, put);
        stamp.clock.dot = dot;
        stamp
    }
}

/// A coordinator waits for every replica it asked.
#[derive(Debug)]
pub(crate) struct WaitsForAll;

impl Protocol for WaitsForAll {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let replied = progress.replied();
        (replied.len() == progress.slots.len()).then_some(replied)
    }
}

/// A write without context is stamped with the count alone, and overwrites what was there.
#[derive(Debug)]
pub(crate) struct LaterDeliveryWins;

impl Protocol for LaterDeliveryWins {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if delivery.errand == Errand::Write && replica.siblings.len() > 1 {
            *replica.siblings = delivery.versions.clone();
            return Ack::stored();
        }
        self.base().accept(replica, delivery)
    }
}

/// A guarantee, alone in a set.
pub(crate) fn only(guarantee: Guarantee) -> GuaranteeSet {
    GuaranteeSet::only(guarantee)
}
