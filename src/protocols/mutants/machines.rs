//! Mutants that break no promise of a store but those of any program: they panic, never end, toss coins, or lie about
//! what they did.
//!
//! The liar cannot be written as a protocol: a refusal is the model's own, and sends nothing. It comes in by the
//! second door, as a [`System`] that passes everything on to another one and changes a word.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Mutant;
use crate::check::Breakage;
use crate::model::kv_client::{Asking, KvClient};
use crate::model::storage_node::{Effect, Outbox, StorageNode, Surroundings};
use crate::model::{Body, Envelope, Status};
use crate::prelude::*;
use crate::protocols::Entry;
use crate::world::modelled::Modelled;
use crate::world::system::{Answer, Cargo, System};

/// Panics at the third sibling.
#[derive(Debug)]
pub struct Panics;

impl Protocol for Panics {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        PANICS.name.into()
    }

    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let merged = self.base().merge(progress, counted);
        assert!(merged.len() < 3, "more than two siblings");
        merged
    }
}

/// See [`Panics`].
pub const PANICS: Mutant = Mutant {
    entry: Entry {
        name: "mutant-panics",
        about: "a read of three siblings panics",
        subject: &Modelled::<Dotted>(&Panics),
    },
    breaks: Breakage::Panic,
    base: "textbook",
};

/// Sends a repair thousands of times over.
#[derive(Debug)]
pub struct Storms;

impl Protocol for Storms {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        STORMS.name.into()
    }

    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let mut repairs = self.base().repair(progress, merged);
        for repair in &mut repairs.send {
            let once = repair.versions.clone();
            repair.versions = once.iter().cycle().take(once.len() << 12).cloned().collect();
        }
        repairs
    }
}

/// See [`Storms`].
pub const STORMS: Mutant = Mutant {
    entry: Entry {
        name: "mutant-storms",
        about: "a repair doubles what it sends twelve times over",
        subject: &Modelled::<Dotted>(&Storms),
    },
    breaks: Breakage::Storm,
    base: "textbook",
};

/// Stamps with a number from outside.
#[derive(Debug)]
pub struct TossesCoins;

static COINS: AtomicU64 = AtomicU64::new(0);

impl Protocol for TossesCoins {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        TOSSES_COINS.name.into()
    }

    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let stamp = self.base().stamp(replica, put);
        Stamp { timestamp: COINS.fetch_add(1, Ordering::Relaxed), ..stamp }
    }
}

/// See [`TossesCoins`].
pub const TOSSES_COINS: Mutant = Mutant {
    entry: Entry {
        name: "mutant-tosses-coins",
        about: "timestamps come from a counter outside the store: no run is like the one before",
        subject: &Modelled::<Dotted>(&TossesCoins),
    },
    breaks: Breakage::Nondeterminism,
    base: "textbook",
};

/// The textbook, but an operation that failed after something was sent is reported as refused.
#[derive(Debug)]
pub struct Lies;

const HONEST: Modelled<'static, Dotted> = Modelled(&Textbook);

/// See [`Lies`].
pub const LIES: Mutant = Mutant {
    entry: Entry {
        name: "mutant-lies",
        about: "a timeout is reported as a refusal, though the write was sent and may yet be seen",
        subject: &Lies,
    },
    breaks: Breakage::Guarantee(Guarantee::NoFabrication),
    base: "textbook",
};

impl System for Lies {
    type Node = StorageNode<Dotted>;
    type Client = KvClient<Dotted>;
    type Body = Body<Dotted>;
    type Clock = Dotted;

    fn answer(&self, client: &mut KvClient<Dotted>, envelope: Envelope<Body<Dotted>>) -> Option<Answer> {
        let mut answer = HONEST.answer(client, envelope)?;
        if answer.completion.status == Status::Info {
            answer.completion.status = Status::Refused;
        }
        Some(answer)
    }

    fn name(&self) -> Cow<'static, str> {
        LIES.name.into()
    }
    fn claims(&self, cluster: Cluster) -> Claims {
        System::claims(&HONEST, cluster)
    }
    fn data_type(&self) -> DataType {
        System::data_type(&HONEST)
    }
    fn home(&self, cluster: Cluster, key: Key) -> PreferenceList {
        HONEST.home(cluster, key)
    }
    fn node(&self, id: NodeId, cluster: Cluster) -> StorageNode<Dotted> {
        HONEST.node(id, cluster)
    }
    fn client(&self, id: ClientId) -> KvClient<Dotted> {
        HONEST.client(id)
    }
    fn invoke(&self, client: &mut KvClient<Dotted>, asking: &Asking) -> Envelope<Body<Dotted>> {
        HONEST.invoke(client, asking)
    }
    fn abandon(&self, client: &mut KvClient<Dotted>) {
        HONEST.abandon(client);
    }
    fn receive(
        &self,
        node: &mut StorageNode<Dotted>,
        around: Surroundings<'_>,
        envelope: Envelope<Body<Dotted>>,
        out: &mut Outbox<Dotted>,
    ) -> Effect {
        HONEST.receive(node, around, envelope, out)
    }
    fn time_out(&self, node: &mut StorageNode<Dotted>, op: OpId, out: &mut Outbox<Dotted>) {
        HONEST.time_out(node, op, out);
    }
    fn wake(&self, node: &mut StorageNode<Dotted>, around: Surroundings<'_>, out: &mut Outbox<Dotted>) {
        HONEST.wake(node, around, out);
    }
    fn crash(&self, node: &mut StorageNode<Dotted>) {
        HONEST.crash(node);
    }
    fn lose_disk(&self, node: &mut StorageNode<Dotted>) {
        HONEST.lose_disk(node);
    }
    fn cargo<'b>(&self, envelope: &'b Envelope<Body<Dotted>>) -> Cargo<'b, Dotted> {
        HONEST.cargo(envelope)
    }
    fn held<'n>(
        &self,
        node: &'n StorageNode<Dotted>,
        owner: NodeId,
        key: Key,
    ) -> Option<&'n Siblings<Dotted>> {
        HONEST.held(node, owner, key)
    }
    fn is_transparent(&self) -> bool {
        true
    }
}
