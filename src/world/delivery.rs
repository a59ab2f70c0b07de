//! Sending and delivering: looks up a message's fate, and moves ghosts beside messages.

use crate::id::{NodeId, OpId};
use crate::model::storage_node::{Effect, Surroundings};
use crate::model::{Address, Envelope, MessageKind, Status};
use crate::world::ghost::SharedGhost;
use crate::world::network::Parcel;
use crate::world::observer::{CopyState, Grounds, Observer};
use crate::world::schedule::{Fate, MessageName};
use crate::world::simulation::Simulation;
use crate::world::system::{Answer, Cargo, System};

impl<S: System> Simulation<'_, S> {
    /// Sends a message: queues it, keeps it on its way, or loses it. `cause` is the message whose arrival made a node
    /// send this one.
    ///
    /// A node's messages to itself are calls, not messages: nothing can happen to them. A message between client
    /// and coordinator is never doubled.
    pub(super) fn post(&mut self, envelope: Envelope<S::Body>, cause: Option<MessageName>) {
        let ghost = self.ghost_of(&envelope);
        match envelope.kind {
            MessageKind::Repair => self.tally.repairs += 1,
            MessageKind::HandOff => self.tally.hand_offs += 1,
            _ => {}
        }
        let Some(Some(record)) = self.records.get_mut(envelope.op.index()) else { return };
        let name = record.name(envelope.kind, envelope.replica, cause);
        if envelope.from == envelope.to {
            self.queue.push_back(Parcel { name, envelope, ghost });
            return;
        }
        let fate = record.fate(name);
        if fate == Some(Fate::Lost) || !self.network.passes(envelope.from, envelope.to) {
            self.lose(&envelope);
            return;
        }
        let parcel = Parcel { name, envelope, ghost };
        match fate {
            Some(Fate::Twice) if !name.kind.is_of_client() => {
                self.hold_back(parcel.clone());
                self.hold_back(parcel);
            }
            Some(Fate::Late | Fate::Twice) => self.hold_back(parcel),
            None if self.network.holds() => self.hold_back(parcel),
            Some(Fate::Doubled) if !name.kind.is_of_client() => {
                self.hold_back(parcel.clone());
                self.queue.push_back(parcel);
            }
            _ => self.queue.push_back(parcel),
        }
    }

    /// Keeps a message on its way until a step lets it arrive.
    pub(super) fn hold_back(&mut self, parcel: Parcel<S::Body>) {
        if let Some(Some(record)) = self.records.get_mut(parcel.envelope.op.index()) {
            record.in_flight += 1;
        }
        self.network.keep(parcel);
    }

    /// A message is no longer on its way.
    pub(super) fn note_release(&mut self, op: OpId) {
        if let Some(Some(record)) = self.records.get_mut(op.index()) {
            record.in_flight = record.in_flight.saturating_sub(1);
        }
    }

    /// A message will never arrive. Its operation loses that replica, or is disturbed altogether.
    pub(super) fn lose(&mut self, envelope: &Envelope<S::Body>) {
        let Some(Some(record)) = self.records.get_mut(envelope.op.index()) else { return };
        match envelope.replica {
            Some(replica) => record.disturb(replica),
            None => record.undisturbed = None,
        }
    }

    /// What a message stands for, if its versions do not say it.
    fn ghost_of(&self, envelope: &Envelope<S::Body>) -> SharedGhost {
        let shown = || match self.records.get(envelope.op.index()) {
            Some(Some(record)) => record.shown.as_slice(),
            _ => &[],
        };
        match (self.system.cargo(envelope), envelope.from) {
            (Cargo::Copy { owner, .. }, Address::Node(sender)) => {
                self.ghosts.of_copy(sender, owner, envelope.key).clone()
            }
            (Cargo::Merged { slots, .. } | Cargo::Reply { slots, .. }, _) => {
                SharedGhost::joined(slots.iter().filter_map(|slot| shown().get(slot)?.as_ref()))
            }
            _ => SharedGhost::nothing(),
        }
    }

    /// Delivers the queue, and all that this causes, until it is empty.
    pub(super) fn deliver_queued<W: Observer<S::Clock>>(&mut self, observer: &mut W) {
        let before = self.tally.work;
        while let Some(parcel) = self.queue.pop_front() {
            let work = 1 + self.system.cargo(&parcel.envelope).len() as u32;
            if !self.spend(work, before) {
                self.queue.clear();
                return;
            }
            match parcel.envelope.to {
                Address::Node(node) if self.down.contains(node) => self.lose(&parcel.envelope),
                Address::Node(node) if self.paused.contains(node) => self.hold_back(parcel),
                Address::Node(node) => self.deliver_to_node(node, parcel, observer),
                Address::Client(_) => self.deliver_to_client(parcel, observer),
            }
        }
    }

    fn deliver_to_node<W: Observer<S::Clock>>(
        &mut self,
        node: NodeId,
        parcel: Parcel<S::Body>,
        observer: &mut W,
    ) {
        self.tally.events += 1;
        let Parcel { name, envelope, ghost } = parcel;
        let (op, key) = (envelope.op, envelope.key);
        observer.delivered(op, name);
        if envelope.kind == MessageKind::Answer
            && let (Address::Node(replica), Some(Some(record))) =
                (envelope.from, self.records.get_mut(op.index()))
        {
            record.note_answer(envelope.slot, replica);
        }
        let arriving = match self.system.cargo(&envelope) {
            Cargo::Copy { shown: true, .. } => {
                // The message ends at its coordinator: its ghost is for the read, and for no copy.
                if let Some(Some(record)) = self.records.get_mut(op.index()) {
                    record.note_shown(usize::from(envelope.slot), ghost);
                }
                SharedGhost::nothing()
            }
            Cargo::Versions(versions) => self.ghosts.of_versions(versions),
            _ if envelope.kind == MessageKind::Request => self.ghosts.of_version(op),
            _ => ghost,
        };
        let mut outbox = std::mem::take(&mut self.outbox);
        let around = Surroundings {
            now: self.clock_of(node),
            suspects: self.suspects[node.index()],
            cluster: self.cluster,
            homes: &self.homes,
        };
        self.changes.mark(node);
        let effect = self.system.receive(&mut self.nodes[node.index()], around, envelope, &mut outbox);
        match effect {
            Effect::Took { owner } => {
                if owner == node && matches!(name.kind, MessageKind::Repair | MessageKind::HandOff) {
                    self.rebuilt(node, key);
                }
                self.ghosts.take(node, owner, key, &arriving);
                self.report_copy(node, owner, key, observer);
            }
            Effect::Released { owner } => {
                let left = self.held(node, owner, key).map(|held| self.ghosts.of_versions(held));
                self.ghosts.set_kept(node, owner, key, left.unwrap_or_default());
            }
            Effect::None | Effect::Refused => {}
        }
        outbox.drain(..).for_each(|envelope| self.post(envelope, Some(name)));
        self.outbox = outbox;
    }

    fn report_copy<W: Observer<S::Clock>>(
        &self,
        holder: NodeId,
        owner: NodeId,
        key: crate::id::Key,
        observer: &mut W,
    ) {
        if let Some(siblings) = self.held(holder, owner, key) {
            let ghost = self.ghosts.of_copy(holder, owner, key);
            observer.took(&CopyState { holder, owner, key, siblings, ghost }, self.facts());
        }
    }

    fn deliver_to_client<W: Observer<S::Clock>>(&mut self, parcel: Parcel<S::Body>, observer: &mut W) {
        self.tally.events += 1;
        let Parcel { name, envelope, ghost } = parcel;
        observer.delivered(envelope.op, name);
        let Some(Some(record)) = self.records.get(envelope.op.index()) else { return };
        if !record.open || envelope.to != Address::Client(record.client) {
            return; // Its client no longer waits, or another client waits.
        }
        let (op, key, client, action) = (envelope.op, envelope.key, record.client, record.action);
        let (undisturbed, sent) = (record.undisturbed, record.asked_anyone());
        let mut answered_by = None;
        if let Cargo::Reply { slots, versions, ok } = self.system.cargo(&envelope) {
            answered_by = Some(record.answered_by(slots));
            if ok && !action.is_write() {
                self.tally.conflict |= versions.len() > 1;
                observer.shown(op, key, versions, self.facts());
            }
        }
        let ghost = if self.system.tells_tokens() {
            let rests_on = self.system.rests_on(&self.clients[client.index()], &envelope);
            self.ghosts.with_answers(&ghost, &rests_on, key)
        } else {
            ghost
        };
        let answer = self.system.answer(&mut self.clients[client.index()], envelope);
        let Some(Answer { completion, update }) = answer else { return };
        self.waiting[client.index()] = None;
        if let Some(Some(record)) = self.records.get_mut(op.index()) {
            record.open = false;
        }
        match completion.status {
            Status::Ok => {}
            Status::Refused => self.tally.refused += 1,
            Status::Info => self.tally.info += 1,
        }
        let covers = match (completion.token, action.is_write()) {
            (false, _) => None,
            (true, true) => Some(self.ghosts.of_write(op).seen.clone()),
            (true, false) => Some(ghost.seen.clone()),
        };
        self.ghosts.update_token(client, key, op, update, covers.as_ref());
        if let (true, Some(covers)) = (self.system.tells_tokens(), &covers) {
            self.ghosts.note_answer(op, key, covers);
        }
        let covered = (!action.is_write() && self.system.is_transparent()).then_some(&*ghost);
        observer.completed(&completion, Grounds { covered, answered_by, sent, undisturbed }, self.facts());
    }
}
