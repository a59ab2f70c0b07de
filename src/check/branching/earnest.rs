//! Steps taken in earnest: a simulation and its judges, into which the parts of a state are loaded.

use std::hash::Hasher;

use super::branches::State;
use super::tables::{Common, Id, Message, Outcome, Tables};
use crate::check::court::Court;
use crate::check::demands::Demands;
use crate::check::memory::Memory;
use crate::check::panics::catching;
use crate::check::trial::{Finding, finding};
use crate::id::{NodeId, OpId};
use crate::model::Cluster;
use crate::world::fingerprint::{Fingerprinter, fingerprint};
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

/// The world and the judges, and which parts they hold now.
pub(super) struct Earnest<'s, S: System> {
    simulation: Simulation<'s, S>,
    pub(super) court: Court<S::Clock>,
    loaded: State,
    cluster: Cluster,
    /// What judges remember who were told nothing.
    nothing: Memory<S::Clock>,
}

/// No part.
const NONE: Id = Id::MAX;

impl<'s, S: System> Earnest<'s, S> {
    pub(super) fn new(system: &'s S, cluster: Cluster, keys: usize, demands: Demands) -> Self {
        let simulation = Simulation::new(system, cluster, keys);
        let court = Court::new(cluster, System::data_type(system), demands).stopping_at_first();
        let nothing = court.memory();
        Self { simulation, court, loaded: State::default(), cluster, nothing }
    }

    pub(super) const fn simulation(&self) -> &Simulation<'s, S> {
        &self.simulation
    }

    /// The state at the beginning of every run.
    pub(super) fn beginning(&mut self, tables: &mut Tables<S>) -> State {
        self.simulation.reset();
        self.simulation.set_messages(std::iter::empty());
        self.court.recall(&self.nothing);
        let nodes = self.cluster.node_ids().map(|node| self.node(node, tables)).collect();
        let common = self.common(tables);
        self.loaded = State { common, nodes, ..State::default() };
        self.loaded.clone()
    }

    /// Nothing that is loaded is to be trusted.
    pub(super) fn unload(&mut self) {
        self.loaded.common = NONE;
        self.loaded.nodes.fill(NONE);
        self.loaded.records.fill(NONE);
    }

    /// Acts on a state: what became of its parts, or what is wrong.
    pub(super) fn act(
        &mut self,
        act: Act<'_>,
        state: &State,
        concerned: Option<Id>,
        tables: &mut Tables<S>,
    ) -> Result<Outcome, Finding> {
        self.load(state, tables);
        let message = concerned.map(|id| tables.messages.part(id).in_transit.clone());
        self.simulation.set_messages(message.into_iter());
        let (simulation, court) = (&mut self.simulation, &mut self.court);
        let panicked = catching(|| match act {
            Act::Step(step) => simulation.step(step, court),
            Act::Lose(op, name) => simulation.lose_in_flight(op, name),
        });
        self.judged(panicked.err())?;
        Ok(self.outcome(state, tables))
    }

    /// Brings a state to rest: what is wrong then.
    pub(super) fn finding_at_rest(
        &mut self,
        read_rounds: bool,
        state: &State,
        tables: &Tables<S>,
    ) -> Option<Finding> {
        self.load(state, tables);
        let messages = state.messages.iter().map(|id| tables.messages.part(*id).in_transit.clone());
        self.simulation.set_messages(messages);
        let (simulation, court) = (&mut self.simulation, &mut self.court);
        let panicked = catching(|| simulation.settle(read_rounds, court));
        let found = self.judged(panicked.err()).err();
        self.unload();
        found
    }

    fn judged(&mut self, panicked: Option<String>) -> Result<(), Finding> {
        let whole = panicked.is_none() && !self.simulation.tally().storm;
        if whole && self.court.broken().is_empty() {
            return Ok(());
        }
        self.unload();
        finding(&self.court, self.simulation.tally(), panicked).map_or(Ok(()), Err)
    }

    /// Loads what is not loaded already.
    fn load(&mut self, state: &State, tables: &Tables<S>) {
        if self.loaded.common != state.common {
            let Common { world, memory } = tables.common.part(state.common);
            self.simulation.set_common_part(world);
            self.court.recall(memory);
            self.loaded.common = state.common;
        }
        for (at, (loaded, wanted)) in self.loaded.nodes.iter_mut().zip(&state.nodes).enumerate() {
            if loaded != wanted {
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

    /// What has become of the parts of a state.
    fn outcome(&mut self, before: &State, tables: &mut Tables<S>) -> Outcome {
        let mut outcome = Outcome { common: self.common(tables), ..Outcome::default() };
        self.loaded.common = outcome.common;
        for node in self.simulation.take_changed().iter() {
            let id = self.node(node, tables);
            self.loaded.nodes[node.index()] = id;
            if before.nodes[node.index()] != id {
                outcome.nodes.push((node.index() as u16, id));
            }
        }
        self.loaded.records.resize(self.simulation.operations(), NONE);
        for at in 0..self.simulation.operations() {
            let part = self.simulation.record_part(OpId::at(at));
            let identity = part.identity();
            let id = tables.records.number(part, identity, |part| part.print());
            self.loaded.records[at] = id;
            if before.records.get(at) != Some(&id) {
                outcome.records.push((at as u16, id));
            }
        }
        for in_transit in self.simulation.take_messages() {
            let (op, name, print) = (in_transit.op(), in_transit.name(), in_transit.print());
            outcome.sent.push(tables.messages.number(Message { op, name, in_transit }, print, |_| print));
        }
        outcome
    }

    fn node(&self, node: NodeId, tables: &mut Tables<S>) -> Id {
        let part = self.simulation.node_part(node);
        let print = fingerprint(&part);
        tables.nodes.number(part, print, |_| print)
    }

    fn common(&self, tables: &mut Tables<S>) -> Id {
        let common = Common { world: self.simulation.common_part(), memory: self.court.memory() };
        let mut hasher = Fingerprinter::default();
        std::hash::Hash::hash(&(&common.world, &common.memory), &mut hasher);
        let print = hasher.finish();
        tables.common.number(common, print, |_| print)
    }
}
