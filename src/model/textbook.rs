//! The textbook protocol: the rules of Dynamo that the literature has found to be right.
//!
//! * A write is stamped once, by its coordinator: a dot of its own, and the client's context as its past. Nothing
//!   else is in its past, so a blind write supersedes nothing (Preguiça and others, arXiv 1011.5808).
//! * Contexts record gaps. A client can therefore join the dot of its own write without claiming what it never saw.
//! * A replica joins what it is sent: idempotent, commutative, associative.
//! * The coordinator sends to every home replica it does not suspect, and answers at the first R or W replies that
//!   arrive, whichever they are. With too few left in its view it refuses, and sends nothing.
//! * A read sends each replica the versions it lacks, verbatim, after the client has been answered. A late reply
//!   that brings something new repairs the earlier ones as well.
//! * A session joins the token of every answer to its context; an operation that failed changes nothing.
//!
//! Over other clocks ([`Mint`]) the same rules make other protocols, which claim less.
//!
//! Not modelled: hints (see the sloppy quorum), anti-entropy apart from reads, reaping of tombstones.

use std::borrow::Cow;

use crate::guarantee::Guarantee;
use crate::id::{Actor, Key, OpId};
use crate::model::progress::{Progress, Slot, SlotReply, SlotSet};
use crate::model::protocol::{
    Ack, Delivery, Ended, Hint, Protocol, Put, Repairs, Replica, Resolution, SessionUpdate, Ship, Stamp,
    Target, Targets, Task, View,
};
use crate::model::{
    Causality, Claims, Cluster, DataType, Dot, DotSet, Dotted, LastWrite, Latest, PreferenceList, Siblings,
    Symmetry, VectorClock, preference_list, read_repair,
};

/// A clock that the textbook's way of stamping can mint.
pub trait Mint: Causality {
    /// The clock of a new version.
    fn mint(event: &Minting, past: &Self::Context) -> Self;
}

/// The event that a new version is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Minting {
    /// The actor that stamps it.
    pub actor: Actor,
    /// This actor's event number, from 1.
    pub counter: u32,
    /// The node's clock: milliseconds.
    pub now: u64,
    /// The operation that writes it.
    pub op: OpId,
    /// Whether it is a delete.
    pub deleted: bool,
}

/// The root of all protocols; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct Textbook;

/// The cell of a copy's durable registers that counts the dots minted for the key. (One count for all keys of a
/// node would do as well, but it would leave holes in every key's contexts.)
pub const DOTS_MINTED: usize = 0;

impl<C: Mint> Protocol<C> for Textbook {
    fn base(&self) -> &dyn Protocol<C> {
        self
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("textbook")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        use Guarantee::{Fresh, MonotonicReads, ReadYourWrites, RealTimeOrder};
        Claims::everything()
            .except_if(
                !cluster.quorums_meet(),
                &[Fresh, ReadYourWrites],
                "R+W<=N: a read quorum need not meet the quorum of an earlier write",
            )
            .except_if(
                cluster.r < cluster.n,
                &[MonotonicReads],
                "a write still on its way is seen by one read quorum and missed by the next; \
                 it takes a write-back before the answer, or R=N",
            )
            .except(
                &[RealTimeOrder],
                "of two versions neither of which has seen the other, none ranks above: both stay",
            )
    }

    fn symmetry(&self) -> Symmetry {
        Symmetry { names: true, ..Symmetry::NONE }
    }

    fn data_type(&self) -> DataType {
        DataType::Register
    }

    fn home(&self, cluster: Cluster, key: Key) -> PreferenceList {
        preference_list(cluster, key, usize::from(cluster.n))
    }

    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        let in_view = |node| !view.suspects.contains(node) || node == view.coordinator;
        let left = view.home.iter().filter(|&&node| in_view(node)).count();
        if left < usize::from(task.required) {
            return Targets::Refuse { left: left as u8 };
        }
        // Its own copy first: it is the nearest.
        let own = view.home.iter().filter(|&&node| node == view.coordinator);
        let rest = view.home.iter().filter(|&&node| node != view.coordinator && in_view(node));
        Targets::Ask(own.chain(rest).map(|&node| Target::home(node)).collect())
    }

    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        let counter = replica.of_key.durable.increment(DOTS_MINTED);
        let event = Minting {
            actor: replica.actor,
            counter: u32::try_from(counter).unwrap_or(u32::MAX),
            now: replica.now,
            op: put.op,
            deleted: *put.value == crate::model::Value::Deleted,
        };
        let clock = match put.context {
            Some(context) => C::mint(&event, context),
            None => C::mint(&event, &C::Context::default()),
        };
        Stamp { clock, timestamp: replica.now, value: None, ship: Ship::Version }
    }

    fn accept(&self, replica: &mut Replica<'_, C>, delivery: &Delivery<'_, C>) -> Ack<C> {
        replica.siblings.join(delivery.versions);
        Ack::stored()
    }

    fn serve(&self, replica: &Replica<'_, C>) -> Option<Siblings<C>> {
        Some(replica.siblings.clone())
    }

    fn quorum(&self, progress: &Progress<C>) -> Option<SlotSet> {
        let replied = progress.replied();
        (replied.len() >= usize::from(progress.task.required)).then_some(replied)
    }

    fn merge(&self, progress: &Progress<C>, counted: SlotSet) -> Siblings<C> {
        let mut merged = Siblings::new();
        counted.iter().for_each(|slot| {
            merged.join(&progress.slots[slot].held);
        });
        merged
    }

    fn repair(&self, progress: &Progress<C>, merged: &Siblings<C>) -> Repairs<C> {
        let shown = |slot: &Slot<C>| slot.reply == SlotReply::Shown;
        Repairs { send: read_repair::differences(progress, merged, shown), holders_before_answer: 0 }
    }

    fn hand_off(&self, hint: &Hint<'_, C>) -> bool {
        !hint.suspected
    }

    fn session(&self, ended: &Ended) -> SessionUpdate {
        if ended.ok { SessionUpdate::Join } else { SessionUpdate::Keep }
    }

    fn resolve(&self, _shown: &Siblings<C>) -> Resolution {
        Resolution::KeepAll
    }
}

impl Mint for Dotted {
    /// A dot of its own, and exactly what the client has seen.
    fn mint(event: &Minting, past: &DotSet) -> Self {
        Self { dot: Dot { actor: event.actor, counter: event.counter }, past: past.clone() }
    }
}

impl Mint for VectorClock {
    /// What the client has seen, with the actor's own entry set to its count. A count also covers every earlier event
    /// of the actor, seen or not: that is the flaw of plain version vectors.
    fn mint(event: &Minting, past: &Self) -> Self {
        let mut clock = past.clone();
        clock.set(event.actor, event.counter.max(past.get(event.actor)));
        clock
    }
}

impl Mint for LastWrite {
    /// A place in one total order, whatever the client has seen.
    fn mint(event: &Minting, _past: &Latest) -> Self {
        Self { timestamp: event.now, deleted: event.deleted, op: event.op }
    }
}
