//! Which deliveries need not be tried in a state, because another order of the same steps leads to the same state.
//!
//! Two messages that are delivered to different nodes do not disturb each other. A node sees only what arrives at it.
//! What it sends goes on its way beside what the other sends, under a name that no other node's messages have. Among
//! the ghosts, each delivery changes only the copies of its own node. So it does not matter which of the two comes
//! first, and one order is enough: the one in which the message with the lesser name goes first. (The two copies of a
//! doubled message have one name and go to one node; either stands for the other.) Deliveries to clients, invocations,
//! timeouts and faults are never exchanged with anything. So no invocation ever moves across a return, and the judges
//! of histories see time as it was.
//!
//! Each state has a **sleep set** (Godefroid, *Partial-Order Methods*, 1996): the deliveries that are covered
//! elsewhere. A state's deliveries are tried in order. Those tried before, and those asleep, are asleep in the next
//! state if they do not disturb the delivery that led there.
//!
//! *Why no state is lost.* The search goes level by level. If several ways reach a state in the level of its first
//! visit, the state sleeps only what all of these ways let it sleep. Take a state x and a shortest path to it. Among
//! all orders of that path's steps that exchange only steps that do not disturb each other, take the least. Every
//! beginning of this path is a shortest path to its own end, for otherwise x could be reached sooner. So each of its
//! states is first visited in the level in which the path visits it. No step of the path is asleep where the path takes
//! it: such a step would have to be less than some earlier step that it does not disturb, and moving it forward would
//! make a lesser order. Because of the intersection, no more sleeps in the visited state than along the path. So the
//! search takes every step of the path, and visits x at its least depth. States and depths are those of the search
//! without sleep; only fewer steps are taken.
//!
//! *Where this does not hold*, nothing sleeps. Under last-write-wins the judges know a write by its timestamp once any
//! replica has shown it to them, so deliveries at different nodes can disturb each other. And if the judges of stamps
//! compare clocks without judging that a write is stamped once, it matters which clock of a write they meet first.

use super::choice::Choice;
use crate::guarantee::Guarantee;
use crate::id::{NodeId, OpId};
use crate::judge::Demands;
use crate::model::DataType;
use crate::world::held_messages::InFlight;
use crate::world::schedule::MessageName;

/// A state's deliveries, one bit for each place among its messages. A delivery without a bit is never asleep.
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
    /// Starts with the deliveries that are asleep.
    pub(super) fn begin(&mut self, mask: Mask, deliverable: &[InFlight]) {
        self.0.clear();
        let asleep = deliverable.iter().enumerate().filter(|(place, _)| is_set(mask, *place));
        self.0.extend(asleep.filter_map(|(_, message)| Some((message.op, message.name, message.to?))));
    }

    /// Covers a delivery that was tried.
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

/// The node to which a choice delivers a message; `None` for another kind of choice.
pub(super) fn delivers_to(choice: Choice, deliverable: &[InFlight], place: usize) -> Option<NodeId> {
    match choice {
        Choice::Deliver(..) => deliverable.get(place)?.to,
        _ => None,
    }
}
