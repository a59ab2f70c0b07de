//! The stack of states of one system, which looks up the effects of known steps.

use std::hash::Hasher;

use smallvec::SmallVec;

use super::StateStack;
use super::executor::{Act, Earnest};
use super::interner::{Id, Tables};
use super::transition_cache::{Placed, Told, Transition, TransitionCause};
use crate::guarantee::Guarantee;
use crate::id::{ClientId, NodeId, OpId};
use crate::judge::demands::Demands;
use crate::judge::trial::{Breakage, Finding};
use crate::judge::verdict::Ruling;
use crate::model::Cluster;
use crate::world::components::{Of, Reads};
use crate::world::fingerprint::{Fingerprinter, fingerprint};
use crate::world::held_messages::{Enabled, InFlight};
use crate::world::schedule::{MessageName, Step};
use crate::world::system::System;

/// Executes the first 1,024 real steps twice to check determinism, then every 64th.
const ALL_TWICE: u64 = 1024;
const ONE_TWICE: u64 = 64;
/// Executes every 1,024th looked-up step too, to check what was noted.
const ONE_LOOKED_UP: u64 = 1024;

/// One state: the numbers of its parts.
#[derive(Default, Debug)]
pub(super) struct StackedState {
    pub(super) clients: Id,
    pub(super) environment: Id,
    pub(super) nodes: SmallVec<[Id; 4]>,
    pub(super) records: SmallVec<[Id; 4]>,
    /// Sorted by operation and name.
    pub(super) messages: SmallVec<[Id; 8]>,
    /// What is wrong with it, if anything.
    pub(super) finding: Option<Box<Finding>>,
}

impl Clone for StackedState {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, other: &Self) {
        fn copy<const N: usize>(to: &mut SmallVec<[Id; N]>, from: &[Id])
        where
            [Id; N]: smallvec::Array<Item = Id>,
        {
            to.clear();
            to.extend_from_slice(from);
        }
        (self.clients, self.environment) = (other.clients, other.environment);
        copy(&mut self.nodes, &other.nodes);
        copy(&mut self.records, &other.records);
        copy(&mut self.messages, &other.messages);
        self.finding.clone_from(&other.finding);
    }
}

/// The states of a system; see the [module above](super).
pub(in crate::judge) struct Stack<'s, S: System> {
    /// States above the present one are kept for their allocations.
    states: Vec<StackedState>,
    present: usize,
    tables: Tables<S>,
    earnest: Earnest<'s, S>,
    demands: Demands,
    /// How many steps were executed.
    taken: u64,
    /// How many steps were looked up.
    looked_up: u64,
    /// One looked-up step in this many is executed all the same, and compared.
    compared: u64,
}

impl<'s, S: System> Stack<'s, S> {
    pub(in crate::judge) fn new(system: &'s S, cluster: Cluster, keys: usize, demands: Demands) -> Self {
        let mut earnest = Earnest::new(system, cluster, keys, demands);
        let mut tables = Tables::new();
        let states = vec![earnest.beginning(&mut tables)];
        Self { states, present: 0, tables, earnest, demands, taken: 0, looked_up: 0, compared: ONE_LOOKED_UP }
    }

    /// Executes each looked-up step as well, and compares.
    #[cfg(test)]
    pub(super) fn comparing_all(self) -> Self {
        Self { compared: 1, ..self }
    }

    /// How many steps were executed, and how many looked up.
    #[cfg(test)]
    pub(super) const fn counts(&self) -> (u64, u64) {
        (self.taken, self.looked_up)
    }

    /// Whether a message of the present state can no longer change anything.
    fn is_spent(&self, message: Id) -> bool {
        let (state, tables) = (self.state(), &self.tables);
        let op = tables.messages.glance(message).op;
        let Some(&record) = state.records.get(op.index()) else { return false };
        let course = tables.records.glance(record);
        let Some(via) = course.coordinator.filter(|_| !course.is_open) else { return false };
        let (message, record) = (tables.messages.part(message), tables.records.part(record));
        let coordinator = tables.nodes.part(state.nodes[via.index()]);
        self.earnest.simulation().is_spent(message, record, coordinator)
    }

    fn state(&self) -> &StackedState {
        &self.states[self.present]
    }

    /// The message of this name, if it is on its way: its place among the messages, and its number.
    fn find(&self, op: OpId, name: MessageName) -> Option<(usize, Id)> {
        let messages = self.state().messages.iter().copied().enumerate();
        messages.into_iter().find(|(_, id)| self.tables.messages.glance(*id).named() == (op, name))
    }

    /// Does this to the present state; removes the message from it, if there is one.
    fn act(&mut self, act: Act<'_>, message: Option<(usize, Id)>) {
        let reads = self.reads(act, message);
        let cause = self.cause(act, message, reads);
        // If the step meets a new stamp, the judges of sessions are told of it as well.
        let wide = TransitionCause { clients: self.state().clients, ..cause };
        let outcomes = &self.tables.outcomes;
        let find = |cause| outcomes.find(&cause).map(|outcome| (cause, outcome));
        let known = find(cause).or_else(|| find(wide));
        if let Some((_, outcome)) = known {
            self.looked_up += 1;
            if !self.looked_up.is_multiple_of(self.compared) {
                return put(&mut self.states[self.present], outcome, message, &self.tables);
            }
        }
        let known = known.map(|(cause, _)| cause);
        let (outcome, found) = self.take(act, reads, message, known);
        let state = &mut self.states[self.present];
        put(state, outcome.told(), message, &self.tables);
        state.finding = found.map(Box::new);
        if state.finding.is_none() && known.is_none() && keeps_to(reads, &outcome) {
            let cause = if outcome.clients.is_some() { wide } else { cause };
            self.tables.outcomes.note(&cause, outcome.told());
        }
    }

    /// Executes a step, now and then twice. `known` is the cause under which its effect was noted.
    fn take(
        &mut self,
        act: Act<'_>,
        reads: Reads,
        message: Option<(usize, Id)>,
        known: Option<TransitionCause>,
    ) -> (Transition, Option<Finding>) {
        let (state, id) = (&self.states[self.present], message.map(|(_, id)| id));
        if known.is_some() {
            self.earnest.unload();
        }
        let (outcome, found) = self.earnest.act(act, reads, state, id, &mut self.tables);
        self.taken += 1;
        let twice = self.taken < ALL_TWICE || self.taken.is_multiple_of(ONE_TWICE);
        let same = match known {
            _ if found.is_some() => true,
            Some(cause) => self.tables.outcomes.find(&cause) == Some(outcome.told()),
            None if twice => {
                self.earnest.unload();
                self.earnest.act(act, reads, state, id, &mut self.tables) == (outcome.clone(), None)
            }
            None => true,
        };
        (outcome, if same { found } else { Some(differs()) })
    }

    /// The parts of the present state that a step reads.
    fn reads(&self, act: Act<'_>, message: Option<(usize, Id)>) -> Reads {
        match (act, message) {
            (Act::Step(_), Some((_, id))) => {
                let message = self.tables.messages.glance(id);
                Reads::of_arrival(message.op, message.to)
            }
            (Act::Step(step), None) => {
                let environment = self.tables.environments.part(self.state().environment);
                let gives_up =
                    matches!(step, Step::Operation(operation) if self.is_waiting(operation.client));
                Reads::of_step(step, self.coordinator(step), gives_up, environment.world.any_disk_lost())
            }
            (Act::Lose(op, _), _) => Reads::of_loss(op),
        }
    }

    /// What a step reads, as a key.
    fn cause(&self, act: Act<'_>, message: Option<(usize, Id)>, reads: Reads) -> TransitionCause {
        let state = self.state();
        let of = |of: Of<usize>, ids: &[Id]| match of {
            Of::None => 0,
            Of::One(at) => ids.get(at).map_or(0, |id| u64::from(*id) + 1),
            Of::All => fingerprint(ids),
        };
        TransitionCause {
            what: match (act, message) {
                (Act::Step(_), Some((_, id))) => u64::from(id) << 1,
                (Act::Step(step), None) => fingerprint(step),
                (Act::Lose(..), id) => id.map_or(0, |(_, id)| u64::from(id) << 1 | 1),
            },
            nodes: of(reads.nodes.map(NodeId::index), &state.nodes),
            records: of(reads.records.map(OpId::index), &state.records),
            environment: if reads.environment { state.environment } else { Id::MAX },
            clients: if reads.clients { state.clients } else { Id::MAX },
        }
    }

    /// The node that coordinates the operation that a step names.
    fn coordinator(&self, step: &Step) -> Option<NodeId> {
        let Step::Timeout { op } = step else { return None };
        let record = self.state().records.get(op.index())?;
        self.tables.records.glance(*record).coordinator
    }
}

/// Whether a step changed only the parts that it was said to read.
fn keeps_to(reads: Reads, outcome: &Transition) -> bool {
    let within = |of: Of<usize>, changed: &[Placed]| match of {
        Of::All => true,
        Of::None => changed.is_empty(),
        Of::One(one) => changed.iter().all(|[at, _]| *at as usize == one),
    };
    within(reads.nodes.map(NodeId::index), &outcome.nodes)
        && within(reads.records.map(OpId::index), &outcome.records)
}

/// Puts the parts that a step changed into a state.
#[inline]
fn put<S: System>(
    state: &mut StackedState,
    outcome: Told<'_>,
    message: Option<(usize, Id)>,
    tables: &Tables<S>,
) {
    state.clients = outcome.clients.unwrap_or(state.clients);
    state.environment = outcome.environment.unwrap_or(state.environment);
    for &[at, id] in outcome.nodes {
        state.nodes[at as usize] = id;
    }
    for &[at, id] in outcome.records {
        let at = at as usize;
        if state.records.len() <= at {
            state.records.resize(at + 1, id);
        }
        state.records[at] = id;
    }
    if let Some((at, _)) = message {
        state.messages.remove(at);
    }
    let key = |id: &Id| tables.messages.glance(*id).named();
    for id in outcome.sent {
        let at = state.messages.partition_point(|other| key(other) <= key(id));
        state.messages.insert(at, *id);
    }
}

fn differs() -> Finding {
    Finding {
        breakage: Breakage::Nondeterminism,
        because: "the same step led to another state when it was taken again".to_owned(),
        violation: None,
    }
}

impl<S: System> StateStack for Stack<'_, S> {
    fn depth(&self) -> usize {
        self.present
    }

    fn branch(&mut self) {
        if self.present + 1 == self.states.len() {
            self.states.push(StackedState::default());
        }
        let (below, above) = self.states.split_at_mut(self.present + 1);
        above[0].clone_from(&below[self.present]);
        self.present += 1;
    }

    fn back_to(&mut self, depth: usize) {
        self.present = self.present.min(depth);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Arrive { op, name } => {
                if let Some(message) = self.find(*op, *name) {
                    self.act(Act::Step(step), Some(message));
                }
            }
            _ => self.act(Act::Step(step), None),
        }
    }

    fn lose(&mut self, op: OpId, name: MessageName) {
        if let Some(message) = self.find(op, name) {
            self.act(Act::Lose(op, name), Some(message));
        }
    }

    fn double(&mut self, op: OpId, name: MessageName) {
        let Some((at, id)) = self.find(op, name) else { return };
        let (once, in_transit) = (*self.tables.messages.glance(id), self.tables.messages.part(id).clone());
        if once.doubled {
            return;
        }
        let print = fingerprint(&(in_transit.print(), true));
        let twice = InFlight { doubled: true, ..once };
        let twice = self.tables.messages.number(in_transit, print, |_| (print, twice));
        let messages = &mut self.states[self.present].messages;
        messages[at] = twice;
        messages.insert(at, twice);
    }

    fn drop_spent(&mut self) {
        let mut messages = std::mem::take(&mut self.states[self.present].messages);
        messages.retain(|id| !self.is_spent(*id));
        self.states[self.present].messages = messages;
    }

    fn look_ahead(&self, enabled: &mut Enabled) {
        let state = self.state();
        self.deliverable(&mut enabled.deliverable);
        enabled.in_flight = state.messages.iter().any(|id| !self.is_spent(*id));
        let records = state.records.iter().map(|id| self.tables.records.part(*id));
        let clients = &self.tables.clients.part(state.clients).world;
        self.tables.environments.part(state.environment).world.look_ahead(clients, records, enabled);
    }

    fn is_waiting(&self, client: ClientId) -> bool {
        self.tables.clients.part(self.state().clients).world.is_waiting(client)
    }

    fn deliverable(&self, deliverable: &mut Vec<InFlight>) {
        let state = self.state();
        let world = &self.tables.environments.part(state.environment).world;
        let arrives = |id: &&Id| world.lets_arrive(self.tables.messages.part(**id));
        deliverable.clear();
        deliverable.extend(state.messages.iter().filter(arrives).map(|id| *self.tables.messages.glance(*id)));
    }

    fn on_their_way(&self) -> Vec<(OpId, MessageName)> {
        self.state().messages.iter().map(|id| self.tables.messages.glance(*id).named()).collect()
    }

    fn carried(&self) -> Vec<super::Carried> {
        let told = |id: &Id| {
            let (op, name) = self.tables.messages.glance(*id).named();
            (op, name, self.tables.messages.part(*id).carries(self.earnest.simulation().system()))
        };
        self.state().messages.iter().map(told).collect()
    }

    fn fingerprint(&self) -> u64 {
        let (state, tables) = (self.state(), &self.tables);
        let mut hasher = Fingerprinter::default();
        hasher.write_u64(tables.clients.print(state.clients));
        hasher.write_u64(tables.environments.print(state.environment));
        state.nodes.iter().for_each(|id| hasher.write_u64(tables.nodes.print(*id)));
        state.records.iter().for_each(|id| hasher.write_u64(tables.records.print(*id)));
        hasher.write_usize(state.records.len());
        let prints = state.messages.iter().map(|id| tables.messages.print(*id));
        hasher.write_u64(prints.fold(0, u64::wrapping_add));
        hasher.write_usize(state.messages.len());
        hasher.finish()
    }

    fn finding(&self) -> Option<Finding> {
        self.state().finding.as_deref().cloned()
    }

    fn finding_at_rest(&mut self) -> Option<Finding> {
        let state = &self.states[self.present];
        self.earnest.finding_at_rest(self.demands.at_rest(), state, &self.tables)
    }

    fn ruling(&self, guarantee: Guarantee) -> &Ruling {
        self.earnest.judges.ruling(guarantee)
    }

    fn relieve(&mut self) -> bool {
        if !self.tables.is_full() {
            return false;
        }
        self.tables = Tables::new();
        self.states[0] = self.earnest.beginning(&mut self.tables);
        self.present = 0;
        true
    }
}
