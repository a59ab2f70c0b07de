//! What the world notes about one operation while it runs.

use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use crate::id::{ClientId, Key, NodeId, NodeSet};
use crate::model::progress::SlotSet;
use crate::model::{Action, MessageKind};
use crate::world::fingerprint::hash_unordered;
use crate::world::ghost::SharedGhost;
use crate::world::schedule::{Exception, Fate, MessageName, Operation};

/// The notes; see the [module](self).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Record {
    pub(super) client: ClientId,
    pub(super) action: Action,
    pub(super) key: Key,
    pub(super) via: NodeId,
    /// Whether the client still waits for it.
    pub(super) open: bool,
    /// See [`Grounds::undisturbed`](crate::world::observer::Grounds::undisturbed).
    pub(super) undisturbed: Option<NodeSet>,
    /// How many of its messages are on their way: sent, and neither arrived nor lost.
    pub(super) in_flight: u16,
    /// By slot: what the copy had taken in whose answer has reached the coordinator.
    pub(super) shown: SmallVec<[Option<SharedGhost>; 3]>,
    /// The slots whose answers have reached the coordinator, each with the replica that answered.
    answered: SmallVec<[(u8, NodeId); 3]>,
    exceptions: SmallVec<[Exception; 2]>,
    /// By kind: the replicas that such a message was sent to or from.
    sent: [NodeSet; 8],
    /// The messages that were sent again, each with its attempt.
    sent_again: SmallVec<[(MessageKind, NodeId, u8); 1]>,
}

impl Record {
    pub(super) fn new(operation: &Operation, undisturbed: Option<NodeSet>) -> Self {
        Self {
            client: operation.client,
            action: operation.action,
            key: operation.key,
            via: operation.via,
            open: true,
            undisturbed,
            in_flight: 0,
            shown: SmallVec::new(),
            answered: SmallVec::new(),
            exceptions: operation.exceptions.clone(),
            sent: [NodeSet::EMPTY; 8],
            sent_again: SmallVec::new(),
        }
    }

    /// The name of the next message of this kind. An answer takes the attempt of the asking that caused it, whatever
    /// became of earlier askings. A second answer, to the second copy of one asking, takes the next free attempt.
    pub(super) fn name(
        &mut self,
        kind: MessageKind,
        replica: Option<NodeId>,
        cause: Option<MessageName>,
    ) -> MessageName {
        let node = replica.unwrap_or(NodeId(1));
        let sent = &mut self.sent[kind as usize];
        if !sent.contains(node) && cause.is_none_or(|cause| cause.attempt == 0) {
            sent.insert(node);
            return MessageName { kind, replica, attempt: 0 };
        }
        let asking = cause.filter(|cause| cause.kind != kind && cause.kind.answer() == kind);
        let mut attempt =
            asking.filter(|asking| asking.replica == replica).map_or(0, |asking| asking.attempt);
        while self.was_sent(kind, node, attempt) && attempt < u8::MAX {
            attempt += 1;
        }
        match attempt {
            0 => self.sent[kind as usize].insert(node),
            // No names are left: all further messages share the last one.
            u8::MAX if self.was_sent(kind, node, attempt) => {}
            _ => insert_sorted(&mut self.sent_again, (kind, node, attempt)),
        }
        MessageName { kind, replica, attempt }
    }

    fn was_sent(&self, kind: MessageKind, node: NodeId, attempt: u8) -> bool {
        match attempt {
            0 => self.sent[kind as usize].contains(node),
            _ => self.sent_again.binary_search(&(kind, node, attempt)).is_ok(),
        }
    }

    /// The messages sent so far from one place to another. (A coordinator's messages to its own node have no fate, and
    /// are left out.)
    pub(super) fn sent(&self) -> impl Iterator<Item = MessageName> + '_ {
        MessageKind::ALL.into_iter().flat_map(move |kind| {
            let to_itself = move |node| node == self.via && kind.is_between_coordinator_and_replica();
            let once = self.sent[kind as usize].iter().map(|node| (node, 0));
            let again = self.sent_again.iter().filter(move |(k, ..)| *k == kind);
            let all = once.chain(again.map(|&(_, node, attempt)| (node, attempt)));
            all.filter(move |(node, _)| !to_itself(*node)).map(move |(node, attempt)| {
                let replica = (!kind.is_of_client()).then_some(node);
                MessageName { kind, replica, attempt }
            })
        })
    }

    /// Whether a replica was sent anything.
    pub(super) const fn asked_anyone(&self) -> bool {
        !self.sent[MessageKind::Ask as usize].is_empty()
    }

    /// Hashes what can still matter: whom the operation still concerns, and what answers stand for. How often a message
    /// was sent only names the next one.
    pub(super) fn hash_future<H: Hasher>(&self, state: &mut H) {
        (self.client, self.action, self.key, self.via, self.open).hash(state);
        self.shown.hash(state);
        if self.open {
            (self.undisturbed, self.in_flight, self.asked_anyone()).hash(state);
            hash_unordered(self.answered.iter(), state);
        }
    }

    /// The fate of a message; none: it is delivered.
    pub(super) fn fate(&self, name: MessageName) -> Option<Fate> {
        self.exceptions.iter().find(|exception| exception.name == name).map(|exception| exception.fate)
    }

    /// A node failed, or a message from or to it was lost.
    pub(super) fn disturb(&mut self, node: NodeId) {
        if node == self.via {
            self.undisturbed = None;
        } else if let Some(nodes) = &mut self.undisturbed {
            nodes.remove(node);
        }
    }

    /// A replica's answer has reached the coordinator.
    pub(super) fn note_answer(&mut self, slot: u8, replica: NodeId) {
        insert_sorted(&mut self.answered, (slot, replica));
    }

    /// The replicas among these slots whose answers have reached the coordinator.
    pub(super) fn answered_by(&self, slots: SlotSet) -> NodeSet {
        let answered = self.answered.iter().filter(|(slot, _)| slots.contains(usize::from(*slot)));
        answered.map(|(_, replica)| *replica).collect()
    }

    /// Notes what the copy behind a slot had taken in when it answered. Only the first answer to arrive counts, as for
    /// the coordinator: the copy of a doubled message adds nothing.
    pub(super) fn note_shown(&mut self, slot: usize, ghost: SharedGhost) {
        while self.shown.len() <= slot {
            self.shown.push(None);
        }
        self.shown[slot].get_or_insert(ghost);
    }
}

/// Inserts a note in its place, so that notes with the same content are equal.
fn insert_sorted<T: Ord, const N: usize>(notes: &mut SmallVec<[T; N]>, note: T)
where
    [T; N]: smallvec::Array<Item = T>,
{
    let at = notes.partition_point(|other| *other <= note);
    notes.insert(at, note);
}
