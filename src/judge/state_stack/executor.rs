//! Executes steps: loads the parts of a state into a simulation and its judges.

use super::interner::{Clients, Course, Environment, Id, Tables};
use super::stack::StackedState;
use super::transition_cache::Transition;
use crate::id::{NodeId, OpId};
use crate::judge::demands::Demands;
use crate::judge::judges::Judges;
use crate::judge::memory::{SessionsMemory, StampsMemory};
use crate::judge::panics::catching;
use crate::judge::trial::{Finding, finding};
use crate::model::Cluster;
use crate::world::components::{InTransit, Of, Reads};
use crate::world::fingerprint::fingerprint;
use crate::world::held_messages::InFlight;
use crate::world::schedule::{MessageName, Step};
use crate::world::simulation::Simulation;
use crate::world::system::System;

/// What can be done to a state.
#[derive(Clone, Copy)]
pub(super) enum Act<'a> {
    /// A step is taken.
    Step(&'a Step),
    /// A message is lost.
    Lose(OpId, MessageName),
}

/// The world and the judges, and the parts that they hold now.
pub(super) struct Earnest<'s, S: System> {
    simulation: Simulation<'s, S>,
    pub(super) judges: Judges<S::Clock>,
    loaded: StackedState,
    cluster: Cluster,
    /// The memory of judges that were told nothing.
    nothing: (SessionsMemory, StampsMemory<S::Clock>),
}

/// No part.
const NONE: Id = Id::MAX;

impl<'s, S: System> Earnest<'s, S> {
    pub(super) fn new(system: &'s S, cluster: Cluster, keys: usize, demands: Demands) -> Self {
        let simulation = Simulation::new(system, cluster, keys);
        let judges = Judges::new(cluster, System::data_type(system), demands).stopping_at_first();
        let nothing = (judges.sessions_memory(), judges.stamps_memory());
        Self { simulation, judges, loaded: StackedState::default(), cluster, nothing }
    }

    pub(super) const fn simulation(&self) -> &Simulation<'s, S> {
        &self.simulation
    }

    /// The state at the beginning of every run.
    pub(super) fn beginning(&mut self, tables: &mut Tables<S>) -> StackedState {
        self.simulation.reset();
        self.simulation.set_messages(std::iter::empty());
        let (sessions, stamps) = &self.nothing;
        self.judges.recall_sessions(sessions);
        self.judges.recall_stamps(stamps);
        self.judges.absolve();
        let nodes = self.cluster.node_ids().map(|node| self.node(node, tables)).collect();
        let (clients, environment) = (self.clients(tables), self.environment(tables));
        self.loaded = StackedState { clients, environment, nodes, ..StackedState::default() };
        self.loaded.clone()
    }

    /// Trusts no loaded part any more, so that every part is loaded anew.
    pub(super) fn unload(&mut self) {
        (self.loaded.clients, self.loaded.environment) = (NONE, NONE);
        self.loaded.nodes.fill(NONE);
        self.loaded.records.fill(NONE);
    }

    /// Executes an act; returns the changed parts, and what is wrong. Client state is interned again only if the act
    /// reads clients, or a judge met a new stamp.
    pub(super) fn act(
        &mut self,
        act: Act<'_>,
        reads: Reads,
        state: &StackedState,
        concerned: Option<Id>,
        tables: &mut Tables<S>,
    ) -> (Transition, Option<Finding>) {
        self.load(state, reads.nodes, tables);
        let met = self.judges.stamps_met();
        let message = concerned.map(|id| tables.messages.part(id).clone());
        self.simulation.set_messages(message.into_iter());
        let (simulation, judges) = (&mut self.simulation, &mut self.judges);
        let panicked = catching(|| match act {
            Act::Step(step) => simulation.step(step, judges),
            Act::Lose(op, name) => simulation.lose_in_flight(op, name),
        });
        let clients = reads.clients || self.judges.stamps_met() > met;
        let outcome = self.outcome(Reads { clients, ..reads }, state, tables);
        (outcome, self.judged(panicked.err()))
    }

    /// Brings a state to rest; returns what is wrong then, if anything.
    pub(super) fn finding_at_rest(
        &mut self,
        read_rounds: bool,
        state: &StackedState,
        tables: &Tables<S>,
    ) -> Option<Finding> {
        self.load(state, Of::All, tables);
        let messages = state.messages.iter().map(|id| tables.messages.part(*id).clone());
        self.simulation.set_messages(messages);
        let (simulation, judges) = (&mut self.simulation, &mut self.judges);
        let panicked = catching(|| simulation.settle(read_rounds, judges));
        let found = self.judged(panicked.err());
        self.unload();
        found
    }

    fn judged(&mut self, panicked: Option<String>) -> Option<Finding> {
        let whole = panicked.is_none() && !self.simulation.tally().storm;
        if whole && self.judges.broken().is_empty() {
            return None;
        }
        self.unload();
        finding(&self.judges, self.simulation.tally(), panicked)
    }

    /// Loads the parts that are not loaded already. Loads only these nodes, because the act reads no others.
    fn load(&mut self, state: &StackedState, nodes: Of<NodeId>, tables: &Tables<S>) {
        if self.loaded.clients != state.clients {
            let Clients { world, memory } = tables.clients.part(state.clients);
            self.simulation.set_clients_part(world);
            self.judges.recall_sessions(memory);
            self.loaded.clients = state.clients;
        }
        if self.loaded.environment != state.environment {
            let Environment { world, memory } = tables.environments.part(state.environment);
            self.simulation.set_environment_part(world);
            self.judges.recall_stamps(memory);
            self.loaded.environment = state.environment;
        }
        self.judges.absolve();
        for (at, (loaded, wanted)) in self.loaded.nodes.iter_mut().zip(&state.nodes).enumerate() {
            let is_needed = match nodes {
                Of::None => *loaded == NONE,
                Of::One(node) => node.index() == at || *loaded == NONE,
                Of::All => true,
            };
            if is_needed && loaded != wanted {
                self.simulation.set_node_part(NodeId::at(at), tables.nodes.part(*wanted));
                *loaded = *wanted;
            }
        }
        self.simulation.keep_operations(state.records.len());
        self.loaded.records.resize(state.records.len(), NONE);
        for (at, (loaded, wanted)) in self.loaded.records.iter_mut().zip(&state.records).enumerate() {
            if loaded != wanted {
                self.simulation.set_record_part(OpId::at(at), tables.records.part(*wanted));
                *loaded = *wanted;
            }
        }
        self.simulation.take_changed();
    }

    /// The parts of a state that a step changed, given the parts that it read.
    fn outcome(&mut self, reads: Reads, before: &StackedState, tables: &mut Tables<S>) -> Transition {
        let mut outcome = Transition::default();
        if reads.clients {
            self.loaded.clients = self.clients(tables);
            outcome.clients = Some(self.loaded.clients);
        }
        if reads.environment {
            self.loaded.environment = self.environment(tables);
            outcome.environment = Some(self.loaded.environment);
        }
        for node in self.simulation.take_changed().iter() {
            let id = self.node(node, tables);
            self.loaded.nodes[node.index()] = id;
            if before.nodes[node.index()] != id {
                outcome.nodes.push([node.index() as u32, id]);
            }
        }
        self.loaded.records.resize(self.simulation.operations(), NONE);
        for at in 0..self.simulation.operations() {
            let part = self.simulation.record_part(OpId::at(at));
            let identity = part.identity();
            let id = tables.records.number(part, identity, |part| (part.print(), Course::of(part)));
            self.loaded.records[at] = id;
            if before.records.get(at) != Some(&id) {
                outcome.records.push([at as u32, id]);
            }
        }
        for in_transit in self.simulation.take_messages() {
            let print = in_transit.print();
            let glance = |sent: &InTransit<S::Body>| InFlight {
                op: sent.op(),
                name: sent.name(),
                to: sent.to(),
                doubled: false,
            };
            outcome.sent.push(tables.messages.number(in_transit, print, |sent| (print, glance(sent))));
        }
        outcome
    }

    fn node(&self, node: NodeId, tables: &mut Tables<S>) -> Id {
        let part = self.simulation.node_part(node);
        let print = fingerprint(&part);
        tables.nodes.number(part, print, |_| (print, ()))
    }

    fn clients(&self, tables: &mut Tables<S>) -> Id {
        let part = Clients { world: self.simulation.clients_part(), memory: self.judges.sessions_memory() };
        let print = fingerprint(&(&part.world, &part.memory));
        tables.clients.number(part, print, |_| (print, ()))
    }

    fn environment(&self, tables: &mut Tables<S>) -> Id {
        let part =
            Environment { world: self.simulation.environment_part(), memory: self.judges.stamps_memory() };
        let print = fingerprint(&(&part.world, &part.memory));
        tables.environments.number(part, print, |_| (print, ()))
    }
}
