//! A counter that goes up and down: a put adds one, a delete takes one away, and nothing is ever lost to a conflict.
//!
//! The PN-counter of Shapiro, Preguiça, Baquero and Zawirski ("A comprehensive study of convergent and commutative
//! replicated data types", INRIA RR-7506, 2011): each actor keeps one entry of its own, how often it went up and how
//! often down; of two copies of an entry the one that counts more is the newer; the counter is the sum of all. An
//! entry is a version here, one for each actor, and they stand beside each other like siblings.
//!
//! An actor counts on from the entry in its **own copy**, so the coordinator takes the write in first and ships the
//! whole copy. (A count of all the node's keys, right for some stores, would add the keys up.) A repair sends the
//! whole merged state too: an entry stands for all the increments that its actor counted before.
//!
//! Contexts do not matter to a counter, and its sessions keep none.
//!
//! Not modelled: an operation that is sent again, which would be counted twice; and deltas. A change that sends an
//! actor's entry alone is accused, because the world takes a version that travels alone for its own write, and an entry
//! counts more.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::seam::*;

type C = ActorCount;

/// One actor's entry: how often it went up, and how often down. Entries of one actor are ordered by both counts at
/// once, as the pointwise order of the paper is; others are not ordered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ActorCount {
    /// Whose.
    pub actor: Actor,
    /// Puts that it coordinated.
    pub ups: u32,
    /// Deletes that it coordinated.
    pub downs: u32,
}

impl PartialOrd for ActorCount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let (ups, downs) = (self.ups.cmp(&other.ups), self.downs.cmp(&other.downs));
        let order = if ups.is_eq() { downs } else { ups };
        let opposite = ups.is_ne() && downs.is_ne() && ups != downs;
        (self.actor == other.actor && !opposite).then_some(order)
    }
}

impl Causality for ActorCount {
    type Context = VectorClock;

    fn cover(&self, context: &mut VectorClock) {
        context.set(self.actor, context.get(self.actor).max(self.ups.saturating_add(self.downs)));
    }

    fn rank(&self, other: &Self) -> Ordering {
        (self.actor, self.ups, self.downs).cmp(&(other.actor, other.ups, other.downs))
    }

    fn dot(&self) -> Option<Dot> {
        None
    }
}

impl fmt::Display for ActorCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} +{} -{}", self.actor, self.ups, self.downs)
    }
}

impl Mint for ActorCount {
    /// An actor's first event. (A stamp needs the entry held, and [`PnCounter`] makes it itself.)
    fn mint(event: &Minting, _past: &VectorClock) -> Self {
        let (ups, downs) = if event.deleted { (0, 1) } else { (1, 0) };
        Self { actor: event.actor, ups, downs }
    }
}

/// The counter; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct PnCounter;

impl Protocol<C> for PnCounter {
    fn base(&self) -> &dyn Protocol<C> {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("pn-counter")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        use Guarantee::{CausalOrder, ClockOrder, MonotonicWrites, NoFabrication, WritesFollowReads};
        self.base()
            .claims(cluster)
            .except(
                &[NoFabrication, MonotonicWrites, WritesFollowReads, CausalOrder],
                "a counter returns a sum and names no write, so none can be made up, or stand before another",
            )
            .except(&[ClockOrder], "an actor's entries are ordered, whatever the writers had seen")
    }

    fn data_type(&self) -> DataType {
        DataType::Counter
    }

    fn stamp(&self, replica: &mut Replica<'_, C>, put: &Put<'_, C>) -> Stamp<C> {
        let own = replica.siblings.iter().find(|entry| entry.clock.actor == replica.actor);
        let mut clock = own.map_or(ActorCount { actor: replica.actor, ups: 0, downs: 0 }, |own| own.clock);
        *(if *put.value == Value::Deleted { &mut clock.downs } else { &mut clock.ups }) += 1;
        let value = Some(Value::Count(i64::from(clock.ups) - i64::from(clock.downs)));
        Stamp { clock, timestamp: replica.now, value, ship: Ship::WholeCopy }
    }

    fn repair(&self, progress: &Progress<C>, merged: &Siblings<C>) -> Repairs<C> {
        let shown = |slot: &Slot<C>| slot.reply == SlotReply::Shown;
        Repairs { send: read_repair::whole(progress, merged, shown), ..Repairs::default() }
    }

    fn session(&self, _ended: &Ended) -> SessionUpdate {
        SessionUpdate::Keep
    }
}
