//! How far a coordinator has come with an operation.

use smallvec::SmallVec;

use crate::id::{NodeId, bits};
use crate::model::protocol::{Target, Task};
use crate::model::{Causality, Dotted, PreferenceList, Siblings, VersionedValue};

/// A set of slots, by position, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SlotSet(pub u32);

impl SlotSet {
    /// The slots that satisfy the condition.
    pub fn of<C: Causality>(progress: &Progress<C>, holds: impl Fn(&Slot<C>) -> bool) -> Self {
        progress.slots.iter().enumerate().filter(|(_, slot)| holds(slot)).map(|(i, _)| i).collect()
    }

    /// Whether it has this slot.
    #[inline]
    #[must_use]
    pub const fn contains(self, slot: usize) -> bool {
        self.0 >> slot & 1 == 1
    }

    /// Adds a slot.
    #[inline]
    pub const fn insert(&mut self, slot: usize) {
        self.0 |= 1 << slot;
    }

    /// How many slots.
    #[inline]
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The positions, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        bits(self.0)
    }
}

impl FromIterator<usize> for SlotSet {
    fn from_iter<I: IntoIterator<Item = usize>>(slots: I) -> Self {
        let mut set = Self::default();
        slots.into_iter().for_each(|slot| set.insert(slot));
        set
    }
}

/// One target of an operation, and its answer. There is a slot for each **target**, never for each node: a node that
/// stands in for another does not count twice by accident, but only if the protocol says so.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Slot<C: Causality = Dotted> {
    /// The node asked, and whom it stands in for.
    pub target: Target,
    /// Its answer.
    pub reply: SlotReply<C>,
    /// For a read: what the slot is known to hold, or was sent as a repair.
    pub held: Siblings<C>,
    /// The part of `held` that it is known to hold: what it showed, and each repair that it has acknowledged. (Each,
    /// since a later repair may be acknowledged and an earlier one lost.)
    pub confirmed: Siblings<C>,
}

impl<C: Causality> Slot<C> {
    /// A target that was just asked.
    #[must_use]
    pub const fn waiting(target: Target) -> Self {
        Self { target, reply: SlotReply::Waiting, held: Siblings::new(), confirmed: Siblings::new() }
    }

    /// Whether it has answered without a refusal.
    #[inline]
    #[must_use]
    pub const fn replied(&self) -> bool {
        matches!(self.reply, SlotReply::Shown | SlotReply::Stored { .. })
    }
}

/// What a slot answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SlotReply<C: Causality = Dotted> {
    /// Nothing yet.
    Waiting,
    /// It cannot serve.
    Refused,
    /// It showed a read what is in [`Slot::held`].
    Shown,
    /// It has taken in a write.
    Stored {
        /// The token it issued, if any.
        token: Option<Box<C::Context>>,
    },
}

/// An operation at its coordinator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Progress<C: Causality = Dotted> {
    /// The operation.
    pub task: Task,
    /// The node that coordinates.
    pub coordinator: NodeId,
    /// The replicas of the key, in order of preference.
    pub home: PreferenceList,
    /// The targets, in the order in which they were asked.
    pub slots: SmallVec<[Slot<C>; 3]>,
    /// The version that the coordinator stamped, for a write.
    pub version: Option<VersionedValue<C>>,
    /// Whether the client has been answered.
    pub answered: bool,
    /// What a read will answer, if it waits for its repairs first.
    pub awaiting: Option<Awaiting<C>>,
}

/// A read that is ready, but waits until enough replicas hold its answer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Awaiting<C = Dotted> {
    /// What it will answer.
    pub merged: Siblings<C>,
    /// The slots it was merged from.
    pub counted: SlotSet,
    /// How many slots must hold `merged` before the read is answered.
    pub holders: u8,
}

impl<C: Causality> Progress<C> {
    /// The slots that have answered without a refusal.
    #[must_use]
    pub fn replied(&self) -> SlotSet {
        SlotSet::of(self, Slot::replied)
    }

    /// Whether enough slots have not refused.
    #[must_use]
    pub fn may_still_succeed(&self) -> bool {
        let able = self.slots.iter().filter(|slot| slot.reply != SlotReply::Refused).count();
        able >= usize::from(self.task.required)
    }

    /// Whether nothing is awaited any more. (Once a write is answered, further replies change nothing.)
    #[must_use]
    pub fn is_over(&self) -> bool {
        let all_replied = || self.slots.iter().all(|slot| slot.reply != SlotReply::Waiting);
        self.answered && (self.task.action.is_write() || all_replied())
    }
}
