//! A storage node as a coordinator: it turns the decisions of [`coordinator`] into messages, and replies into its
//! input.

use super::{Effect, Outbox, StorageNode, Surroundings};
use crate::id::{ClientId, Key, OpId};
use crate::model::coordinator::{self, Advance};
use crate::model::progress::{Progress, Slot, SlotReply, SlotSet};
use crate::model::protocol::{Ack, Delivery, Errand, Protocol, Put, Ship, Target, Targets, Task, View};
use crate::model::{
    Address, Body, Causality, Envelope, Extent, MessageKind, Reason, Reply, Request, Siblings, Status, Store,
    VersionedValue,
};

impl<C: Causality> StorageNode<C> {
    /// Begins to coordinate an operation.
    #[allow(clippy::too_many_arguments)] // The parts of one message, taken apart by `receive`.
    pub(super) fn coordinate(
        &mut self,
        protocol: &dyn Protocol<C>,
        around: Surroundings<'_>,
        client: ClientId,
        op: OpId,
        key: Key,
        request: Request<C>,
        out: &mut Outbox<C>,
    ) -> Effect {
        let Request { action, level, value, context } = request;
        let cluster = around.cluster;
        let task =
            Task { op, client, action, key, level, required: cluster.required(action, level), cluster };
        let home = around.home(key);
        let view = View { coordinator: self.id, home, suspects: around.suspects, cluster };
        let targets = match protocol.targets(&task, &view) {
            Targets::Ask(targets) => targets,
            Targets::Refuse { left } => {
                out.push(self.to_client(client, op, key, Box::new(refusal(left, task.required))));
                return Effect::None;
            }
        };
        let mut effect = Effect::None;
        let mut progress = Progress {
            task,
            coordinator: self.id,
            home: home.into(),
            slots: targets.iter().map(|&target| Slot::waiting(target)).collect(),
            version: None,
            answered: false,
            awaiting: None,
        };
        if action.is_write() && !targets.is_empty() {
            let stamped = self.stamp(
                protocol,
                around,
                key,
                &Put { op, client, value: &value, context: context.as_deref() },
            );
            let Some((stamped, extent)) = stamped else {
                let got = 0;
                let reason = Reason::TooFewAnswers { got, required: task.required };
                let reply =
                    Reply { status: Status::Info, reason: Some(reason), ..refusal(got, task.required) };
                out.push(self.to_client(client, op, key, Box::new(reply)));
                return Effect::Refused;
            };
            let versions = match extent {
                Extent::SendersCopy => {
                    effect = Effect::Took { owner: self.id };
                    self.held(self.id, key).cloned().unwrap_or_default()
                }
                _ => Siblings::only(stamped.clone()),
            };
            progress.version = Some(stamped);
            self.ask(&progress, out, |target| {
                let (versions, context) = (versions.clone(), context.clone());
                Body::Store(Store { errand: Errand::Write, owner: target.owner, versions, context, extent })
            });
        } else {
            self.ask(&progress, out, |target| Body::Fetch { owner: target.owner });
        }
        let steps = coordinator::begin(protocol, &mut progress);
        // Sorted by name, not by start, so that equal nodes are equal values.
        let at = self.in_progress.partition_point(|other| other.task.op < op);
        self.in_progress.insert(at, progress);
        self.perform(at, steps, out);
        effect
    }

    /// Stamps a write and, if the protocol ships whole copies, takes it in; none: the node's own copy refuses it.
    fn stamp(
        &mut self,
        protocol: &dyn Protocol<C>,
        around: Surroundings<'_>,
        key: Key,
        put: &Put<'_, C>,
    ) -> Option<(VersionedValue<C>, Extent)> {
        let Put { op, value, context, .. } = *put;
        let owner = self.id;
        self.with_copy(around, owner, key, |replica| {
            let stamp = protocol.stamp(replica, put);
            let value = stamp.value.unwrap_or_else(|| value.clone());
            let timestamp = stamp.clock.timestamp().unwrap_or(stamp.timestamp);
            let version = VersionedValue { op, value, timestamp, clock: stamp.clock };
            match stamp.ship {
                Ship::Version => Some((version, Extent::Versions)),
                Ship::WholeCopy => {
                    let versions = Siblings::only(version.clone());
                    let delivery = Delivery { errand: Errand::Write, versions: &versions, context };
                    let taken = protocol.accept(replica, &delivery) != Ack::Refused;
                    taken.then_some((version, Extent::SendersCopy))
                }
            }
        })
    }

    /// Sends one message to each target.
    fn ask(&self, progress: &Progress<C>, out: &mut Outbox<C>, body: impl Fn(Target) -> Body<C>) {
        for (slot, target) in progress.slots.iter().map(|slot| slot.target).enumerate() {
            out.push(Envelope {
                from: Address::Node(self.id),
                to: Address::Node(target.node),
                op: progress.task.op,
                key: progress.task.key,
                kind: MessageKind::Ask,
                replica: Some(target.node),
                slot: slot as u8,
                body: body(target),
            });
        }
    }

    /// A target has answered.
    pub(super) fn replied(
        &mut self,
        protocol: &dyn Protocol<C>,
        op: OpId,
        slot: u8,
        reply: SlotReply<C>,
        shown: Siblings<C>,
        out: &mut Outbox<C>,
    ) -> Effect {
        if let Some(at) = self.position(op) {
            let steps =
                coordinator::replied(protocol, &mut self.in_progress[at], usize::from(slot), reply, shown);
            self.perform(at, steps, out);
        }
        Effect::None
    }

    /// A replica has taken a repair, or refused it.
    pub(super) fn repaired(
        &mut self,
        op: OpId,
        slot: u8,
        taken: Option<&Siblings<C>>,
        out: &mut Outbox<C>,
    ) -> Effect {
        if let Some(at) = self.position(op) {
            let steps = coordinator::repaired(&mut self.in_progress[at], usize::from(slot), taken);
            self.perform(at, steps, out);
        }
        Effect::None
    }

    /// The coordinator stops waiting for an operation.
    pub fn time_out(&mut self, op: OpId, out: &mut Outbox<C>) {
        if let Some(at) = self.position(op) {
            let steps = coordinator::timed_out(&mut self.in_progress[at]);
            self.perform(at, steps, out);
        }
    }

    /// Turns the coordinator's decisions into messages.
    fn perform(&mut self, at: usize, steps: coordinator::Steps<C>, out: &mut Outbox<C>) {
        let progress = &self.in_progress[at];
        let Task { op, key, .. } = progress.task;
        for step in steps {
            match step {
                Advance::Respond(reply) => out.push(self.to_client(progress.task.client, op, key, reply)),
                Advance::Repair(repair, merged_from) => {
                    let target = progress.slots[repair.slot].target;
                    let extent = if repair.whole { Extent::Merged(merged_from) } else { Extent::Versions };
                    out.push(Envelope {
                        from: Address::Node(self.id),
                        to: Address::Node(target.node),
                        op,
                        key,
                        kind: MessageKind::Repair,
                        replica: Some(target.node),
                        slot: repair.slot as u8,
                        body: Body::Store(Store {
                            errand: Errand::Repair,
                            owner: target.owner,
                            versions: repair.versions,
                            context: None,
                            extent,
                        }),
                    });
                }
            }
        }
        if self.in_progress[at].is_over() {
            self.in_progress.remove(at);
        }
    }

    fn to_client(&self, client: ClientId, op: OpId, key: Key, reply: Box<Reply<C>>) -> Envelope<Body<C>> {
        Envelope {
            from: Address::Node(self.id),
            to: Address::Client(client),
            op,
            key,
            kind: MessageKind::Reply,
            replica: None,
            slot: 0,
            body: Body::Reply(reply),
        }
    }

    pub(super) fn position(&self, op: OpId) -> Option<usize> {
        self.in_progress.iter().position(|progress| progress.task.op == op)
    }
}

fn refusal<C: Causality>(left: u8, required: u8) -> Reply<C> {
    Reply {
        status: Status::Refused,
        reason: Some(Reason::TooFewInView { left, required }),
        versions: Siblings::new(),
        token: None,
        timestamp: None,
        counted: SlotSet::default(),
    }
}
