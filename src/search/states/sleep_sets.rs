//! Which deliveries need not be tried in a state, because another order of the same steps leads to the same state.
//!
//! Two messages that are delivered to different nodes do not disturb each other: a node sees only what arrives at
//! it; what it sends goes on its way beside what the other sends, under a name that no other node's messages have;
//! and of the ghosts, each delivery changes the copies of its own node alone. So it does not matter which of the two
//! comes first, and one order is enough: the one in which the message with the lesser name goes first. (The two copies
//! of a doubled message have one name and go to one node; either stands for the other.) Deliveries to
//! clients, invocations, timeouts and faults are never exchanged with anything; so no invocation ever moves across a
//! return, and what the judges of histories see of time is as it was.
//!
//! Each state has a **sleep set** (Godefroid, *Partial-Order Methods*, 1996): the deliveries that are covered
//! elsewhere. When a state's deliveries are tried in order, those tried before, and those asleep, are asleep in the
//! next state if they do not disturb the one that led there.
//!
//! *Why no state is lost.* The search goes level by level, and a state that is reached several times in the level of
//! its first visit sleeps only what all of these ways let it sleep. Take a state x, a shortest path to it, and of all
//! the orders of that path's steps that exchange only what does not disturb each other, the least. Every beginning of
//! this path is a shortest path to its own end, for otherwise x could be reached sooner; so each of its states is
//! visited first in the level in which the path visits it. No step of the path is asleep where the path takes it: it
//! would have to be less than some step after which it stands and which it does not disturb, and moving it forward
//! would make a lesser order. What sleeps in the visited state is no more than what sleeps along the path, because of
//! the intersection. So every step of it is taken, and x is visited, at its least depth. States and depths are those
//! of the search without sleep; only fewer steps are taken.
//!
//! *Where it does not hold*, nothing sleeps. Under last-write-wins the judges know a write by its timestamp once any
//! replica has shown it to them, so that deliveries at different nodes are no strangers. And if the judges of stamps
//! compare clocks without judging that a write is stamped once, it matters with which clock they meet it first.

use super::choice::Choice;
use crate::guarantee::Guarantee;
use crate::id::{NodeId, OpId};
use crate::judge::Demands;
use crate::model::DataType;
use crate::world::held_messages::InFlight;
use crate::world::schedule::MessageName;

/// Deliveries of a state by their places among its messages, one bit each. What has no bit is never asleep.
pub(super) type Mask = u16;

/// Whether deliveries at different nodes leave the judges with the same memory in either order.
pub(super) fn may_exchange(data_type: DataType, demands: &Demands) -> bool {
    use Guarantee::{ClockOrder, OnceOnly, OneDotOneWrite};
    let compares = demands.judges(ClockOrder) || demands.judges(OneDotOneWrite);
    data_type != DataType::LastWriteWins && (!compares || demands.judges(OnceOnly))
}

/// The deliveries of one state that are covered, as its choices are tried one after another.
#[derive(Clone, Default, Debug)]
pub(super) struct Covered(Vec<(OpId, MessageName, NodeId)>);

impl Covered {
    /// Those that are asleep to begin with.
    pub(super) fn begin(&mut self, mask: Mask, deliverable: &[InFlight]) {
        self.0.clear();
        let asleep = deliverable.iter().enumerate().filter(|(place, _)| is_set(mask, *place));
        self.0.extend(asleep.filter_map(|(_, message)| Some((message.op, message.name, message.to?))));
    }

    /// A delivery was tried: from now on it is covered.
    pub(super) fn tried(&mut self, message: &InFlight) {
        self.0.extend(message.to.map(|to| (message.op, message.name, to)));
    }

    /// Whether anything can be asleep after this choice.
    pub(super) fn any_after(&self, to: Option<NodeId>) -> bool {
        to.is_some_and(|to| self.0.iter().any(|(.., node)| *node != to))
    }

    /// What is asleep after a delivery to this node, among the messages of the next state.
    pub(super) fn after(&self, to: NodeId, deliverable: &[InFlight]) -> Mask {
        let asleep = |message: &InFlight| {
            let stranger = |(op, name, node): &(OpId, MessageName, NodeId)| {
                (*op, *name) == (message.op, message.name) && *node != to
            };
            self.0.iter().any(stranger)
        };
        let places = deliverable.iter().enumerate().take(Mask::BITS as usize);
        places.filter(|(_, message)| asleep(message)).fold(0, |mask, (place, _)| mask | 1 << place)
    }
}

/// Whether the message at this place is asleep.
pub(super) const fn is_set(mask: Mask, place: usize) -> bool {
    place < Mask::BITS as usize && mask >> place & 1 == 1
}

/// The node to which a choice delivers a message; none: it is another kind of choice.
pub(super) fn delivers_to(choice: Choice, deliverable: &[InFlight], place: usize) -> Option<NodeId> {
    match choice {
        Choice::Deliver(..) => deliverable.get(place)?.to,
        _ => None,
    }
}
